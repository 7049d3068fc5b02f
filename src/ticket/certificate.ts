/** What is certified about a ticket before and after it trains. The field's most repeated bug is a wrong mask or rewind. */
import { type Arrays, firstDifference, get, pick } from '../array.js';
import { UserError } from '../check.js';
import { applyMask, isSubMask, kept, type Mask, maskable } from '../mask.js';

export interface Evidence {
  readonly level: number;
  readonly mask: Mask;
  /** The mask of the level before, over the same parameters; absent at level 0. Grown parameters are left out. */
  readonly parentMask?: Mask;
  /** Kept weights that were asked for. */
  readonly expectedKept: number;
  /** What the weights must start from, tensor by tensor (rewinding point, or trained weights where they are kept). */
  readonly origin: Arrays;
  /** The weights that the trainer held before the first update, read back from it. */
  readonly start: Arrays;
  /** The optimizer's slots at that moment. */
  readonly startSlots: Arrays;
  /** After training. */
  readonly trained: Arrays;
  /** How often pruned weights were found to be 0 while training. */
  readonly maskChecks: number;
  /** Where training changed the mask. */
  readonly moved?: MovedMask;
}

/** How training changed a mask. */
export interface MovedMask {
  /** The mask at its end. */
  readonly mask: Mask;
  /** How often it changed. */
  readonly updates: number;
  /** Where training pruned: weights of each layer at the end, all of them of the first mask. Default: as many as at the start, anywhere. */
  readonly keep?: Readonly<Record<string, number>>;
}

/** A finding for the run's record. */
export interface Certificate {
  readonly level: number;
  readonly kept: number;
  readonly prunable: number;
  readonly checks: Readonly<Record<string, string>>;
  readonly [name: string]: Json;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * Certifies one level: the mask only shrank, holds exactly the weights asked for, the start is bit-equal to the origin for every
 * tensor (biases and BatchNorm statistics too), the optimizer's slots started at 0, and pruned weights are exactly 0 at the end. Where
 * connections moved, the end is that of the last mask, which holds as many weights in every layer; where training pruned, the last mask
 * holds what each layer was to keep, and nothing that the first one did not.
 * @throws UserError that names the first thing that is not so
 */
export function certify(evidence: Evidence): Certificate {
  const { level, mask, parentMask, expectedKept, origin, start, startSlots, trained, maskChecks, moved } = evidence;
  const failed = (what: string): UserError =>
    new UserError(`certificate of level ${level} failed: ${what}; this is a bug, please report it`);
  const count = kept(mask);
  if (count !== expectedKept) throw failed(`the mask keeps ${count} weights, ${expectedKept} were asked for`);
  if (parentMask !== undefined && !isSubMask(pick(mask, Object.keys(parentMask)), parentMask))
    throw failed('the mask keeps a weight that its parent had pruned');
  const different = firstDifference(start, applyMask(origin, mask));
  if (different !== undefined) throw failed(`'${different}' did not start at its origin`);
  for (const [name, { values }] of Object.entries(startSlots)) {
    if (values.some((v) => v !== 0)) throw failed(`the optimizer's '${name}' did not start at 0`);
  }
  const changes = moved && changesOf(mask, moved, failed);
  const alive = prunedButNotZero(trained, moved?.mask ?? mask);
  if (alive !== undefined) throw failed(`'${alive}' holds a pruned weight that is not 0`);
  return {
    level,
    kept: count,
    prunable: maskable(mask),
    checks: {
      'pruned weights are 0': `at the end and at ${maskChecks} moments of training`,
      'mask only shrinks': parentMask === undefined ? 'no parent mask' : 'subset of its parent',
      'kept as asked': `${count} weights`,
      'start equals origin': `${Object.keys(start).length} tensors, bit by bit`,
      'optimizer starts at 0': `${Object.keys(startSlots).length} slots`,
      ...changes,
    },
  };
}

/** What was found about a mask that changed. */
function changesOf(before: Mask, { mask, updates, keep }: MovedMask, failed: (what: string) => UserError): Record<string, string> {
  const layers = Object.keys(before);
  const counts = (m: Mask, name: string): number => kept(pick(m, [name]));
  if (keep === undefined) {
    const changed = layers.find((name) => counts(before, name) !== counts(mask, name));
    if (changed !== undefined) throw failed(`'${changed}' does not keep as many weights at the end of training as at its start`);
    return { 'layers keep their counts': `${layers.length} layers through ${updates} mask updates` };
  }
  const other = layers.find((name) => counts(mask, name) !== keep[name]);
  if (other !== undefined) throw failed(`'${other}' ends with ${counts(mask, other)} weights, ${keep[other]} were asked for`);
  if (!isSubMask(mask, before)) throw failed('the mask at the end of training keeps a weight that was pruned at its start');
  return { 'layers end as asked': `${kept(mask)} weights in ${layers.length} layers after ${updates} prunings, all of the first mask` };
}

function prunedButNotZero(weights: Arrays, mask: Mask): string | undefined {
  return Object.entries(mask).find(([name, { values }]) => {
    const w = get(weights, name).values;
    return values.some((m, i) => m === 0 && w[i] !== 0);
  })?.[0];
}

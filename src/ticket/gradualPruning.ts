/** Gradual pruning in one training: dense at first, sparser and sparser as it goes. Zhu & Gupta 2017, arXiv:1710.01878. */
import { mapArrays, pick } from '../array.js';
import { missing } from '../check.js';
import { applyMask, kept, type Mask } from '../mask.js';
import { type GradualOptions, gradualDensity } from '../prune/gradualDensity.js';
import { prune } from '../prune/prune.js';
import type { PausingTraining } from '../train/train.js';
import { carriedSlots } from './carriedSlots.js';

export interface GradualPruningOptions extends Omit<GradualOptions, 'density' | 'initial'> {
  /** Weights that each layer keeps in the end; the schedule of a layer leads to them. */
  readonly keep: Readonly<Record<string, number>>;
}

/** One pruning on the way. */
export interface GradualPruningStep {
  /** Updates of weights so far. */
  readonly step: number;
  /** Weights that went. */
  readonly removed: number;
  /** The mask from here on. */
  readonly mask: Mask;
}

/**
 * Yields each pruning once it is made, and returns what the training returns. At each pause every layer is cut, by magnitude, to its
 * size times the density that `gradualDensity` gives for its own final density (of what goes, halves are rounded up); from the last
 * pruning on it holds exactly the weights asked for, and at least one. What was pruned stays out, so masks only shrink; all else goes
 * on, the optimizer's slots too.
 * @param training see `trainInParts`: dense at its start, with a pause at each pruning, the last one too
 * @throws UserError if `keep` names no number for a layer, or more than it holds
 * @example
 * ```ts
 * const pauses = maskUpdateSteps(100, 1500); // 14 of them, the last one at 1,400
 * const training = trainInParts(trainer, { ...request, pauses: pauses.map((pause) => `${pause}it`) });
 * for await (const { step, mask } of gradualPruning({ keep, every: 100, prunings: 14 }, training)) console.log(step, density(mask));
 * ```
 */
export async function* gradualPruning<Result>(
  { keep, ...schedule }: GradualPruningOptions,
  training: PausingTraining<Result>,
): AsyncGenerator<GradualPruningStep, Result> {
  let next = await training.next();
  while (!next.done) {
    const { step, mask, weights, slots } = next.value;
    const densities = Object.fromEntries(
      Object.entries(mask).map(([name, { values }]) => {
        const density = keepOf(keep, name) / Math.max(1, values.length);
        return [name, gradualDensity({ ...schedule, density })(step)];
      }),
    );
    const scores = mapArrays(pick(weights, Object.keys(mask)), Math.abs);
    const smaller = prune(mask, scores, { amount: { densities } });
    // First told, then trained on: a checkpoint of what follows must have it in its rows.
    yield { step, removed: kept(mask) - kept(smaller), mask: smaller };
    next = await training.next({ mask: smaller, weights: applyMask(weights, smaller), slots: carriedSlots(slots, mask, smaller) });
  }
  return next.value;
}

function keepOf(keep: Readonly<Record<string, number>>, name: string): number {
  const count = Object.hasOwn(keep, name) ? keep[name] : undefined;
  if (count === undefined) throw missing(`number of weights that '${name}' keeps`, 'gradual pruning needs one for every prunable layer');
  return count;
}

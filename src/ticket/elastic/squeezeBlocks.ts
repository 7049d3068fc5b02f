import { checkCount, invalid, UserError, unknown } from '../../check.js';
import type { StageMapping } from './mapping.js';

/** Which blocks go: `consecutive` the last ones, `alternating` every other one. */
export type SqueezeOrder = 'consecutive' | 'alternating';

export interface SqueezeOptions {
  /** Default consecutive. */
  readonly order?: SqueezeOrder;
  /** Whether block 0 leads the stage and must stay. Default true. */
  readonly leads?: boolean;
  /** Exactly these are dropped, early ones too; for ablations. Default: by the order. */
  readonly drop?: readonly number[];
}

/**
 * A stage of fewer blocks out of one of more. By the rule of the paper blocks go one after the other or every other one, which does not
 * matter much, but never all early ones, which does: here `consecutive` drops from the end, and `alternating` every second from the
 * end, once more where that is not enough, so that the earliest blocks stay in both. Chen et al. 2021.
 * @throws UserError if a block must go that leads its stage, or `drop` has another number of blocks than must go, or for an unknown
 * order
 * @example squeezeBlocks(5, 3) // => [0, 1, 2]
 * @example squeezeBlocks(5, 3, { order: 'alternating' }) // => [0, 1, 3]
 * @example squeezeBlocks(3, 2, { drop: [1] }) // => [0, 2]
 */
export function squeezeBlocks(
  source: number,
  target: number,
  { order = 'consecutive', leads = true, drop }: SqueezeOptions = {},
): StageMapping {
  if (order !== 'consecutive' && order !== 'alternating')
    throw unknown('order of squeezing', String(order), ['consecutive', 'alternating']);
  checkCount('blocks of the target', target, 1);
  if (checkCount('blocks of the source', source, 1) < target)
    throw invalid('blocks of the source', `at least the target's ${target}`, source);
  const all = Array.from({ length: source }, (_, i) => i);
  if (drop !== undefined && source > target) {
    const gone = new Set(drop);
    for (const block of gone) {
      if (!all.includes(block)) throw invalid('block to drop', `one of 0 to ${source - 1}`, block);
      if (leads && block === 0) throw new UserError('cannot drop block 0: it leads its stage, whose shape it brings in');
    }
    if (gone.size !== source - target) throw invalid('blocks to drop', `${source - target} of ${source}`, [...gone].join(', ') || 'none');
    return all.filter((block) => !gone.has(block));
  }
  if (order === 'consecutive') return all.slice(0, target);
  let left = leads ? all.slice(1) : all;
  const wanted = leads ? target - 1 : target;
  while (left.length > wanted) {
    const round = left;
    const gone = new Set<number>();
    // From the end, and never the first of those that are left, unless nothing else is.
    for (let i = round.length - 1; i >= Math.min(1, wanted) && gone.size < left.length - wanted; i -= 2) gone.add(round[i] as number);
    left = round.filter((block) => !gone.has(block));
  }
  return leads ? [0, ...left] : left;
}

import { checkCount, invalid, UserError, unknown } from '../../check.js';
import type { StageMapping } from './mapping.js';

/** Where copies go: `append` repeats the row (B0 B1 B2 B1 B2), `interpolate` puts copies side by side (B0 B1 B1 B2 B2). */
export type StretchOrder = 'append' | 'interpolate';

export interface StretchOptions {
  /** Default append. */
  readonly order?: StretchOrder;
  /** Whether block 0 leads the stage and stands there once. Default true. */
  readonly leads?: boolean;
  /** Only these blocks are copied, in turn; for ablations. Default: all that may be. */
  readonly replicate?: readonly number[];
}

/**
 * A stage of more blocks out of one of fewer, by the rule of the paper: more unique blocks fewer times, and where not all can be copied
 * equally often, the earlier ones once more. Chen et al. 2021.
 * @param source blocks that are there
 * @param target blocks that are wanted
 * @throws UserError if there is nothing that may be copied, or for an unknown order
 * @example stretchBlocks(3, 5) // => [0, 1, 2, 1, 2]
 * @example stretchBlocks(3, 5, { order: 'interpolate' }) // => [0, 1, 1, 2, 2]
 * @example stretchBlocks(5, 7) // => [0, 1, 2, 3, 4, 1, 2]
 */
export function stretchBlocks(
  source: number,
  target: number,
  { order = 'append', leads = true, replicate }: StretchOptions = {},
): StageMapping {
  if (order !== 'append' && order !== 'interpolate') throw unknown('order of stretching', String(order), ['append', 'interpolate']);
  checkCount('blocks of the source', source, 1);
  if (checkCount('blocks of the target', target, 1) < source)
    throw invalid('blocks of the target', `at least the source's ${source}`, target);
  const all = Array.from({ length: source }, (_, i) => i);
  const movable = leads ? all.slice(1) : all;
  if (target === source) return all;
  const chosen = [...new Set(replicate ?? movable)].sort((a, b) => a - b);
  for (const block of chosen) {
    if (!all.includes(block)) throw invalid('block to replicate', `one of 0 to ${source - 1}`, block);
    if (!movable.includes(block))
      throw new UserError(`cannot replicate block ${block}: it leads its stage, whose shape it brings in, and stands there once`);
  }
  if (chosen.length === 0)
    throw new UserError(
      `cannot stretch ${source} to ${target} blocks: there is no block besides the one that leads the stage; take a deeper source`,
    );
  const extra = Array.from({ length: target - source }, (_, i) => chosen[i % chosen.length] as number);
  return order === 'append' ? [...all, ...extra] : [...all, ...extra].sort((a, b) => a - b);
}

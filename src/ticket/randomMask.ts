import { get, mapEach } from '../array.js';
import { checkCount, invalid } from '../check.js';
import { kept, type Mask, maskable } from '../mask.js';
import { type Allocation, allocate } from '../prune/allocation.js';
import { permutation, type Random } from '../random.js';

export interface RandomMaskOptions {
  /** How many weights the whole mask keeps. Default: as many as the given mask. */
  readonly keep?: number;
  /** How they are shared among layers: `global` (every weight with the same chance, the default), or the shares of `prune`. */
  readonly allocation?: Allocation | 'global';
}

/**
 * A mask for the same parameters that keeps exactly `keep` weights, drawn at random; of the given mask only shapes and the default of
 * `keep` are used. For the same count in every layer use `shuffleMask`. Cost O(n).
 * @throws UserError if `keep` is more than the mask holds (or, shared among layers, less than one a layer)
 */
export function randomMask(mask: Mask, random: Random, { keep = kept(mask), allocation = 'global' }: RandomMaskOptions = {}): Mask {
  checkCount('number of weights to keep', keep);
  if (keep > maskable(mask)) throw invalid('number of weights to keep', `at most ${maskable(mask)}`, keep);
  if (allocation === 'global') {
    const all = draw(maskable(mask), keep, random);
    let start = 0;
    return mapEach(mask, ({ shape, values }) => {
      start += values.length;
      return { shape, values: all.slice(start - values.length, start) };
    });
  }
  const shapes = Object.fromEntries(Object.keys(mask).map((name) => [name, get(mask, name).shape]));
  const counts = allocate(shapes, keep, allocation);
  return mapEach(mask, ({ shape, values }, name) => ({ shape, values: draw(values.length, counts[name] as number, random) }));
}

function draw(n: number, keep: number, random: Random): Uint8Array {
  const values = new Uint8Array(n);
  for (const i of permutation(n, random).subarray(0, keep)) values[i] = 1;
  return values;
}

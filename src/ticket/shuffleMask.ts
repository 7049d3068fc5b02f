import { mapEach } from '../array.js';
import type { Mask } from '../mask.js';
import { permutation, type Random } from '../random.js';

/**
 * The mask with the entries of each parameter in random order: as many kept weights a layer, at other places. The control that asks
 * whether it matters which weights a ticket keeps, or only how many where (Frankle et al. 2021, arXiv:2009.08576). Cost O(n).
 */
export function shuffleMask(mask: Mask, random: Random): Mask {
  return mapEach(mask, ({ shape, values }) => {
    const order = permutation(values.length, random);
    return { shape, values: values.map((_, i) => values[order[i] as number] as number) };
  });
}

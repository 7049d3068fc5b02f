import { type Arrays, get } from '../array.js';
import type { Mask } from '../mask.js';

/**
 * |a - b| / |a| over the masked parameters, of the kept weights or of all: how far a pruned network's training strays from that of the
 * full one (arXiv:2003.05733, figure 3). NaN where the full network's weights are all 0.
 */
export function relativeDistance(full: Arrays, pruned: Arrays, mask: Mask, of: 'kept' | 'all' = 'kept'): number {
  let [off, size] = [0, 0];
  for (const [name, { values }] of Object.entries(mask)) {
    const [a, b] = [get(full, name).values, get(pruned, name).values];
    for (let i = 0; i < values.length; i++) {
      if (of === 'kept' && values[i] !== 1) continue;
      off += ((a[i] as number) - (b[i] as number)) ** 2;
      size += (a[i] as number) ** 2;
    }
  }
  return Math.sqrt(off / size);
}

import { type NdArray, ndArray } from '../../array.js';
import { axisBasis } from './axisBasis.js';
import type { Basis } from './basis.js';

/**
 * Haar wavelets on n points as a matrix [n, n]: the constant, then for each range its left half against its right, from coarse to
 * fine. A range of odd length is cut one off its middle, and a wavelet on a left part of a and a right part of b points is
 * sqrt(b / (a (a + b))) on the one and -sqrt(a / (b (a + b))) on the other (the unbalanced wavelets of Girardi & Sweldens 1997), so
 * the matrix is orthonormal for every n without padding, and Haar's own where n is a power of two.
 * @example haarMatrix(4).values.slice(4, 12) // => Float32Array.from([0.5, 0.5, -0.5, -0.5, Math.SQRT1_2, -Math.SQRT1_2, 0, 0])
 */
export function haarMatrix(n: number): NdArray {
  const values = new Float32Array(n * n).fill(1 / Math.sqrt(n), 0, n);
  let row = 1;
  let ranges: (readonly [from: number, to: number])[] = [[0, n]];
  while (ranges.length > 0) {
    const finer: (readonly [number, number])[] = [];
    for (const [from, to] of ranges) {
      if (to - from < 2) continue;
      const middle = from + Math.ceil((to - from) / 2);
      const [a, b] = [middle - from, to - middle];
      values.fill(Math.sqrt(b / (a * (a + b))), row * n + from, row * n + middle);
      values.fill(-Math.sqrt(a / (b * (a + b))), row * n + middle, row * n + to);
      row++;
      finer.push([from, middle], [middle, to]);
    }
    ranges = finer;
  }
  return ndArray([n, n], values);
}

/** Steps of all sizes at all places: local, where cosine waves are spread out. */
export const haar: Basis = {
  summary: 'Haar wavelets over pixels and inside kernels, for any size',
  source: 'Haar 1910; uneven halves: Girardi & Sweldens 1997',
  axes: ['pixels', 'kernels'],
  needs: [],
  coordinates: (kernel, context) => axisBasis(kernel, context, (n) => [haarMatrix(n)]),
};

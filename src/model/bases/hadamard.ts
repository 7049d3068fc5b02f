import { type NdArray, ndArray } from '../../array.js';
import { axisBasis } from './axisBasis.js';
import type { Basis } from './basis.js';

/**
 * A matrix [n, n] of Hadamard blocks along the diagonal, their sizes the powers of two that n is the sum of, the largest first: 28 is
 * 16 + 8 + 4. A block of m has entries +-1 / sqrt(m) (Sylvester's construction), so the matrix is orthonormal for every n, without
 * padding, and the Hadamard matrix itself where n is a power of two.
 * @example hadamardMatrix(3).values.slice(6) // => new Float32Array([0, 0, 1])
 */
export function hadamardMatrix(n: number): NdArray {
  const values = new Float32Array(n * n);
  for (let start = 0; start < n; ) {
    const block = 2 ** Math.floor(Math.log2(n - start));
    for (let i = 0; i < block; i++)
      for (let j = 0; j < block; j++) values[(start + i) * n + start + j] = (oddBits(i & j) ? -1 : 1) / Math.sqrt(block);
    start += block;
  }
  return ndArray([n, n], values);
}

function oddBits(bits: number): boolean {
  let odd = false;
  for (let rest = bits; rest > 0; rest &= rest - 1) odd = !odd;
  return odd;
}

/** Sums and differences of many weights at once, along all axes: spread out as far as can be, and without geometry. */
export const hadamard: Basis = {
  summary: 'Hadamard transform of all axes, in blocks of powers of two: every coefficient a sum of many weights with signs',
  source: 'Sylvester 1867',
  axes: ['pixels', 'kernels', 'inputs', 'outputs'],
  needs: [],
  coordinates: (kernel, context) => axisBasis(kernel, context, (n) => [hadamardMatrix(n)]),
};

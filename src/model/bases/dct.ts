import { type NdArray, ndArray } from '../../array.js';
import { axisBasis } from './axisBasis.js';
import type { Basis } from './basis.js';

/**
 * The orthonormal discrete cosine transform of type II as a matrix [n, n]: row k is s_k cos(pi (2 i + 1) k / 2n) over i, with
 * s_0 = sqrt(1 / n) and s_k = sqrt(2 / n). Ahmed, Natarajan & Rao 1974.
 * @example cosineMatrix(2).values // => Float32Array.from([1, 1, 1, -1], (x) => x * Math.SQRT1_2)
 */
export function cosineMatrix(n: number): NdArray {
  return ndArray(
    [n, n],
    Float32Array.from({ length: n * n }, (_, at) => {
      const [k, i] = [Math.floor(at / n), at % n];
      return Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (2 * i + 1) * k) / (2 * n));
    }),
  );
}

/** Waves over the pixels of the first layer and inside kernels, 2-D: what images are compressed in. */
export const dct: Basis = {
  summary: 'cosine waves over the pixels that a dense layer reads and inside the kernels of convolutions (DCT-II)',
  source: 'arXiv:2107.06825',
  axes: ['pixels', 'kernels'],
  needs: [],
  coordinates: (kernel, context) => axisBasis(kernel, context, (n) => [cosineMatrix(n)]),
};

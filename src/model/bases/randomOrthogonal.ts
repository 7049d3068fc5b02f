import { axisBasis } from './axisBasis.js';
import type { Basis } from './basis.js';
import { randomOrthonormal } from './orthonormal.js';

/** Up to this size an axis gets one matrix; a longer one the Kronecker product of two. */
const WHOLE = 32;

/**
 * The factors of n nearest to its root, larger one last; n itself where it is small or prime.
 * @example twoFactors(300) // => [15, 20]
 * @example twoFactors(28) // => [28]
 */
export function twoFactors(n: number): number[] {
  if (n <= WHOLE) return [n];
  for (let a = Math.floor(Math.sqrt(n)); a > 1; a--) if (n % a === 0) return [a, n / a];
  return [n];
}

/**
 * Random directions: each axis is rotated by the Q of a seeded Gaussian matrix, a long one by the Kronecker product of two small ones. No
 * coefficient means anything, so what is lost against `canonical` is what the weights as such are worth.
 */
export const randomOrthogonal: Basis = {
  summary: 'random rotations of all axes, Kronecker products of small ones',
  source: 'arXiv:2107.06825',
  axes: ['pixels', 'kernels', 'inputs', 'outputs'],
  needs: [],
  coordinates: (kernel, context) =>
    axisBasis(kernel, context, (n, random) => twoFactors(n).map((factor) => randomOrthonormal(factor, random))),
};

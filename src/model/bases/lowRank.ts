import type { Basis } from './basis.js';
import { singularBases, trainedKernel } from './svd.js';

/**
 * Low rank as sparsity in a basis: coefficients belong to the singular vectors of the trained kernel on its shorter side, and those of
 * one vector go together. A kernel [d, n] that keeps r of them is a product of [d, r] and [r, n], which `factorise` writes as two layers;
 * it holds r (d + n) numbers, so it is smaller only below r = d n / (d + n). The layer of the classes takes no part,
 * since its rank is at most their number.
 */
export const lowRank: Basis = {
  summary: 'whole singular vectors of the trained dense network: kernels become products of two thin ones',
  source: 'arXiv:2107.06825',
  axes: [],
  needs: ['trained'],
  granularity: 'component',
  prunes: ({ last }) => !last,
  coordinates({ name }, { trained }) {
    const { rows, columns, left, right } = singularBases(trainedKernel('lowRank', name, trained));
    return { view: [rows, columns], matrices: rows < columns ? [left(), null] : [null, right()] };
  },
};

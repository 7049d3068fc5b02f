import { missing } from '../../check.js';
import type { Basis } from './basis.js';
import { randomOrthogonal } from './randomOrthogonal.js';

/**
 * w = w0 + P z: coefficients of random directions count from the initial weights, so they start at 0, and a pruned one leaves the weights
 * where they were drawn. With a random mask of k this is training in a random subspace of k dimensions, the control that the intrinsic
 * dimension of Li et al. 2018 (arXiv:1804.08838) is measured with; weight decay pulls towards w0.
 */
export const subspace: Basis = {
  ...randomOrthogonal,
  summary: 'random directions counted from the initial weights: w = w0 + P z',
  source: 'arXiv:1804.08838',
  needs: ['initial'],
  coordinates(kernel, context) {
    if (context.initial === undefined) throw missing(`initial weights of '${kernel.name}'`, 'give those of the dense network');
    return { ...randomOrthogonal.coordinates(kernel, context), offset: context.initial };
  },
};

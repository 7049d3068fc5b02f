import { combine } from './combine.js';
import type { Criterion } from './criterion.js';
import { derivativesOf } from './derivativesOf.js';

/**
 * |w dL/dw|: how much the loss changes, to first order, when the connection is scaled. SNIP, Lee et al. 2019 (arXiv:1810.02340).
 * The paper divides by the sum over all weights, which leaves the ranking as it is. Cost: one gradient.
 */
export const snip: Criterion = {
  summary: '|w dL/dw|, the first-order change of the loss',
  source: 'arXiv:1810.02340',
  needs: ['derivatives'],
  score: async (evidence) => {
    const gradient = await derivativesOf(evidence, 'snip').gradient();
    return combine(evidence.weights, gradient, 'gradient', (w, g) => Math.abs(w * g));
  },
};

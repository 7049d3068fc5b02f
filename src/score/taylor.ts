import { combine } from './combine.js';
import type { Criterion } from './criterion.js';
import { derivativesOf } from './derivativesOf.js';

/**
 * (w dL/dw)^2: the squared first-order change of the loss when the weight is removed. Molchanov et al. 2019 (arXiv:1906.10771).
 * Weight by weight it ranks as SNIP does; summed over a unit or channel it does not. Cost: one gradient.
 */
export const taylor: Criterion = {
  summary: '(w dL/dw)^2, the squared first-order change of the loss',
  source: 'arXiv:1906.10771',
  needs: ['derivatives'],
  score: async (evidence) => {
    const gradient = await derivativesOf(evidence, 'taylor').gradient();
    return combine(evidence.weights, gradient, 'gradient', (w, g) => (w * g) ** 2);
  },
};

import { applyMask } from '../mask.js';
import { combine } from './combine.js';
import type { Criterion } from './criterion.js';
import { derivativesOf } from './derivativesOf.js';

/**
 * w (H g), with g the gradient (of kept weights) and H the Hessian of the loss: what removing the weight takes from the gradient flow |g|^2, to
 * first order and up to a factor of 2. GraSP, Wang et al. 2020 (arXiv:2002.07376).
 *
 * The paper scores -w (H g) and removes the largest; here the sign is turned, so that the larger score is kept. Signed: a
 * negative score means that the gradient flow grows without the weight. The loss is the training loss at temperature 1. The authors'
 * code divides the logits by a temperature of 200 first, which flattens the softmax and weakens the Gauss-Newton part of H against
 * the rest: near in purpose, but not the same ranking; derivatives that were opened with that `temperature` give it.
 * Cost: one gradient and one Hessian product.
 */
export const grasp: Criterion = {
  summary: 'w (H g), what the weight adds to the gradient flow',
  source: 'arXiv:2002.07376',
  needs: ['derivatives'],
  score: async (evidence) => {
    const derivatives = derivativesOf(evidence, 'grasp');
    // Only kept weights carry gradient flow.
    const gradient = applyMask(await derivatives.gradient(), evidence.mask);
    const product = await derivatives.hessianProduct(gradient);
    return combine(evidence.weights, product, 'Hessian product', (w, hg) => w * hg);
  },
};

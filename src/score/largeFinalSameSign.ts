import { combine } from './combine.js';
import type { Criterion } from './criterion.js';

/**
 * max(0, w0 w / |w0|): the size of the weight if it kept the sign of its start, else 0; 0 also where w0 = 0.
 * The best heuristic supermask of Zhou et al. 2019 (arXiv:1905.01067). Cost O(n).
 */
export const largeFinalSameSign: Criterion = {
  summary: '|w| where training kept the sign of w0, else 0',
  source: 'arXiv:1905.01067',
  needs: ['initial'],
  score: ({ weights, initial }) => combine(weights, initial, 'initial weights', (w, w0) => Math.max(0, Math.sign(w0) * w)),
};

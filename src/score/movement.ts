import { combine } from './combine.js';
import type { Criterion } from './criterion.js';

/** |w - w0|: how far training moved the weight from its start. Zhou et al. 2019 (arXiv:1905.01067). Cost O(n). */
export const movement: Criterion = {
  summary: '|w - w0|, how far training moved the weight',
  source: 'arXiv:1905.01067',
  needs: ['initial'],
  score: ({ weights, initial }) => combine(weights, initial, 'initial weights', (w, w0) => Math.abs(w - w0)),
};

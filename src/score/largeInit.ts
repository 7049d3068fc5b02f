import { combine } from './combine.js';
import type { Criterion } from './criterion.js';

/** |w0|: the size of the weight at its start; training is not looked at. Zhou et al. 2019 (arXiv:1905.01067). Cost O(n). */
export const largeInit: Criterion = {
  summary: '|w0|, the size of the weight at its start',
  source: 'arXiv:1905.01067',
  needs: ['initial'],
  score: ({ weights, initial }) => combine(weights, initial, 'initial weights', (_, w0) => Math.abs(w0)),
};

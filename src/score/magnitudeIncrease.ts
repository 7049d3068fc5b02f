import { combine } from './combine.js';
import type { Criterion } from './criterion.js';

/** |w| - |w0|: how much the weight grew, negative where it shrank. Zhou et al. 2019 (arXiv:1905.01067). Cost O(n). */
export const magnitudeIncrease: Criterion = {
  summary: '|w| - |w0|, how much the weight grew',
  source: 'arXiv:1905.01067',
  needs: ['initial'],
  score: ({ weights, initial }) => combine(weights, initial, 'initial weights', (w, w0) => Math.abs(w) - Math.abs(w0)),
};

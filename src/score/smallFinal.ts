import { mapArrays } from '../array.js';
import type { Criterion } from './criterion.js';

/** -|w|: small weights are kept. The reversal that a criterion must beat by far if it means anything. Zhou et al. 2019 (arXiv:1905.01067). Cost O(n). */
export const smallFinal: Criterion = {
  summary: '-|w|, the smallest trained weights are kept',
  source: 'arXiv:1905.01067',
  needs: [],
  score: ({ weights }) => mapArrays(weights, (w) => 0 - Math.abs(w)),
};

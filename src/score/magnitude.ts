import { mapArrays } from '../array.js';
import type { Criterion } from './criterion.js';

/** |w|: small weights are taken to matter least. The criterion of Han et al. 2015 (arXiv:1506.02626) and of the lottery ticket papers. Cost O(n). */
export const magnitude: Criterion = {
  summary: '|w|, the size of the trained weight',
  source: 'arXiv:1506.02626',
  needs: [],
  score: ({ weights }) => mapArrays(weights, Math.abs),
};

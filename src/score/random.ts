import { mapArrays } from '../array.js';
import type { Criterion } from './criterion.js';

/**
 * A uniform number in [0, 1) for each weight, drawn in the order of the names, pruned weights too (so the score of a weight
 * does not depend on the mask). The control that every criterion should beat. Cost O(n).
 */
export const random: Criterion = {
  summary: 'a uniform random number, as a control',
  source: 'control',
  needs: [],
  score: ({ weights, random: draws }) => mapArrays(weights, () => draws.uniform()),
};

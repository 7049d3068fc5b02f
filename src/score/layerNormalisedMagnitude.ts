import { get, mapEach } from '../array.js';
import type { Criterion } from './criterion.js';

/**
 * |w| / mean |w| over the kept weights of the layer, so that layers of unlike scale can be ranked together (scope global).
 * The rule of the boosting tickets' code (arXiv:2003.05733). A layer whose kept weights are all 0 scores 0. Cost O(n).
 */
export const layerNormalisedMagnitude: Criterion = {
  summary: '|w| divided by the mean |w| of its layer',
  source: 'arXiv:2003.05733',
  needs: [],
  score: ({ weights, mask }) =>
    mapEach(weights, ({ shape, values }, name) => {
      const keeps = get(mask, name).values;
      let sum = 0;
      let count = 0;
      for (let i = 0; i < values.length; i++) {
        if (keeps[i] !== 1) continue;
        sum += Math.abs(values[i] as number);
        count++;
      }
      const mean = sum / count;
      return { shape, values: values.map((w, i) => (sum > 0 && keeps[i] === 1 ? Math.abs(w) / mean : 0)) };
    }),
};

import { get, mapEach } from '../array.js';
import { combine } from './combine.js';
import type { Criterion } from './criterion.js';

/**
 * min(a |w|, |w0|): large at the start and at the end. Zhou et al. 2019 (arXiv:1905.01067). The factor a makes the two comparable:
 * here the root mean square of w0 over that of w, both of the kept weights of the layer; 0 where all w are 0. Cost O(n).
 */
export const largeInitFinal: Criterion = {
  summary: 'min(a |w|, |w0|), large at the start and at the end',
  source: 'arXiv:1905.01067',
  needs: ['initial'],
  score: ({ weights, initial, mask }) => {
    const scaled = mapEach(weights, ({ shape, values }, name) => {
      const [start, keeps] = [get(initial, name).values, get(mask, name).values];
      let [before, after] = [0, 0];
      for (let i = 0; i < values.length; i++) {
        if (keeps[i] !== 1) continue;
        before += (start[i] as number) ** 2;
        after += (values[i] as number) ** 2;
      }
      const factor = after > 0 ? Math.sqrt(before / after) : 0;
      return { shape, values: values.map((w) => factor * Math.abs(w)) };
    });
    return combine(scaled, initial, 'initial weights', (w, w0) => Math.min(w, Math.abs(w0)));
  },
};

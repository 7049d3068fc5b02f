import { get, mapEach } from '../../../array.js';
import type { KeptAction } from './keptAction.js';
import { swapped } from './reshuffle.js';

/** The kept weights of each layer swap their starts, positive ones among themselves and negative ones among themselves. */
export const reshuffleSigned: KeptAction = {
  summary: 'starts swapped inside the layer, the sign kept',
  keepsSign: true,
  start: ({ initial, mask, random }) =>
    mapEach(initial, ({ shape, values }, name) => {
      const keeps = get(mask, name).values;
      const positive = swapped(values, (i) => keeps[i] === 1 && (values[i] as number) > 0, random);
      return { shape, values: swapped(positive, (i) => keeps[i] === 1 && (values[i] as number) < 0, random) };
    }),
};

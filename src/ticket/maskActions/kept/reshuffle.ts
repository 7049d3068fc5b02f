import { get, mapEach } from '../../../array.js';
import { permutation, type Random } from '../../../random.js';
import type { KeptAction } from './keptAction.js';

/** The kept weights of each layer swap their starts. */
export const reshuffle: KeptAction = {
  summary: 'starts swapped inside the layer',
  keepsSign: false,
  start: ({ initial, mask, random }) =>
    mapEach(initial, ({ shape, values }, name) => {
      const keeps = get(mask, name).values;
      return { shape, values: swapped(values, (i) => keeps[i] === 1, random) };
    }),
};

/** The values with those at the places that `among` chooses in random order. */
export function swapped(values: Float32Array, among: (index: number) => boolean, random: Random): Float32Array {
  const places = Int32Array.from(values.keys()).filter((i) => among(i));
  const order = permutation(places.length, random);
  const result = values.slice();
  places.forEach((place, k) => {
    result[place] = values[places[order[k] as number] as number] as number;
  });
  return result;
}

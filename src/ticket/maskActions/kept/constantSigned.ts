import { type Arrays, mapArrays } from '../../../array.js';
import type { KeptAction } from './keptAction.js';

/** Kept weights become sign(w0) times the standard deviation of their layer's start. */
export const constantSigned: KeptAction = {
  summary: 'one magnitude a layer, the sign kept',
  keepsSign: true,
  start: ({ initial }) => {
    const magnitude = deviations(initial);
    return mapArrays(initial, (w0, _, name) => Math.sign(w0) * (magnitude[name] as number));
  },
};

/** Standard deviation of the values of each array, pruned or not. */
export function deviations(arrays: Arrays): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { values }]) => {
      const mean = values.reduce((sum, w) => sum + w, 0) / values.length;
      return [name, Math.sqrt(values.reduce((sum, w) => sum + (w - mean) ** 2, 0) / values.length)];
    }),
  );
}

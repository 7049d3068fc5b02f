import { mapArrays } from '../../../array.js';
import { deviations } from './constantSigned.js';
import type { KeptAction } from './keptAction.js';

/** Kept weights become plus or minus the standard deviation of their layer's start, by coin. */
export const constant: KeptAction = {
  summary: 'one magnitude a layer, the sign by coin',
  keepsSign: false,
  start: ({ initial, random }) => {
    const magnitude = deviations(initial);
    return mapArrays(initial, (_, __, name) => (random.bits() & 1 ? 1 : -1) * (magnitude[name] as number));
  },
};

import type { PrunedAction } from './prunedAction.js';

/** Control of `zeroIfShrunk`: 0 if training moved the weight away from 0, else its start. */
export const zeroIfGrown: PrunedAction = {
  summary: '0 if training moved it away from 0, else frozen at the start',
  value: (initial, final) => (Math.abs(final) < Math.abs(initial) ? initial : 0),
};

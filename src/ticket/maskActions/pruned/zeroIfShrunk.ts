import type { PrunedAction } from './prunedAction.js';

/** Pruned weights that training moved towards 0 are 0, the others stay at their start: part of what training did to them is kept. */
export const zeroIfShrunk: PrunedAction = {
  summary: '0 if training moved it towards 0, else frozen at the start',
  value: (initial, final) => (Math.abs(final) < Math.abs(initial) ? 0 : initial),
};

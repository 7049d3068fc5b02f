import type { PrunedAction } from './prunedAction.js';

/** Pruned weights are 0. */
export const zero: PrunedAction = { summary: 'set to 0', value: () => 0 };

import type { PrunedAction } from './prunedAction.js';

/** Pruned weights stay at their start, and count. */
export const freeze: PrunedAction = { summary: 'frozen at the start', value: (initial) => initial };

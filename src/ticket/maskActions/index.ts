/**
 * Mask actions: what becomes of kept and of pruned weights before a network is trained again (Zhou et al. 2019, arXiv:1905.01067).
 * To add one: a file in `kept/` or `pruned/`, a line in its list.
 * @module
 */
export type { KeptAction, KeptGiven } from './kept/keptAction.js';
export { type KeptActionName, keptActions } from './kept/keptActions.js';
export type { PrunedAction } from './pruned/prunedAction.js';
export { type PrunedActionName, prunedActions } from './pruned/prunedActions.js';
export { prunedRest } from './prunedRest.js';

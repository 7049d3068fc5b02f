/** What becomes of pruned weights, by name. A new action is one file and one line here. */
import { freeze } from './freeze.js';
import type { PrunedAction } from './prunedAction.js';
import { zero } from './zero.js';
import { zeroIfGrown } from './zeroIfGrown.js';
import { zeroIfShrunk } from './zeroIfShrunk.js';

export const prunedActions = { zero, freeze, zeroIfShrunk, zeroIfGrown } satisfies Record<string, PrunedAction>;

export type PrunedActionName = keyof typeof prunedActions;

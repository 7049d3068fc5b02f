/**
 * Prune: scores to a smaller mask. In: a mask, scores by parameter, how much to remove and in what shape. Out: a mask that keeps
 * exactly as many weights as asked, never one that was pruned before; and what the mask has cut off (`collapse`).
 * To add a schedule: a function from a level to a density in `schedule.ts`;
 * of updates within a training: `gradualDensity.ts`.
 * @module
 */
export { type Allocation, allocate, allocationDensities } from './allocation.js';
export { type Collapse, collapse } from './collapse.js';
export { deadLayers } from './deadLayers.js';
export { deadUnits } from './deadUnits.js';
export { type GradualOptions, gradualDensity } from './gradualDensity.js';
export type { Aggregate, Granularity } from './granularity.js';
export { hasPath } from './hasPath.js';
export { keepTop } from './keepTop.js';
export type { Amount, Scope } from './pools.js';
export { type PruneOptions, prune } from './prune.js';
export { type Reached, reachable } from './reachable.js';
export { cubic, type EndOptions, exponential, iterative, oneShot, type Schedule } from './schedule.js';
export { type SynflowOptions, synflowPrune } from './synflowPrune.js';

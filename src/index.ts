/**
 * neoteny: networks are trained, pruned, rewound and grown. This is the whole public face, in the order in which things flow:
 * dataset, model, train, score, prune, grow, ticket, run, analysis, figure, notebook. Importing it loads no TensorFlow.
 * @module
 */
export * from './array.js';
export { invalid, lookUp, mismatched, missing, UserError, unknown } from './check.js';
export * from './mask.js';
export * from './random.js';
export * from './step.js';
export * from './dataset/index.js';
export * from './recognition/index.js';
export * from './model/index.js';
export * from './train/index.js';
export * from './score/index.js';
// Both training and pruning have a schedule: the one of learning rates keeps the plain name.
export {
  type Aggregate,
  type Allocation,
  type Amount,
  allocate,
  allocationDensities,
  type Collapse,
  collapse,
  cubic,
  deadLayers,
  deadUnits,
  type EndOptions,
  exponential,
  type Granularity,
  hasPath,
  iterative,
  keepTop,
  oneShot,
  type PruneOptions,
  prune,
  type Reached,
  reachable,
  type Schedule as DensitySchedule,
  type Scope as PruneScope,
  type SynflowOptions,
  synflowPrune,
} from './prune/index.js';
export * from './grow/index.js';
export * from './ticket/index.js';
export * from './run/index.js';
export * from './analysis/index.js';
export * from './figure/index.js';
export * from './notebook/index.js';

/**
 * Ticket: the procedures, one a file. A ticket is a value: architecture, mask, the weights it starts from, and where it came from.
 * Procedures are async generators of levels; controls are small functions from a ticket to another.
 * @module
 */
export { canonicalTicket } from './canonicalTicket.js';
export { type Certificate, certify } from './certificate.js';
export { carriedSlots } from './carriedSlots.js';
export { childTicket } from './childTicket.js';
export { compact } from './compact.js';
export { denseTicket } from './denseTicket.js';
export {
  type DynamicSparseOptions,
  type DynamicSparseParts,
  dynamicSparseTraining,
  type MaskUpdate,
} from './dynamicSparseTraining.js';
export { expectedKept } from './expectedKept.js';
export { factorise } from './factorise.js';
export {
  type IterativePruningOptions,
  iterativePruning,
  type Level,
  type LotteryParts,
  type Retrain,
  type TrainedLevel,
} from './iterativePruning.js';
export * from './maskActions/index.js';
export { type GradualPruningOptions, type GradualPruningStep, gradualPruning } from './gradualPruning.js';
export { effectiveRank } from './effectiveRank.js';
export { barrier, interpolate } from './interpolate.js';
export { maskUpdateSteps } from './maskUpdateSteps.js';
export { keptMultiplyAdds } from './keptMultiplyAdds.js';
export { oneShot } from './oneShot.js';
export { transferTicket } from './transferTicket.js';
export { type RandomMaskOptions, randomMask } from './randomMask.js';
export { randomReinitialise } from './randomReinitialise.js';
export { type Continuation, type GrowthLevel, type GrowthOptions, type GrowthParts, recursiveGrowth } from './recursiveGrowth.js';
export { relativeDistance } from './relativeDistance.js';
export { decodeTensors, encodeTensors } from './safetensors.js';
export { shuffleMask } from './shuffleMask.js';
export { storedNumbers } from './storedNumbers.js';
export type { Origin, Ticket } from './ticket.js';
export { decodeTicket, encodeTicket } from './ticketFile.js';
export { ticketHash } from './ticketHash.js';
export * from './elastic/index.js';
export * from './strong/index.js';

/**
 * Grow: a network to a larger one. In: architecture, weights and mask. Out: the same of a larger architecture (or a denser mask), with
 * what each operator promises to keep. To add an operator: a file that exports a `GrowthOperator`, a line in `operators.ts`, and a case
 * for each family in its contract test.
 * @module
 */
export { type Candidate, type CandidateOptions, candidates, candidateText, type ExtendOptions, extend, readerOf } from './candidates.js';
export { type Channels, type ChannelGroup, type ChannelGroups, channelGroups } from './channelGroups.js';
export { deepen, type DeepenInit, type DeepenOptions, type DeepenUnit } from './deepen.js';
export { dropAndGrow, type DropAndGrowOptions } from './dropAndGrow.js';
export { dropFraction } from './dropFraction.js';
export { gradMax, type GradMaxOptions } from './gradMax.js';
export type { GrowthOperator, Network } from './growthOperator.js';
export { type OperatorName, operators } from './operators.js';
export { regrow, type RegrowChoice, type RegrowOptions } from './regrow.js';
export { type Choice, regroup } from './regroup.js';
export { widen, type WidenOptions } from './widen.js';

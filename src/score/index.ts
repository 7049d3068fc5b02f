/**
 * Score: how much each weight matters. In: what is known of a trained network (`Evidence`). Out: one number for each prunable
 * weight, the larger the more it matters. To add a criterion: a file that exports a `Criterion`, a line in `criteria.ts`.
 * @module
 */
export { type CriterionName, criteria } from './criteria.js';
export type { Criterion, Derivatives, Evidence } from './criterion.js';

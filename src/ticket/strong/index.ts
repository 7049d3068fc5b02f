/**
 * Strong tickets: networks found in random ones by choosing weights, never by changing them (Malach et al. 2020, arXiv:2002.00585).
 * @module
 */
export { type Approximation, type ApproximationOptions, approximateKernel } from './approximateKernel.js';
export { type CoefficientLaw, type CoefficientLawName, coefficientLaws } from './coefficientLaws.js';
export { type ConstructionErrors, type ConstructionErrorsOptions, constructionErrors, randomTarget } from './constructionErrors.js';
export { maskOfScores } from './maskOfScores.js';
export {
  type ConstructedLayer,
  type ConstructionOptions,
  constructionBound,
  reluConstruction,
  runConstruction,
} from './reluConstruction.js';
export { bestSubset, type Subset, type SubsetSolver, subsetMembers, subsetSolver } from './subsetSolver.js';
export { medianRanks, type SubsetSumErrorsOptions, subsetSumErrors } from './subsetSumErrors.js';

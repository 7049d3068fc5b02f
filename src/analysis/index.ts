/**
 * Analysis: records to tidy tables (arquero, or danfo frames) and statements with their spread. In: `RunRecord`s. Out: `Table`s,
 * intervals, verdicts, claims. To add a statement: a file that makes a `Claim` of paired differences.
 * @module
 */
export { acrossReplicates, type AcrossReplicatesOptions } from './acrossReplicates.js';
export { adversarialClaims, type AdversarialClaimsOptions, obfuscationClaims } from './adversarialClaims.js';
export { drawnDetections } from './drawnDetections.js';
export { recognitionClaims, type RecognitionClaimsOptions } from './recognitionClaims.js';
export { recognitionCategories } from './recognitionCategories.js';
export { recognitionTable } from './recognitionTable.js';
export { basisClaims, type BasisClaimsOptions } from './basisClaims.js';
export { boostingClaims } from './boostingClaims.js';
export { boostingSummary } from './boostingSummary.js';
export { accuracyAtEpochs, boostingTable } from './boostingTable.js';
export { armLabel, isControl, sortArms } from './arms.js';
export type { Claim, Part } from './claim.js';
export { bootstrapInterval, type BootstrapOptions, type Interval, mean, quantile, standardDeviation, tInterval } from './confidence.js';
export { constructionClaims } from './constructionClaims.js';
export { bySize, sizeNames } from './detection/bySize.js';
export { byDifficulty, byFrequency, rankGroups, type RankOptions } from './detection/rankGroups.js';
export { relativeToDense, type RelativeOptions } from './detection/relativeToDense.js';
export { dynamicSparseClaims, type DynamicSparseClaimsOptions } from './dynamicSparseClaims.js';
export { dynamicSparseTable } from './dynamicSparseTable.js';
export { earlyStop, type EarlyStop } from './earlyStop.js';
export { elasticClaims, type ElasticClaimsOptions } from './elasticClaims.js';
export { elasticLine } from './elasticLine.js';
export { elasticPairs } from './elasticPairs.js';
export { elasticTable } from './elasticTable.js';
export { impClaims, type ImpClaimsOptions } from './impClaims.js';
export { claimsSentence, juvenileClaims, type JuvenileClaimsOptions } from './juvenileClaims.js';
export { type JuvenileIteration, type JuvenileRun, juvenileRuns } from './juvenileRuns.js';
export { juvenileTable } from './juvenileTable.js';
export { loadDanfo } from './loadDanfo.js';
export { maskActionClaims } from './maskActionClaims.js';
export { type Matching, matching, matchingByLevel, type MatchingByLevelOptions, type MatchingOptions } from './matching.js';
export { decide, differences, type Held, type Paired, paired, signFlipTest } from './paired.js';
export { pivot, type PivotOptions } from './pivot.js';
export {
  type Measure,
  measures,
  profileCorrelations,
  type ProfileCorrelationsOptions,
  profileTable,
  type ProfileTableOptions,
} from './profileTable.js';
export { ranks, spearman, spearmanInterval } from './spearman.js';
export { searchClaims, type SearchClaimsOptions } from './searchClaims.js';
export { searchTable } from './searchTable.js';
export { approximationClaims, fittedLine, subsetSumClaims } from './strongClaims.js';
export { studentTCumulative, studentTQuantile } from './studentT.js';
export { surfaceCells } from './surfaceCells.js';
export { type Cell, fromRows, type Table, type TableRow, toRows } from './table.js';
export { supermaskClaims, type SupermaskClaimsOptions } from './supermaskClaims.js';
export { toFrame } from './toFrame.js';
export { toLayers, toLevels, toPoints, toTable } from './toTable.js';
export { toArrow, toCsv, toLatex, toMarkdown, type TextOptions } from './toText.js';
export { withSeconds } from './withSeconds.js';

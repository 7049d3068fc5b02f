/** What an experiment's records come to: its table, its claims, its report. Loaded when there is something to show. */
import type { Report } from '../../figure/report/htmlReport.js';
import type { ReportContext } from '../../figure/report/runsSection.js';
import type { RunRecord } from '../../run/record.js';
import type { Column } from '../output/textTable.js';

export interface ResultTable {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** The same as data. */
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly note?: string;
}

export interface ResultClaim {
  readonly id: string;
  readonly claim: string;
  readonly held: boolean | 'undecided';
  readonly sentence: string;
}

export interface Results {
  table(records: readonly RunRecord[]): ResultTable;
  claims(records: readonly RunRecord[]): readonly ResultClaim[];
  report(records: readonly RunRecord[], context: ReportContext): Report;
}

/** The results of an experiment by name; one that is not here shows its levels. */
export async function resultsOf(experiment: string): Promise<Results> {
  if (experiment === 'juvenile') return (await import('./juvenileResults.js')).juvenileResults;
  if (experiment === 'imp') return (await import('./impResults.js')).impResults;
  if (experiment === 'recognition') return (await import('./recognitionResults.js')).recognitionResults;
  if (experiment === 'basis') return (await import('./basisResults.js')).basisResults;
  if (experiment === 'subsetSums') return (await import('./strongResults.js')).subsetSumResults;
  if (experiment === 'construction') return (await import('./strongResults.js')).constructionResults;
  if (experiment === 'supermask') return (await import('./strongResults.js')).supermaskResults;
  if (experiment === 'maskActions') return (await import('./strongResults.js')).maskActionResults;
  if (experiment === 'approximation') return (await import('./strongResults.js')).approximationResults;
  if (experiment === 'boosting') return (await import('./boostingResults.js')).boostingResults;
  if (experiment === 'dynamicSparse') return (await import('./dynamicSparseResults.js')).dynamicSparseResults;
  if (experiment === 'elastic') return (await import('./elasticResults.js')).elasticResults;
  if (experiment === 'adversarial') return (await import('./boostingResults.js')).adversarialResults;
  if (experiment === 'search') return (await import('./growthResults.js')).searchResults;
  if (experiment === 'surface') return (await import('./growthResults.js')).surfaceResults;
  if (experiment === 'profile') return (await import('./growthResults.js')).profileResults;
  return (await import('./plainResults.js')).plainResults;
}

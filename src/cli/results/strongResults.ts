/** Strong tickets made of subset sums, for a terminal. */
import { approximationClaims, subsetSumClaims } from '../../analysis/strongClaims.js';
import { toPoints } from '../../analysis/toTable.js';
import { approximationReport, subsetSumReport } from '../../figure/report/strongReport.js';
import { percent } from '../output/format.js';
import { pivotTable } from './pivotTable.js';
import type { Results } from './results.js';

export const subsetSumResults: Results = {
  table: (records) =>
    pivotTable(toPoints(records, 'subset sum'), 'Median error, mean over replicates', { by: 'count', value: 'median' }, (error) =>
      error.toExponential(1),
    ),
  claims: (records) => subsetSumClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: subsetSumReport,
};

export const approximationResults: Results = {
  table: (records) =>
    pivotTable(toPoints(records, 'approximation'), 'Test accuracy in %, mean over replicates', { by: 'count', value: 'accuracy' }, percent),
  claims: (records) => approximationClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: approximationReport,
};

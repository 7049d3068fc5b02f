/** Strong tickets for a terminal. */
import type { Claim } from '../../analysis/claim.js';
import { constructionClaims } from '../../analysis/constructionClaims.js';
import { maskActionClaims } from '../../analysis/maskActionClaims.js';
import { mean } from '../../analysis/confidence.js';
import { approximationClaims, subsetSumClaims } from '../../analysis/strongClaims.js';
import { supermaskClaims } from '../../analysis/supermaskClaims.js';
import { fromRows, groupRows, toRows } from '../../analysis/table.js';
import { toLevels, toPoints } from '../../analysis/toTable.js';
import {
  approximationReport,
  constructionReport,
  maskActionReport,
  subsetSumReport,
  supermaskReport,
} from '../../figure/report/strongReport.js';
import { percent } from '../output/format.js';
import { pivotTable } from './pivotTable.js';
import type { ResultClaim, Results } from './results.js';

const said = (claims: readonly Claim[]): ResultClaim[] => claims.map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence }));

export const subsetSumResults: Results = {
  table: (records) =>
    pivotTable(toPoints(records, 'subset sum'), 'Median error, mean over replicates', { by: 'count', value: 'median' }, (error) =>
      error.toExponential(1),
    ),
  claims: (records) => said(subsetSumClaims(records)),
  report: subsetSumReport,
};

export const approximationResults: Results = {
  table: (records) =>
    pivotTable(toPoints(records, 'approximation'), 'Test accuracy in %, mean over replicates', { by: 'count', value: 'accuracy' }, percent),
  claims: (records) => said(approximationClaims(records)),
  report: approximationReport,
};

export const constructionResults: Results = {
  table: (records) => {
    const rows = toRows(toPoints(records, 'construction')).flatMap((row) => [
      { count: row.count ?? null, column: `${row.arm}`, value: row.maxError ?? null },
      { count: row.count ?? null, column: `${row.arm}, bound`, value: row.maxBound ?? null },
    ]);
    const points = rows.length === 0 ? fromRows([], ['count', 'column', 'value']) : fromRows(rows);
    return pivotTable(points, 'Error of the worst target, and the bound', { by: 'count', value: 'value', across: 'column' }, (error) =>
      error.toExponential(1),
    );
  },
  claims: (records) => said(constructionClaims(records)),
  report: constructionReport,
};

export const supermaskResults: Results = {
  table: (records) => {
    // Masks of thresholds keep a share that differs a little between replicates: they stand at its mean.
    const rows = groupRows(toRows(toLevels(records)), ['arm', 'level', 'model', 'initialiser', 'dataset']).flatMap((same) => {
      const kept = Number(mean(same.map((row) => Number(row.density))).toFixed(2));
      return same.map((row) => ({ kept, arm: row.arm ?? null, testAtEnd: row.testAtEnd ?? null }));
    });
    const levels = rows.length === 0 ? fromRows([], ['kept', 'arm', 'testAtEnd']) : fromRows(rows);
    return pivotTable(levels, 'Test accuracy in % by kept share, mean over replicates', { by: 'kept', value: 'testAtEnd' }, percent);
  },
  claims: (records) => said(supermaskClaims(records)),
  report: supermaskReport,
};

export const maskActionResults: Results = {
  table: (records) => {
    const retrained = toRows(toPoints(records, 'retrained')).map((row) => ({
      density: Number(Number(row.density).toFixed(3)),
      accuracy: row.accuracy ?? null,
      what: [row.arm, row.keptAction === 'rewind' ? '' : row.keptAction, row.prunedAction === 'zero' ? '' : row.prunedAction]
        .filter((text) => text !== '')
        .join(', '),
    }));
    const points = retrained.length === 0 ? fromRows([], ['density', 'what', 'accuracy']) : fromRows(retrained);
    return pivotTable(
      points,
      'Test accuracy in % after training, by kept share',
      { by: 'what', value: 'accuracy', across: 'density' },
      percent,
    );
  },
  claims: (records) => said(maskActionClaims(records)),
  report: maskActionReport,
};

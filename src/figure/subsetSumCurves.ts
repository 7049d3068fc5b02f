/** The error of random sums by the number of coefficients: the step from polynomially to logarithmically many. */
import type { Table } from '../analysis/table.js';
import { byCount } from './byCount.js';
import type { Figure } from './figure.js';
import type { Band } from './summarise.js';

export interface SubsetSumCurvesOptions {
  /** Over replicates. Default `interval` (95 %). */
  readonly band?: Band;
  readonly title?: string;
}

/**
 * Median error, on a logarithmic axis: a straight line is an exponential fall, as of the best subset (arXiv:2006.07990); the best
 * single coefficient (arXiv:2002.00585) falls as 1/n.
 * @param points from `toPoints(records, 'subset sum')`
 */
export function subsetSumCurves(
  points: Table,
  { band = 'interval', title = 'How near random sums come to a number' }: SubsetSumCurvesOptions = {},
): Figure {
  return byCount(points, {
    ...{ count: 'count', countTitle: 'random coefficients to choose from', value: 'median', valueTitle: 'median error' },
    ...{ title, band, log: true, format: (error: number) => `median error ${error.toExponential(1)}` },
  });
}

/** A trained network rebuilt from random coefficients: what their number buys. */
import { mean } from '../analysis/confidence.js';
import { type Table, toRows } from '../analysis/table.js';
import { byCount } from './byCount.js';
import type { Figure } from './figure.js';
import type { Band } from './summarise.js';

export interface ApproximationCurvesOptions {
  /** `accuracy` on the test part; `near`: share of weights near enough; `keptPerWeight`: coefficients in use; `maxError`. Default `accuracy`. */
  readonly value?: 'accuracy' | 'near' | 'keptPerWeight' | 'maxError';
  /** Levels of the target's runs, from `toLevels`: their mean test accuracy becomes a dotted line. */
  readonly target?: Table;
  readonly band?: Band;
  readonly title?: string;
}

const values = {
  accuracy: { valueTitle: 'test accuracy', format: (v: number) => `test accuracy ${(100 * v).toFixed(2)} %` },
  near: { valueTitle: 'share of weights near enough to the target', format: (v: number) => `${(100 * v).toFixed(2)} % of the weights` },
  keptPerWeight: { valueTitle: 'coefficients in use for each weight', format: (v: number) => `${v.toFixed(2)} coefficients in use` },
  maxError: { valueTitle: 'largest error of a weight', format: (v: number) => `largest error ${v.toExponential(1)}` },
};

/**
 * As experiment 1 of Pensia et al. (arXiv:2006.07990), for every number of coefficients.
 * @param points from `toPoints(records, 'approximation')`
 */
export function approximationCurves(points: Table, options: ApproximationCurvesOptions = {}): Figure {
  const { value = 'accuracy', target, band = 'range', title = 'A trained network rebuilt from random coefficients' } = options;
  const accuracies =
    target === undefined
      ? []
      : toRows(target)
          .filter((row) => row.arm === 'target')
          .map((row) => Number(row.testAtEnd));
  const line = value === 'accuracy' && accuracies.length > 0 ? { name: 'target, mean', value: mean(accuracies) } : undefined;
  return byCount(points, {
    ...{
      count: 'count',
      countTitle: 'random coefficients for each weight',
      value,
      ...values[value],
      title,
      band,
      log: value === 'maxError',
    },
    ...(line && { line }),
  });
}

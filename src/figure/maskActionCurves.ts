/** Mask criteria and mask actions by the share that is kept. */
import { fromRows, type Table, toRows } from '../analysis/table.js';
import { byCount } from './byCount.js';
import type { Figure } from './figure.js';
import type { Band } from './summarise.js';

export interface MaskActionCurvesOptions {
  /** What tells the lines apart: the criterion (`arm`), `keptAction` or `prunedAction`. Default `arm`. */
  readonly group?: 'arm' | 'keptAction' | 'prunedAction';
  /** A dotted line across, such as the accuracy of the dense network. */
  readonly line?: { readonly name: string; readonly value: number };
  readonly band?: Band;
  readonly title?: string;
}

/**
 * Test accuracy against the kept share of each layer, trained or not. Zhou et al. 2019, arXiv:1905.01067.
 * @param points from `toPoints(records, 'untrained')` for one kind of weights, or from `toPoints(records, 'retrained')`
 */
export function maskActionCurves(points: Table, options: MaskActionCurvesOptions = {}): Figure {
  const { group = 'arm', band = 'range', line, title = 'Masks by the criterion that made them' } = options;
  // The criterion that draws gives the random mask of other experiments, under their name.
  const named =
    group === 'arm'
      ? fromRows(toRows(points).map((row) => ({ ...row, arm: row.arm === 'random' ? 'random-mask' : (row.arm ?? null) })))
      : points;
  return byCount(named, {
    ...{ count: 'density', countTitle: 'kept share of each layer', logCount: true, value: 'accuracy', valueTitle: 'test accuracy' },
    ...{ group, band, title, format: (accuracy: number) => `test accuracy ${(100 * accuracy).toFixed(2)} %` },
    ...(line && { line }),
  });
}

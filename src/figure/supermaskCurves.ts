/** Tickets in random networks: what the kept share, or the width, does to them. */
import { mean } from '../analysis/confidence.js';
import { groupRows, fromRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import { byCount } from './byCount.js';
import type { Figure } from './figure.js';
import type { Band } from './summarise.js';

export interface SupermaskCurvesOptions {
  /** `density`: by the kept share, the trained network a line across. `width`: by the weights there are to choose from. Default `density`. */
  readonly by?: 'density' | 'width';
  /** The column that tells the lines apart, such as `initialiser`. Default `arm`. */
  readonly group?: string;
  readonly band?: Band;
  readonly title?: string;
}

const format = (accuracy: number): string => `test accuracy ${(100 * accuracy).toFixed(2)} %`;

/**
 * Test accuracy of masks on frozen random weights (Ramanujan et al. 2020, arXiv:1911.13299, and its successors).
 * @param levels from `toLevels`, runs of `supermask`; their arm `trained` is the network with trained weights
 */
export function supermaskCurves(levels: Table, options: SupermaskCurvesOptions = {}): Figure {
  const { by = 'density', group = 'arm', band = 'range' } = options;
  const rows = toRows(levels);
  const common = { value: 'testAtEnd', valueTitle: 'test accuracy', format, band, group };
  if (by === 'width') {
    const title = options.title ?? 'Masks on random weights, by the size of the network';
    return byCount(levels, { ...common, title, count: 'prunable', countTitle: 'weights to choose from', logCount: true });
  }
  const trained = rows.filter((row) => row.arm === 'trained').map((row) => Number(row.testAtEnd));
  // Masks of thresholds keep a share that differs a little between replicates: they are drawn at its mean.
  // Levels are counted within a spec, and a line may be of several, each with its own shares.
  const masks = groupRows(
    rows.filter((row) => row.arm !== 'trained').map((row) => ({ ...row, spec: String(row.key ?? '').replace(/-r\d+$/, '') })),
    ['arm', group, 'spec', 'level'],
  ).flatMap((same): TableRow[] => {
    const share = Number(mean(same.map((row) => Number(row.density))).toFixed(4));
    return same.map((row) => ({ ...row, share }));
  });
  return byCount(masks.length === 0 ? fromRows([], ['arm', group, 'share', 'testAtEnd']) : fromRows(masks), {
    ...{ ...common, title: options.title ?? 'Masks on random weights, by the share that is kept' },
    ...{ count: 'share', countTitle: 'kept share of the weights' },
    ...(trained.length > 0 && { line: { name: 'trained weights, mean', value: mean(trained) } }),
  });
}

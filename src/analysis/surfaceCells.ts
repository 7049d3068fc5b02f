/** Accuracy over depth and density: the cells of `surface` runs. */
import type { RunRecord } from '../run/record.js';
import { fromRows, type Table, type TableRow, toRows } from './table.js';
import { toLevels } from './toTable.js';

/**
 * One row for each cell: the columns of `toLevels`, and `gap` (training less test accuracy at the end). Networks that growth trains
 * before their pruning are no cells and left out. `density` is the kept share of all prunable weights.
 */
export function surfaceCells(records: readonly RunRecord[]): Table {
  const levels = toRows(toLevels(records.filter(({ spec }) => spec.experiment === 'surface')));
  const cells = levels
    .filter(({ arm, operator }) => String(operator).startsWith('prune') || (arm === 'imp' && operator === 'initialise'))
    .map((row): TableRow => ({ ...row, gap: Number(row.trainAtEnd) - Number(row.testAtEnd) }));
  return fromRows(cells, ['arm', 'replicate', 'depth', 'density', 'testAtEnd', 'trainAtEnd', 'gap']);
}

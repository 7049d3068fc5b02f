/** How fast tickets train: accuracy after the first epoch beside the early stop. Li et al. 2020, arXiv:2003.05733. */
import type { Evaluation, RunRecord } from '../run/record.js';
import { fromRows, type Table, type TableRow, toRows } from './table.js';
import { toLevels } from './toTable.js';

/**
 * The levels of `boosting` runs as in `toLevels`, with `first`, the validation accuracy at the first measurement after the start
 * (with the default settings after one epoch), and `firstStep`, its iteration. Trainings for a mask (level 0 of the arms
 * that find one) are left out: they are not what the arms are compared by.
 */
export function boostingTable(records: readonly RunRecord[]): Table {
  const own = records.filter(({ spec }) => spec.experiment === 'boosting');
  const rows = own.flatMap((record) =>
    toRows(toLevels([record]))
      .filter((row) => row.level !== 0 || row.arm === 'dense')
      .map((row): TableRow => {
        const first = record.rows
          .filter((r): r is Evaluation => r.kind === 'evaluation' && r.level === row.level && r.split === 'validation' && r.step > 0)
          .sort((a, b) => a.step - b.step)[0];
        return { ...row, first: first?.accuracy ?? null, firstStep: first?.step ?? null };
      }),
  );
  return fromRows(rows, ['arm', 'replicate', 'level', 'density', 'first', 'firstStep', 'earlyStop', 'testAtEarlyStop', 'testAtEnd']);
}

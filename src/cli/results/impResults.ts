/** Iterative pruning for a terminal: accuracy and early-stop iteration by density and arm. */
import { sortArms } from '../../analysis/arms.js';
import { mean } from '../../analysis/confidence.js';
import { impClaims } from '../../analysis/impClaims.js';
import { groupRows, type TableRow, toRows } from '../../analysis/table.js';
import { toLevels } from '../../analysis/toTable.js';
import { impReport } from '../../figure/report/impReport.js';
import { count, percent } from '../output/format.js';
import type { Results } from './results.js';

export const impResults: Results = {
  table(records) {
    const levels = toRows(toLevels(records));
    const arms = sortArms(levels.map((row) => String(row['arm'])));
    const data = groupRows(levels, ['level'])
      .sort((a, b) => Number(a[0]?.['level']) - Number(b[0]?.['level']))
      .map((rows) => ({
        level: rows[0]?.['level'] ?? null,
        density: average(rows, 'density'),
        arms: Object.fromEntries(
          arms.map((arm) => {
            const own = rows.filter((row) => row['arm'] === arm);
            return [
              arm,
              { replicates: own.length, testAtEarlyStop: average(own, 'testAtEarlyStop'), earlyStop: average(own, 'earlyStop') },
            ];
          }),
        ),
      }));
    return {
      title: 'Test accuracy in % at the early-stop iteration (which follows), mean over replicates',
      columns: ['level', 'density', ...arms.flatMap((arm) => [arm, 'stop'])].map((title) => ({ title, right: true })),
      rows: data.map(({ level, density, arms: own }) => [
        String(level),
        density === null ? '-' : density.toFixed(3),
        ...arms.flatMap((arm) => [percent(own[arm]?.testAtEarlyStop), orDash(own[arm]?.earlyStop)]),
      ]),
      data,
    };
  },
  claims: (records) => impClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: impReport,
};

function average(rows: readonly TableRow[], name: string): number | null {
  const values = rows.map((row) => row[name]).filter((value): value is number => typeof value === 'number');
  return values.length === 0 ? null : mean(values);
}

function orDash(value: number | null | undefined): string {
  return typeof value === 'number' ? count(value) : '-';
}

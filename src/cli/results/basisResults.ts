/** Tickets in any basis for a terminal: a line for each basis, a column for each level. */
import { armLabel, sortArms } from '../../analysis/arms.js';
import { basisClaims } from '../../analysis/basisClaims.js';
import { mean } from '../../analysis/confidence.js';
import { type TableRow, toRows } from '../../analysis/table.js';
import { toLevels } from '../../analysis/toTable.js';
import { basisReport } from '../../figure/report/basisReport.js';
import { count, percent } from '../output/format.js';
import type { Results } from './results.js';

export const basisResults: Results = {
  table(records) {
    const rows = toRows(toLevels(records));
    const levels = [...new Set(rows.map((row) => Number(row['level'])))].sort((a, b) => a - b);
    const arms = sortArms(rows.map((row) => String(row['arm'])));
    const data = arms.map((arm) => {
      const own = rows.filter((row) => row['arm'] === arm);
      const last = own.filter((row) => row['level'] === levels.at(-1));
      return {
        arm,
        replicates: new Set(own.map((row) => row['replicate'])).size,
        test: levels.map((level) =>
          average(
            own.filter((row) => row['level'] === level),
            (row) => row['testAtEarlyStop'],
          ),
        ),
        kept: average(last, (row) => row['kept']),
        stored: average(last, (row) => row['stored'] ?? row['kept']),
      };
    });
    const density = (level: number): string => {
      const share = average(
        rows.filter((row) => row['level'] === level && row['arm'] === arms[0]),
        (row) => row['density'],
      );
      return share === null ? String(level) : Number(share.toPrecision(2)).toString();
    };
    return {
      title: 'Test accuracy in % at the early stop by density, and what the last level stores; mean over replicates',
      columns: [
        { title: 'basis' },
        ...levels.map((level) => ({ title: density(level), right: true })),
        { title: 'coefficients', right: true },
        { title: 'stored', right: true },
      ],
      rows: data.map(({ arm, test, kept, stored }) => [armLabel(arm), ...test.map(percent), orDash(kept), orDash(stored)]),
      data,
      note: 'Fresh: the same mask with other initial weights. Stored: coefficients and, of SVD and low rank, the vectors that they use; of units what is left when removed ones are cut out.',
    };
  },
  claims: (records) => basisClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: basisReport,
};

function average(rows: readonly TableRow[], value: (row: TableRow) => unknown): number | null {
  const numbers = rows.map(value).filter((v): v is number => typeof v === 'number');
  return numbers.length === 0 ? null : mean(numbers);
}

function orDash(value: number | null): string {
  return value === null ? '-' : count(Math.round(value));
}

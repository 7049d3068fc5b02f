/** Dynamic sparse training for a terminal: a row for each density and length, a column for each arm. */
import { armLabel, sortArms } from '../../analysis/arms.js';
import { mean } from '../../analysis/confidence.js';
import { dynamicSparseClaims } from '../../analysis/dynamicSparseClaims.js';
import { dynamicSparseTable } from '../../analysis/dynamicSparseTable.js';
import { groupRows, type TableRow, toRows } from '../../analysis/table.js';
import { dynamicSparseReport } from '../../figure/report/dynamicSparseReport.js';
import { readTimings } from '../../run/readTimings.js';
import type { RunRecord } from '../../run/record.js';
import { openStore } from '../../run/store.js';
import { count, percent } from '../output/format.js';
import type { Results } from './results.js';

const timingsOf = (records: readonly RunRecord[]) => readTimings(openStore(), records);

export const dynamicSparseResults: Results = {
  table(records) {
    const rows = toRows(dynamicSparseTable(records, timingsOf(records)));
    const arms = sortArms(rows.map(({ arm }) => String(arm)));
    const sparse = rows.filter(({ arm }) => arm !== 'dense');
    const settings = groupRows(sparse.length > 0 ? sparse : rows, ['asked', 'multiple']).sort(
      ([a], [b]) => Number(b?.asked) - Number(a?.asked) || Number(a?.multiple) - Number(b?.multiple),
    );
    const data = settings.flatMap(([first]) => {
      const { asked, multiple, steps } = first as TableRow;
      const own = (arm: string): TableRow[] =>
        rows.filter((row) => row.arm === arm && row.multiple === multiple && (arm === 'dense' || row.asked === asked));
      return [{ asked, multiple, steps, arms: Object.fromEntries(arms.map((arm) => [arm, summary(own(arm))])) }];
    });
    return {
      title: 'Test accuracy in % at the end, and processor seconds of the whole training, means over replicates',
      columns: ['density', 'updates', ...arms.map(armLabel)].map((title) => ({ title, right: true })),
      rows: data.map((row) => [
        ...[String(row.asked), count(Number(row.steps))],
        ...arms.map((arm) => {
          const { testAtEnd, processor } = row.arms[arm] as ReturnType<typeof summary>;
          return testAtEnd === null ? '-' : `${percent(testAtEnd)}${processor === null ? '' : ` ${processor.toFixed(1)} s`}`;
        }),
      ]),
      data,
      ...(data.length === 0 && { note: 'no finished runs' }),
    };
  },
  claims: (records) =>
    dynamicSparseClaims(records, { timings: timingsOf(records) }).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: (records, context) => dynamicSparseReport(records, context, timingsOf(records)),
};

function summary(rows: readonly TableRow[]) {
  const average = (column: string): number | null => {
    const known = rows.map((row) => row[column]).filter((value): value is number => typeof value === 'number');
    return known.length === 0 ? null : mean(known);
  };
  return { replicates: rows.length, testAtEnd: average('testAtEnd'), seconds: average('seconds'), processor: average('processor') };
}

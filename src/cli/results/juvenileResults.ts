/** The juvenile experiment for a terminal: test accuracy by arm and iteration. */
import { juvenileClaims } from '../../analysis/juvenileClaims.js';
import { juvenileTable } from '../../analysis/juvenileTable.js';
import { toRows } from '../../analysis/table.js';
import { juvenileReport } from '../../figure/report/juvenileReport.js';
import { count, percent } from '../output/format.js';
import type { Results } from './results.js';

export const juvenileResults: Results = {
  table(records) {
    const table = juvenileTable(records);
    const data = toRows(table);
    const iterations = table.columnNames().filter((name) => /^it\d+$/.test(name));
    const titles = ['arm', ...iterations, 'pruned', 'sd', 'kept'];
    const share = (value: unknown): string => percent(typeof value === 'number' ? value : null);
    return {
      title: 'Test accuracy in %, mean over replicates',
      columns: titles.map((title, i) => ({ title, right: i > 0 })),
      rows: data.map((row) => [
        String(row['arm']),
        ...iterations.map((name) => share(row[name])),
        share(row['pruned']),
        share(row['sd']),
        typeof row['kept'] === 'number' ? count(row['kept']) : '-',
      ]),
      data,
      note: `it0, it1 ...: at the end of each iteration's training; pruned: right after the last pruning; sd: over ${replicatesOf(data)}, of the last iteration; kept: weights in the last iteration`,
    };
  },
  claims: (records) => juvenileClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: juvenileReport,
};

function replicatesOf(data: readonly Readonly<Record<string, unknown>>[]): string {
  const most = Math.max(0, ...data.map((row) => Number(row['replicates'])));
  return `${most} replicate${most === 1 ? '' : 's'}`;
}

/** Tickets of detectors for a terminal: a line for each way of pruning. */
import { mean } from '../../analysis/confidence.js';
import { recognitionClaims } from '../../analysis/recognitionClaims.js';
import { recognitionTable } from '../../analysis/recognitionTable.js';
import { groupRows, type TableRow, toRows } from '../../analysis/table.js';
import { recognitionReport } from '../../figure/report/recognitionReport.js';
import type { Results } from './results.js';

const columns = ['ap', 'ap50', 'small', 'medium', 'large'] as const;

export const recognitionResults: Results = {
  table(records) {
    const rows = toRows(recognitionTable(records));
    const data = groupRows(rows, ['name', 'asked', 'detected']).map((group) => ({
      name: group[0]?.['name'] ?? null,
      asked: group[0]?.['asked'] ?? null,
      density: average(group, 'density'),
      detected: group[0]?.['detected'] ?? null,
      replicates: group.length,
      ...Object.fromEntries(columns.map((column) => [column, average(group, column)])),
    }));
    return {
      title: 'Average precision in %, mean over replicates',
      columns: [
        { title: 'how' },
        { title: 'density', right: true },
        { title: 'of' },
        ...['AP', 'AP50', 'small', 'medium', 'large', 'runs'].map((title) => ({ title, right: true })),
      ],
      rows: data.map((row) => [
        row.asked === 1 ? String(row.name) : `${row.name}, ${row.asked}`,
        row.density === null ? '-' : row.density.toFixed(3),
        String(row.detected),
        ...columns.map((column) => {
          const value = (row as unknown as Record<string, number | null>)[column];
          return value === null || value === undefined ? '-' : (100 * value).toFixed(1);
        }),
        String(row.replicates),
      ]),
      data,
      note: 'Density is the kept share of the whole network; the number behind the name is the share kept of what was pruned.',
    };
  },
  claims: (records) => recognitionClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: recognitionReport,
};

function average(rows: readonly TableRow[], column: string): number | null {
  const values = rows.map((row) => row[column]).filter((value): value is number => typeof value === 'number');
  return values.length === 0 ? null : mean(values);
}

/** A table of an experiment's points for a terminal: a row for each setting, a column for each arm. */
import { pivot, type PivotOptions } from '../../analysis/pivot.js';
import { type Table, toRows } from '../../analysis/table.js';
import type { ResultTable } from './results.js';

/** @param format of the values */
export function pivotTable(points: Table, title: string, options: PivotOptions, format: (value: number) => string): ResultTable {
  if (points.numRows() === 0) return { title, columns: [{ title: options.by }], rows: [], data: [], note: 'no finished runs' };
  const table = pivot(points, options);
  const [by = '', ...arms] = table.columnNames();
  const data = toRows(table);
  return {
    title,
    columns: [by, ...arms].map((name) => ({ title: name, right: true })),
    rows: data.map((row) => [String(row[by]), ...arms.map((arm) => (typeof row[arm] === 'number' ? format(row[arm] as number) : '-'))]),
    data,
  };
}

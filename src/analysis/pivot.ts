/** A table with one row for each value of a column and one column for each arm: how papers print their results. */
import { sortArms } from './arms.js';
import { mean } from './confidence.js';
import { checkColumns, fromRows, groupRows, type Table, type TableRow, toRows } from './table.js';

export interface PivotOptions {
  /** The column whose values become rows, in ascending order where they are numbers. */
  readonly by: string;
  /** The numeric column to average over replicates. */
  readonly value: string;
  /** The column whose values become columns. Default `arm`. */
  readonly across?: string;
}

/** The columns `by`, then one for each arm: the mean of the value, null where there is none. @throws UserError if a column is absent */
export function pivot(table: Table, { by, value, across = 'arm' }: PivotOptions): Table {
  checkColumns('pivot', table, [by, value, across]);
  const rows = toRows(table);
  const names = sortArms(rows.map((row) => String(row[across])));
  const lines = groupRows(rows, [by]).map((same): TableRow => {
    const cells = names.map((name) => {
      const values = same.filter((row) => String(row[across]) === name).map((row) => row[value]);
      const numbers = values.filter((v): v is number => typeof v === 'number');
      return [name, numbers.length === 0 ? null : mean(numbers)] as const;
    });
    return { [by]: same[0]?.[by] ?? null, ...Object.fromEntries(cells) };
  });
  const place = (row: TableRow): number => (typeof row[by] === 'number' ? (row[by] as number) : 0);
  lines.sort((a, b) => place(a) - place(b));
  return fromRows(lines, [by, ...names]);
}

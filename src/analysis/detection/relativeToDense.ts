/** How much a pruned detector loses, as a share of what the dense one has. */
import { missing } from '../../check.js';
import { checkColumns, fromRows, type Table, type TableRow, toRows } from '../table.js';

export interface RelativeOptions {
  /** The numeric column to compare, such as `ap`. Default `ap`. */
  readonly value?: string;
  /** What makes two rows comparable, such as `['replicate', 'detected', 'category']`. */
  readonly by: readonly string[];
  /** Which rows are the dense network's. Default: those whose `arm` is `dense`. */
  readonly isDense?: (row: TableRow) => boolean;
}

/**
 * The rows of the table with two more columns: `dense`, what the dense network has in the same replicate and group, and `relative`,
 * (value - dense) / dense: -0.17 is a drop by 17 %. Both are null where either value is unknown, `relative` also where `dense` is 0. Of
 * several dense rows of a group the mean counts.
 * @throws UserError if a column is absent, or no row is the dense network's
 */
export function relativeToDense(table: Table, options: RelativeOptions): Table {
  const { value = 'ap', by, isDense = ({ arm }) => arm === 'dense' } = options;
  checkColumns('relativeToDense', table, [...by, value]);
  const rows = toRows(table);
  const dense = new Map<string, number[]>();
  const keyOf = (row: TableRow): string => JSON.stringify(by.map((name) => row[name] ?? null));
  const reference = rows.filter(isDense);
  if (rows.length > 0 && reference.length === 0) throw missing('rows of the dense network', 'add its run to the table, or give `isDense`');
  for (const row of reference) {
    const found = row[value];
    if (typeof found !== 'number') continue;
    const own = dense.get(keyOf(row));
    if (own === undefined) dense.set(keyOf(row), [found]);
    else own.push(found);
  }
  const compared = rows.map((row): TableRow => {
    const all = dense.get(keyOf(row)) ?? [];
    const found = row[value];
    const base = all.length === 0 ? null : all.reduce((sum, v) => sum + v, 0) / all.length;
    const relative = base === null || base === 0 || typeof found !== 'number' ? null : (found - base) / base;
    return { ...row, dense: base, relative };
  });
  return fromRows(compared, [...table.columnNames(), 'dense', 'relative']);
}

/** Average precision by object size, one row a size. */
import { checkColumns, fromRows, type Table, type TableRow, toRows } from '../table.js';

/** COCO's size ranges, small first. */
export const sizeNames = ['small', 'medium', 'large'] as const;

/**
 * One row for each size range of each row: its other columns, `size` (small, medium, large) and `ap`.
 * @param table with the columns small, medium and large, such as the points `detection` of a run
 * @throws UserError if one of them is absent
 */
export function bySize(table: Table): Table {
  checkColumns('bySize', table, [...sizeNames]);
  const others = table.columnNames().filter((name) => name !== 'ap' && !sizeNames.includes(name as 'small'));
  const rows = toRows(table).flatMap((row) => {
    const rest = Object.fromEntries(others.map((name) => [name, row[name] ?? null]));
    return sizeNames.map((size): TableRow => ({ ...rest, size, ap: row[size] ?? null }));
  });
  return fromRows(rows, [...others, 'size', 'ap']);
}

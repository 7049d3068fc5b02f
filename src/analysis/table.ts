/** Tables: arquero's, built from rows whose columns are the union of all rows' names. */
import { type ColumnTable, table as columnTable } from 'arquero';
import { missing } from '../check.js';

/** An arquero table. */
export type Table = ColumnTable;

/** A cell of a table. */
export type Cell = string | number | boolean | null;

/** A row of a table by column name. */
export type TableRow = Readonly<Record<string, Cell>>;

/**
 * A table of the given rows. A name that a row lacks is null there. Cost O(rows * columns).
 * @param columns which columns come first (or all, where there are no rows); default: as met
 */
export function fromRows(rows: readonly TableRow[], columns: readonly string[] = []): Table {
  const names = new Set(columns);
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return columnTable(
    [...names].map((name): [string, Cell[]] => [name, rows.map((row) => (Object.hasOwn(row, name) ? (row[name] ?? null) : null))]),
  );
}

/** The rows of a table as plain objects, in the order of the table. */
export function toRows(table: Table): TableRow[] {
  return table.objects() as TableRow[];
}

/** Throws unless the table has all the given columns. @throws UserError that names the absent column and those present */
export function checkColumns(what: string, table: Table, columns: readonly string[]): void {
  for (const name of columns) {
    if (!table.columnNames().includes(name)) {
      throw missing(`column '${name}' in the table for ${what}`, `there are: ${table.columnNames().join(', ')}`);
    }
  }
}

/** Rows by the values of some columns, in the order met. */
export function groupRows(rows: readonly TableRow[], by: readonly string[]): TableRow[][] {
  const groups = new Map<string, TableRow[]>();
  for (const row of rows) {
    const key = JSON.stringify(by.map((name) => row[name] ?? null));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** arquero tables and danfo frames as an HTML table; neither library has a form for notebooks of its own. */
import type { MimeBundle } from './display.js';
import { tableHtml, tableText } from './tableText.js';

/** Rows shown of a longer table. */
const limit = 20;

interface Grid {
  readonly columns: readonly string[];
  readonly rows: number;
  at(row: number, column: number): unknown;
}

/** The bundle of an arquero table or a danfo frame: its first rows, its size. Undefined for any other value. */
export function tableBundle(value: unknown): MimeBundle | undefined {
  const grid = arqueroGrid(value) ?? danfoGrid(value);
  if (grid === undefined) return undefined;
  const rows = Array.from({ length: Math.min(limit, grid.rows) }, (_, row) => grid.columns.map((_name, column) => grid.at(row, column)));
  const shown = { columns: grid.columns, rows };
  const size = `${grid.rows} ${grid.rows === 1 ? 'row' : 'rows'} × ${grid.columns.length} ${grid.columns.length === 1 ? 'column' : 'columns'}`;
  return { 'text/html': `${tableHtml(shown)}\n<p>${size}</p>`, 'text/plain': `${tableText(shown)}\n${size}` };
}

interface ArqueroLike {
  numRows(): number;
  columnNames(): string[];
  /** Row numbers after filtering and ordering. */
  indices(order?: boolean): ArrayLike<number>;
  column(name: string): { at(row: number): unknown } | undefined;
}

function arqueroGrid(value: unknown): Grid | undefined {
  const table = value as ArqueroLike | null;
  const methods = ['numRows', 'columnNames', 'indices', 'column'] as const;
  if (typeof table !== 'object' || table === null || methods.some((name) => typeof table[name] !== 'function')) return undefined;
  const columns = table.columnNames();
  const order = table.indices();
  const cells = columns.map((name) => table.column(name));
  return { columns, rows: order.length, at: (row, column) => cells[column]?.at(order[row] as number) };
}

interface DanfoLike {
  readonly columns: readonly string[];
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
  readonly index: readonly unknown[];
}

function danfoGrid(value: unknown): Grid | undefined {
  const frame = value as (DanfoLike & { print?: unknown }) | null;
  if (typeof frame !== 'object' || frame === null || typeof frame.print !== 'function') return undefined;
  if (!Array.isArray(frame.columns) || !Array.isArray(frame.shape) || !Array.isArray(frame.values) || !Array.isArray(frame.index))
    return undefined;
  const { columns, values, index } = frame;
  const cell = (row: number, column: number): unknown => {
    const items = values[row];
    return Array.isArray(items) ? items[column] : items; // a series has one value a row
  };
  return {
    columns: ['', ...columns.map(String)],
    rows: values.length,
    at: (row, column) => (column === 0 ? index[row] : cell(row, column - 1)),
  };
}

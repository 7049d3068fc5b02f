/** A danfo frame, for notebooks with the habits of pandas. */
import type { DataFrame } from 'danfojs-node';
import type { RunRecord } from '../run/record.js';
import { loadDanfo } from './loadDanfo.js';
import { type Table, toRows } from './table.js';
import { toTable } from './toTable.js';

/**
 * The table as a danfo `DataFrame` (`describe`, `groupby`, `corr`), or that of `toTable(records)`. Null becomes NaN in columns of
 * numbers, since danfo takes such a column for text else. Loads danfo, and with it TensorFlow, at the first call.
 */
export async function toFrame(source: Table | readonly RunRecord[]): Promise<DataFrame> {
  const table = Array.isArray(source) ? toTable(source) : (source as Table);
  const { DataFrame } = await loadDanfo();
  const rows = toRows(table);
  const names = table.columnNames();
  const isNumeric = new Set(names.filter((name) => rows.some((row) => typeof row[name] === 'number')));
  return new DataFrame(
    rows.map((row) => names.map((name) => row[name] ?? (isNumeric.has(name) ? Number.NaN : ''))),
    { columns: names },
  );
}

import type { RunRecord } from '../run/record.js';
import { recognitionTable } from './recognitionTable.js';
import { fromRows, type Table, toRows } from './table.js';
import { toPoints } from './toTable.js';

/**
 * One row for each category of each detector that was pruned in the usual way (see `recognitionTable`), or is dense: the columns of its
 * runs, `level, detected, category, trained` (objects in the training part), `objects, ap, ap50`, and `sparsity` of the whole network.
 */
export function recognitionCategories(records: readonly RunRecord[]): Table {
  const usual = new Map(
    toRows(recognitionTable(records))
      .filter(({ variant }) => variant === '')
      .map((row) => [`${row.key} ${row.level}`, row['sparsity'] ?? null]),
  );
  const rows = toRows(toPoints(records, 'category')).flatMap((row) => {
    const sparsity = usual.get(`${row.key} ${row.level}`);
    return sparsity === undefined ? [] : [{ ...row, sparsity }];
  });
  return fromRows(rows, ['key', 'replicate', 'arm', 'level', 'detected', 'category', 'trained', 'ap', 'sparsity']);
}

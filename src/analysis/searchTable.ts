/** What recursive search and extension found, beside its controls. */
import type { LevelSummary, RunRecord } from '../run/record.js';
import { fromRows, type Table, type TableRow, toRows } from './table.js';
import { toPoints } from './toTable.js';

/**
 * One row for each run of `search` that is done: `arm, replicate`, of its last network `test, testAtEarlyStop, validation, depth,
 * parameters, density, kept`, and where a search ended `extensions` (of the best network), `reason`, `cost` in multiply-adds and the
 * `architecture` by its operators.
 */
export function searchTable(records: readonly RunRecord[]): Table {
  const own = records.filter(({ spec }) => spec.experiment === 'search');
  const ends = toRows(toPoints(own, 'search'));
  const rows = own.flatMap(({ key, spec, rows: all }): TableRow[] => {
    const last = all.filter((row): row is LevelSummary => row.kind === 'level').at(-1);
    const end = ends.find((row) => row.key === key);
    const isSearch = String(spec.arm).startsWith('search');
    if (last === undefined || (isSearch && end === undefined)) return [];
    const { testAtEnd, testAtEarlyStop, validationAtEnd, depth, parameters, density, kept } = last;
    return [
      {
        ...{ arm: String(spec.arm), replicate: spec.replicate, key },
        ...{ test: testAtEnd, testAtEarlyStop, validation: validationAtEnd, depth, parameters, density, kept },
        ...{
          extensions: end?.iteration ?? null,
          reason: end?.reason ?? null,
          cost: end?.cost ?? null,
          architecture: end?.architecture ?? null,
        },
      },
    ];
  });
  return fromRows(rows, ['arm', 'replicate', 'test', 'testAtEarlyStop']);
}

import assert from 'node:assert/strict';
import test from 'node:test';
import { pivot } from '../../src/analysis/pivot.js';
import { fromRows, toRows } from '../../src/analysis/table.js';

test('means over replicates, rows ascending, known arms first, null where nothing was measured', () => {
  const table = fromRows([
    { arm: 'other', replicate: 1, count: 10, value: 1 },
    { arm: 'ticket', replicate: 1, count: 10, value: 2 },
    { arm: 'ticket', replicate: 2, count: 10, value: 4 },
    { arm: 'ticket', replicate: 1, count: 9, value: null },
  ]);
  assert.deepEqual(toRows(pivot(table, { by: 'count', value: 'value' })), [
    { count: 9, ticket: null, other: null },
    { count: 10, ticket: 3, other: 1 },
  ]);
  assert.throws(() => pivot(table, { by: 'level', value: 'value' }), /missing column 'level'/);
});

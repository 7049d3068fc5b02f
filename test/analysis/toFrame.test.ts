import assert from 'node:assert/strict';
import test from 'node:test';
import { fromRows } from '../../src/analysis/table.js';
import { toFrame } from '../../src/analysis/toFrame.js';
import { fakeJuvenileRecords } from '../fixtures/fakeRecords.js';

test('a table becomes a danfo frame with its columns, and null becomes NaN among numbers', async () => {
  const frame = await toFrame(
    fromRows([
      { arm: 'a', accuracy: 1 },
      { arm: 'b', accuracy: 3 },
      { arm: 'b', accuracy: null },
    ]),
  );
  assert.deepEqual(frame.columns, ['arm', 'accuracy']);
  assert.deepEqual(frame.shape, [3, 2]);
  assert.equal(frame.column('accuracy').mean(), 2);
  assert.ok(Number.isNaN((frame.values as unknown[][])[2]?.[1]));
});

test('records become the frame of their evaluations', async () => {
  const frame = await toFrame(fakeJuvenileRecords(1, ['reset']));
  assert.deepEqual(frame.shape[0], 120);
  assert.equal(frame.groupby(['level', 'split']).col(['accuracy']).mean().shape[0], 6 * 3);
});

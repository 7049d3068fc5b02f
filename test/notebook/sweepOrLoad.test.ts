import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweepOrLoad } from '../../src/notebook/sweepOrLoad.js';
import { planSweep } from '../../src/run/sweep/planSweep.js';
import { temporaryStore } from '../run/folders.js';

const sweep = {
  experiment: 'imp',
  arms: ['ticket', 'shuffle-mask'],
  options: { trainLimit: 1000, length: '20it', validateEvery: '20it', levels: 1 },
};

test('one call makes a sweep and returns its records; the next one reads them', { timeout: 300_000 }, async (t) => {
  const store = temporaryStore(t);
  const records = await sweepOrLoad(sweep, { store, workers: 2 });
  assert.deepEqual(
    records.map(({ key, status }) => [key, status]),
    planSweep(sweep).runs.map(({ key }) => [key, 'done']),
  );
  // Two levels of the ticket, one of its control.
  assert.deepEqual(
    records.map(({ rows }) => rows.filter(({ kind }) => kind === 'level').length),
    [2, 1],
  );
  // An executor that is none: nothing is asked of it.
  assert.deepEqual(await sweepOrLoad(sweep, { store, executor: 'none' as 'local' }), records);
  await assert.rejects(
    sweepOrLoad({ ...sweep, replicates: 2 }, { store, executor: 'lokal' as 'local' }),
    /unknown executor: 'lokal'\. Did you mean 'local'/,
  );
});

test('runs that fail are named with their reasons', { timeout: 300_000 }, async (t) => {
  // There are 1000 images: no batch of 2000 can be made of them.
  const bad = { ...sweep, options: { ...sweep.options, batchSize: 2000 } };
  await assert.rejects(
    sweepOrLoad(bad, { store: temporaryStore(t) }),
    /1 runs of sweep 'sweep-[0-9a-f]{8}' failed, 1 need those: imp-\S+ \(ticket\): .*invalid batch size: expected at most the \d+ training examples, found 2000/,
  );
});

import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import { readEnvironment } from '../../src/run/environment.js';
import { workerCount } from '../../src/run/workerCount.js';

test('the environment says what computed, and neither who nor where', (t) => {
  process.env['TF_NUM_INTRAOP_THREADS'] = '1';
  t.after(() => delete process.env['TF_NUM_INTRAOP_THREADS']);
  const found = readEnvironment();
  assert.equal(found.node, process.version);
  assert.match(found.neoteny, /^\d+\.\d+\.\d+/);
  assert.match(found.commit ?? '0'.repeat(40), /^[0-9a-f]{40}$/);
  assert.equal(found.variables['TF_NUM_INTRAOP_THREADS'], '1');
  assert.equal(found.variables['OMP_NUM_THREADS'], process.env['OMP_NUM_THREADS'] ?? null);
  assert.ok(found.cores >= 1 && Math.abs(Date.parse(found.date) - Date.now()) < 60_000);
  const text = JSON.stringify(found);
  assert.ok(!text.includes(`${os.homedir()}/`) && !text.includes(process.cwd()));
  assert.deepEqual(JSON.parse(text), found);
});

test('as many workers as cores, fewer where memory is short, never none', () => {
  assert.equal(workerCount({ cores: 2, free: 64 * 2 ** 30 }), 2);
  assert.equal(workerCount({ cores: 16, free: 6 * 2 ** 30 }), 4);
  assert.equal(workerCount({ cores: 16, free: 2 ** 20 }), 1);
  assert.ok(workerCount() >= 1 && workerCount() <= os.availableParallelism());
});

/** `neoteny elastic` before anything runs: what it would cost, and what cannot be. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { neoteny } from './cli.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-elastic-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const env = { NEOTENY_RUNS: join(folder, 'runs') };

test("the paper's schedule is one option away, and says what it costs before it starts", async () => {
  const { code, out } = await neoteny(['elastic', '--preset', 'paper', '--workers', '2', '--dry-run'], env, folder);
  assert.equal(code, 0);
  // Weeks, whatever the guess is made of: 36 runs of 160 epochs a level.
  assert.match(out, /36 runs/);
  assert.match(
    out.replace(/\s+/g, ' '),
    /updates to go with 2 workers: about \d+\.\d days, guessed from the multiply-adds of the dense networks/,
  );
  const json = JSON.parse((await neoteny(['elastic', '--preset', 'paper', '--dry-run', '--json'], env, folder)).out);
  // Levels 0 to 10 of two networks and ten arms at five levels, from iteration 1000 but for fresh weights; 351 updates an epoch.
  const epochs = 160 * 351;
  const imp = 11 * epochs;
  assert.equal(json.basis, 'multiply-adds');
  assert.equal(json.updates, 3 * (2 * imp + 5 * (10 * epochs - 9 * 1000)));
});

test('a mapping that leaves a block without a source ends in one sentence', async () => {
  const { code, err } = await neoteny(['elastic', '--mapping', '0:0;1:1,2', '--dry-run'], env, folder);
  assert.equal(code, 65);
  assert.match(err, /unmapped block 3 \('dense4'\) in stage 0/);
  assert.ok(err.trim().split('\n').length <= 4, err);
  const hostile = await neoteny(['elastic', '--mapping', '0:0;__proto__:1', '--dry-run'], env, folder);
  assert.match(hostile.err, /invalid part '__proto__:1'/);
});

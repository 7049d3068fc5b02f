/** What `npm run chaos` left in data/chaos is what was promised of it: nothing lost, nothing wrong, nothing left behind. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const file = join(import.meta.dirname, '../../../../data/chaos/result.json');

test('240 of 240, the same files three ways, at least 5 from a checkpoint, after kills of runs, nodes, controller and driver', () => {
  const found = JSON.parse(fs.readFileSync(file, 'utf8')) as {
    readonly [name: string]: unknown;
    readonly digest: Readonly<Record<string, string>>;
    readonly killed: Readonly<Record<string, number>>;
    readonly happened: readonly { readonly what: string }[];
  };
  assert.deepEqual([found['runs'], found['done'], found['wrong'], found['driverExit']], [240, 240, 0, 0]);
  const { slurm, workers, oneByOne } = found.digest;
  assert.match(slurm ?? '', /^[0-9a-f]{64}$/);
  assert.deepEqual([workers, oneByOne], [slurm, slurm]);
  assert.ok((found['resumedFromCheckpoint'] as number) >= 5);
  const { runs = 0, nodes = 0, controller = 0, driver = 0 } = found.killed;
  assert.ok(runs >= 8 && nodes >= 2 && controller >= 1 && driver >= 1);
  // The counts are those of what was noted as it happened.
  const noted = (what: RegExp): number => found.happened.filter((one) => what.test(one.what)).length;
  assert.deepEqual(
    [noted(/^kill -9 of run /), noted(/^power cut/), noted(/^kill -9 of the controller/), noted(/^kill -9 of the driver/)],
    [runs, nodes, controller, driver],
  );
  assert.deepEqual([found['queueAfter'], found['processesAfter'], found['halfWrittenAfter']], ['', 0, 0]);
});

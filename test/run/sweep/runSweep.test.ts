/** Small sweeps of real trainings by workers of this machine: killed, stopped, failed, cancelled, and the same as runs made one by one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { experiments } from '../../../src/run/experiments/experiments.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import { NotNow } from '../../../src/run/exitCode.js';
import { checkParents } from '../../../src/run/experiments/checkParents.js';
import type { PoolEvent } from '../../../src/run/pool.js';
import { openStore, runFolder, type Store } from '../../../src/run/store.js';
import { cancelSweep } from '../../../src/run/sweep/cancelSweep.js';
import { collectSweeps } from '../../../src/run/sweep/collectSweeps.js';
import { planSweep, type SweepPlan } from '../../../src/run/sweep/planSweep.js';
import { runSweep } from '../../../src/run/sweep/runSweep.js';
import { sweepCost } from '../../../src/run/sweep/sweepCost.js';
import { listSweeps, sweepFolder } from '../../../src/run/sweep/sweepFolder.js';
import { sweepStatus } from '../../../src/run/sweep/sweepStatus.js';
import { contents, temporaryFolder, temporaryStore } from '../folders.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const small = { trainLimit: 1000, length: '40it', validateEvery: '20it' };
const sweep = {
  name: 'small',
  stages: [
    { name: 'tickets', experiment: 'imp', arms: ['ticket', 'shuffle-mask'], options: { ...small, levels: 1, fraction: 0.5 } },
    { name: 'last', experiment: 'juvenile', arms: ['reset'], options: { ...small, iterations: 1 }, after: 'tickets' },
  ],
};

async function alone(store: Store, { runs }: SweepPlan): Promise<void> {
  // As in a worker: the number of threads can change the last bits of a sum.
  for (const name of ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS']) process.env[name] = '1';
  for (const { spec, key } of runs)
    await getOrRun(store, spec, key, (own, context) =>
      (experiments[spec.experiment] as (typeof experiments)[string]).run(own, context, store),
    );
}

function states(store: Store, { runs }: SweepPlan): string[] {
  return sweepStatus(store, runs).map(({ status }) => status);
}

async function waitFor(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    assert.ok(i < 1200, 'waited for nothing');
    await sleep(50);
  }
}

test('a driver killed at any moment is started again: the files of undisturbed runs; a second call starts nothing', {
  timeout: 600_000,
}, async (t: TestContext) => {
  const plan = planSweep(sweep);
  const folder = temporaryFolder(t);
  const file = join(folder, 'sweep.json');
  fs.writeFileSync(file, JSON.stringify(sweep));
  const store = openStore({ root: join(folder, 'runs'), records: [] });
  const drive = () =>
    spawn(process.execPath, [main, 'sweep', file, '--quiet', '--json', '--workers', '2', '--save-every', '0.1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NEOTENY_RUNS: store.root },
    });
  const first = drive();
  t.after(() => first.kill('SIGKILL'));
  const rows = join(runFolder(store, plan.runs[0]?.key ?? ''), 'stages', '000-level-00', 'rows.jsonl');
  await waitFor(() => fs.existsSync(rows) && fs.statSync(rows).size > 0);
  first.kill('SIGKILL');
  await once(first, 'close');

  const second = drive();
  let out = '';
  second.stdout.on('data', (text) => (out += text));
  assert.deepEqual(await once(second, 'close'), [0, null]);
  assert.deepEqual(
    (JSON.parse(out) as { runs: { status: string }[] }).runs.map(({ status }) => status),
    ['done', 'done', 'done'],
  );

  const calm = temporaryStore(t);
  await alone(calm, plan);
  for (const { key } of plan.runs) assert.deepEqual(contents(runFolder(store, key)), contents(runFolder(calm, key)));

  const events: PoolEvent[] = [];
  const began = performance.now();
  const again = await runSweep(sweep, { store, onEvent: (event) => events.push(event) });
  assert.ok(performance.now() - began < 1000);
  assert.deepEqual([again.started, again.done, events], [0, plan.runs.map(({ key }) => key), []]);
  // It was timed, so a larger one has a price: 3 times as many replicates of the same work.
  const larger = planSweep({ ...sweep, stages: sweep.stages.map((stage) => ({ ...stage, replicates: 3 })) });
  const cost = sweepCost(store, sweepStatus(store, larger.runs), 2);
  // Two levels of 40 updates, a control of one, two iterations; one of three replicates is done.
  assert.deepEqual([cost.runs, cost.done, cost.updates, cost.updatesMissing, cost.basis], [9, 3, 3 * 200, 2 * 200, 'runs like these here']);
  assert.ok(cost.workSeconds !== null && cost.seconds !== null && cost.seconds >= cost.workSeconds / 2);
});

test('what fails for good is named with what needs it, is not tried again unless asked, and the rest is done', {
  timeout: 600_000,
}, async (t: TestContext) => {
  const store = temporaryStore(t);
  // There are 1000 images: no batch of 2000 can be made of them.
  const bad = {
    experiment: 'imp',
    arms: ['ticket', 'shuffle-mask'],
    options: { ...small, levels: 1, fraction: 0.5 },
    grid: { batchSize: [2000, 60] },
  };
  const plan = planSweep(bad);
  const [ticket, control] = plan.runs;
  const events: PoolEvent[] = [];
  const report = await runSweep(bad, { store, workers: 2, onEvent: (event) => events.push(event) });
  assert.deepEqual(
    report.done,
    plan.runs.slice(2).map(({ key }) => key),
  );
  assert.deepEqual(
    report.failed.map(({ key }) => key),
    [ticket?.key],
  );
  assert.match(report.failed[0]?.reason ?? '', /^invalid batch size: expected at most the \d+ training examples, found 2000$/);
  assert.deepEqual(report.blocked, [{ key: control?.key, by: ticket?.key }]);
  assert.equal(report.started, 3);
  assert.deepEqual(states(store, plan), ['failed', 'blocked', 'done', 'done']);

  const again = await runSweep(bad, { store });
  assert.deepEqual([again.started, again.failed, again.blocked, again.done], [0, report.failed, report.blocked, report.done]);
  const retried = await runSweep(bad, { store, retry: true });
  assert.equal(retried.started, 1);
  assert.deepEqual(states(store, plan), ['failed', 'blocked', 'done', 'done']);
});

test('cancelled from elsewhere, the workers save and stop; started again, the sweep goes on; then nothing is left but runs', {
  timeout: 600_000,
}, async (t: TestContext) => {
  const store = temporaryStore(t);
  const long = { name: 'long', experiment: 'juvenile', arms: ['reset'], options: { ...small, length: '600it', iterations: 0 } };
  const plan = planSweep(long);
  const key = plan.runs[0]?.key ?? '';
  await assert.rejects(cancelSweep(store, plan, 'local'), /missing sweep/);
  const running = runSweep(long, { store });
  await waitFor(() => states(store, plan)[0] === 'running' && (sweepStatus(store, plan.runs)[0]?.share ?? 0) > 0);
  assert.deepEqual(
    listSweeps(store).map(({ plan: { id }, executor }) => [id, executor]),
    [[plan.id, 'local']],
  );
  await cancelSweep(store, plan, 'local');
  assert.deepEqual((await running).stopped, [key]);
  assert.equal(states(store, plan)[0], 'begun');
  assert.ok(fs.existsSync(join(runFolder(store, key), 'stages', '000-train-00', 'checkpoint.safetensors')));
  assert.deepEqual((await runSweep(long, { store })).done, [key]);

  const leftover = join(runFolder(store, key), 'stages', `x.json.4194399.tmp`);
  fs.writeFileSync(leftover, '');
  // Written just now: somebody may be about to rename it.
  assert.deepEqual(collectSweeps(store, Date.now()), { folders: 0, files: 0, sweeps: 1 });
  assert.deepEqual(collectSweeps(store, Date.now() + 2 * 3_600_000), { folders: 0, files: 1, sweeps: 0 });
  assert.ok(!fs.existsSync(leftover) && !fs.existsSync(sweepFolder(store, plan.id)));
  assert.deepEqual(states(store, plan), ['done']);
});

test('a run whose parents are not done says so before it starts anything', (t: TestContext) => {
  const store = temporaryStore(t);
  const [ticket, control] = planSweep(sweep).runs;
  assert.throws(
    () => checkParents(store, control?.spec as never),
    (error: Error) => error instanceof NotNow && error.message.includes(`missing parent run '${ticket?.key}' (arm 'ticket')`),
  );
  checkParents(store, ticket?.spec as never);
});

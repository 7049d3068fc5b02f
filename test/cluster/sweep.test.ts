/** Sweeps of real trainings on a real Slurm, with a node and the controller killed: the same files as by workers here, and as made one by one. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, runFolder, type Store } from '../../src/run/store.js';
import { planSweep } from '../../src/run/sweep/planSweep.js';
import { readSweepFile } from '../../src/run/sweep/readSweepFile.js';
import { runSweep } from '../../src/run/sweep/runSweep.js';
import { temporaryFolder } from '../run/folders.js';
import { digestsOf, halfWritten, recompute, wasResumed } from './digests.js';
import { neoteny } from './neoteny.js';
import { type PrivateCluster, startCluster } from './privateCluster.js';

let cluster: PrivateCluster;

before(async () => {
  cluster = await startCluster();
});

after(async () => {
  assert.deepEqual(await cluster.stop(), [], 'processes of the cluster that outlived it');
});

const small = { trainLimit: 1000, validateEvery: '20it' };

async function waitFor(what: () => boolean | Promise<boolean>, seconds = 120): Promise<void> {
  for (let i = 0; !(await what()); i++) {
    assert.ok(i < 10 * seconds, 'waited for nothing');
    await sleep(100);
  }
}

function writeSweep(folder: string, sweep: object): string {
  const file = join(folder, 'small.json');
  fs.writeFileSync(file, JSON.stringify(sweep));
  return file;
}

const logOf = (store: Store, id: string, key: string): string =>
  fs.readFileSync(join(store.root, 'sweeps', id, 'log', `${key}.log`), 'utf8');

test('31 runs in two stages, a node and the controller killed: all done, equal to local and to undisturbed; a second call starts nothing', {
  timeout: 1_500_000,
}, async (t: TestContext) => {
  const folder = temporaryFolder(t);
  const file = writeSweep(folder, {
    stages: [
      {
        name: 'tickets',
        experiment: 'imp',
        arms: ['ticket', 'reinitialise', 'shuffle-mask'],
        options: { ...small, length: '60it', levels: 2, fraction: 0.5 },
        grid: { criterion: ['magnitude', 'random'] },
        replicates: 5,
      },
      {
        name: 'last',
        experiment: 'juvenile',
        arms: ['grow-identity'],
        options: { ...small, length: '60it', iterations: 2, fullModel: 'mlp-128x3' },
        after: 'tickets',
      },
    ],
  });
  const { id, runs } = planSweep(readSweepFile(file));
  assert.equal(runs.length, 31);
  const store = openStore({ root: join(folder, 'slurm'), records: [] });
  const env = { NEOTENY_RUNS: store.root, ...cluster.env };
  const args = ['sweep', file, '--executor', 'slurm', '--poll', '1', '--save-every', '0.3', '--json', '--quiet'];
  const driver = neoteny(args, env);
  t.after(() => driver.child.kill('SIGKILL'));
  const done = (): number => runs.filter(({ key }) => fs.existsSync(join(runFolder(store, key), 'done.json'))).length;
  await waitFor(async () => done() >= 2 && /n1/.test(await cluster.call('squeue', '-h', '-t', 'R', '-o', '%N').catch(() => '')));
  await cluster.cutPower('n1');
  await cluster.killController();
  await sleep(3000);
  cluster.startController();
  await cluster.startNode('n1');
  const { code, out, err } = await driver.ended;
  assert.equal(code, 0, err);
  const said = JSON.parse(out) as { id: string; runs: { status: string }[] };
  assert.equal(said.id, id);
  assert.equal(said.runs.filter(({ status }) => status === 'done').length, 31);

  const local = openStore({ root: join(folder, 'local'), records: [] });
  assert.equal((await runSweep(planSweep(readSweepFile(file)), { store: local, workers: 2 })).done.length, 31);
  const alone = await recompute(join(folder, 'alone'), runs);
  for (const { key, label } of runs) {
    const expected = digestsOf(alone, key);
    assert.ok(Object.keys(expected).length >= 9, label);
    assert.deepEqual(digestsOf(store, key), expected, `${label} by Slurm`);
    assert.deepEqual(digestsOf(local, key), expected, `${label} by local workers`);
  }
  assert.deepEqual(halfWritten(store), []);

  const before = fs.readFileSync(join(cluster.folder, 'jobcomp.txt'), 'utf8');
  const began = performance.now();
  const again = await runSweep(planSweep(readSweepFile(file)), { store, executor: 'slurm' });
  const seconds = (performance.now() - began) / 1000;
  assert.equal(again.started, 0);
  assert.equal(again.done.length, 31);
  assert.ok(seconds < 1, `${seconds} s`);
  assert.equal(await cluster.call('squeue', '-h'), '');
  assert.equal(fs.readFileSync(join(cluster.folder, 'jobcomp.txt'), 'utf8'), before);
});

test('the early signal before a time limit: the run saves, its task goes back into the queue and goes on to the same files', {
  timeout: 600_000,
}, async (t: TestContext) => {
  const folder = temporaryFolder(t);
  const file = writeSweep(folder, { experiment: 'juvenile', arms: ['reset'], options: { ...small, length: '1500it', iterations: 0 } });
  const { id, runs } = planSweep(readSweepFile(file));
  const key = runs[0]?.key ?? '';
  const store = openStore({ root: join(folder, 'slurm'), records: [] });
  // Without the signal there would be no checkpoint at all.
  const driver = neoteny(['sweep', file, '--executor', 'slurm', '--poll', '1', '--save-every', '600', '--quiet'], {
    NEOTENY_RUNS: store.root,
    ...cluster.env,
  });
  t.after(() => driver.child.kill('SIGKILL'));
  const rows = join(runFolder(store, key), 'stages', '000-train-00', 'rows.jsonl');
  await waitFor(() => fs.existsSync(rows) && fs.readFileSync(rows, 'utf8').split('\n').length > 3);
  const job = (await cluster.call('squeue', '-h', '-r', '-t', 'R', '-o', '%i')).split('\n')[0] ?? '';
  await cluster.call('scancel', '--batch', '--signal=USR1', job);
  const { code, err } = await driver.ended;
  assert.equal(code, 0, err);
  assert.ok(wasResumed(store, key));
  assert.match(logOf(store, id, key), /, start 1\n[\s\S]*, start 2\n/);
  const alone = await recompute(join(folder, 'alone'), runs);
  assert.deepEqual(digestsOf(store, key), digestsOf(alone, key));
});

test('a run that will never work is named with its descendants, the others are done; a second call starts nothing', {
  timeout: 600_000,
}, async (t: TestContext) => {
  const folder = temporaryFolder(t);
  const file = writeSweep(folder, {
    experiment: 'imp',
    arms: ['ticket', 'reinitialise'],
    options: { ...small, length: '40it', levels: 1, fraction: 0.5 },
    // There are 1000 images: no batch of 2000 can be made of them.
    list: [{ batchSize: 60 }, { batchSize: 2000 }],
  });
  const { runs } = planSweep(readSweepFile(file));
  const store = openStore({ root: join(folder, 'slurm'), records: [] });
  const args = ['sweep', file, '--executor', 'slurm', '--poll', '1', '--quiet', '--json'];
  const env = { NEOTENY_RUNS: store.root, ...cluster.env };
  const { code, out, err } = await neoteny(args, env).ended;
  assert.equal(code, 65, err);
  const said = JSON.parse(out) as { started: number; runs: { key: string; status: string; reason: string | null }[] };
  assert.deepEqual(
    said.runs.map(({ status }) => status),
    ['done', 'done', 'failed', 'blocked'],
  );
  assert.match(said.runs[2]?.reason ?? '', /invalid batch size: expected at most the \d+ training examples, found 2000/);
  assert.equal(said.runs[3]?.reason, runs[2]?.key);
  const again = await neoteny(args, env).ended;
  assert.equal(again.code, 65);
  assert.equal((JSON.parse(again.out) as { started: number }).started, 0);
  assert.equal(await cluster.call('squeue', '-h'), '');
});

test('cancel takes the jobs back and stops the driver; started again, the sweep goes on', { timeout: 600_000 }, async (t: TestContext) => {
  const folder = temporaryFolder(t);
  const file = writeSweep(folder, {
    experiment: 'juvenile',
    arms: ['reset'],
    options: { ...small, length: '2000it', iterations: 0 },
    replicates: 2,
  });
  const { runs } = planSweep(readSweepFile(file));
  const store = openStore({ root: join(folder, 'slurm'), records: [] });
  const env = { NEOTENY_RUNS: store.root, ...cluster.env };
  const args = ['sweep', file, '--executor', 'slurm', '--poll', '1', '--quiet'];
  const driver = neoteny(args, env);
  t.after(() => driver.child.kill('SIGKILL'));
  const begun = (): number =>
    runs.filter(({ key }) => fs.existsSync(join(runFolder(store, key), 'stages', '000-train-00', 'rows.jsonl'))).length;
  await waitFor(() => begun() === 2);
  const { code, out } = await neoteny(['sweep', 'cancel', file], env).ended;
  assert.equal(code, 0);
  assert.match(out, /2 tasks taken back/);
  assert.equal((await driver.ended).code, 130);
  await waitFor(async () => (await cluster.call('squeue', '-h')) === '');
  // What ran has kept its state.
  for (const { key } of runs) assert.ok(fs.existsSync(join(runFolder(store, key), 'stages', '000-train-00', 'checkpoint.safetensors')));
  const again = await neoteny(args, env).ended;
  assert.equal(again.code, 0, again.err);
  for (const { key } of runs) assert.ok(wasResumed(store, key));
});

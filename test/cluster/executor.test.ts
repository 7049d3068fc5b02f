/** What the executor for Slurm does with a real Slurm: order, failures, lost and held jobs, a controller that is away, two drivers. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { slurmExecutor } from '../../src/run/executors/slurm.js';
import { readJobs } from '../../src/run/executors/slurm/jobsFile.js';
import { openSlurmClient } from '../../src/run/executors/slurm/slurmClient.js';
import { temporaryFolder } from '../run/folders.js';
import { type PrivateCluster, startCluster } from './privateCluster.js';
import { type Toy, toy } from './toy.js';

const options = { poll: 1, tries: 2, patience: 20 };
let cluster: PrivateCluster;

before(async () => {
  cluster = await startCluster();
  process.env['SLURM_CONF'] = cluster.env.SLURM_CONF;
});

after(async () => {
  delete process.env['SLURM_CONF'];
  assert.deepEqual(await cluster.stop(), [], 'processes of the cluster that outlived it');
});

const at = ({ notes }: Toy, note: string): number => {
  const place = notes().indexOf(note);
  assert.ok(place >= 0, `'${note}' is not among ${notes().join(', ')}`);
  return place;
};

async function waitFor(what: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  for (let i = 0; !(await what()); i++) {
    assert.ok(i < 10 * seconds, 'waited for nothing');
    await sleep(100);
  }
}

test('each run starts when its own parents are done, whatever the shape; nothing is left in the queue', {
  timeout: 300_000,
}, async (t: TestContext) => {
  const parents = {
    'ok-b': ['ok-a'],
    'ok-c': ['ok-a'],
    'ok-d': ['ok-b', 'ok-c'],
    'ok-f': ['slow-e'],
    'ok-g': ['ok-d', 'ok-f'],
    'ok-i': ['ok-h'],
  };
  const one = toy(temporaryFolder(t), parents);
  const keys = ['ok-a', 'slow-e', 'ok-h', 'ok-b', 'ok-c', 'ok-f', 'ok-i', 'ok-d', 'ok-g'];
  const tasks = keys.map((key) => ({ key, after: parents[key as keyof typeof parents] ?? [] }));
  const report = await slurmExecutor(options).run(tasks, one.context);
  assert.deepEqual(report, { done: keys, failed: [], blocked: [], stopped: [] });
  for (const [child, needed] of Object.entries(parents))
    for (const parent of needed) assert.ok(at(one, `end ${parent}`) < at(one, `start ${child}`));
  // A chain beside a slow one does not wait for it.
  assert.ok(at(one, 'end ok-d') < at(one, 'end slow-e'));
  assert.equal(one.notes().length, 2 * keys.length);
  assert.equal(await cluster.call('squeue', '-h'), '');
  assert.deepEqual(readJobs(one.context.folder), []);
});

test('a run that fails for good, or crashes every time, leaves its descendants undone and no others', {
  timeout: 300_000,
}, async (t: TestContext) => {
  const parents = {
    'ok-1': ['bad-a'],
    'ok-2': ['ok-1'],
    'ok-3': ['ok-a'],
    'ok-4': ['crash-a'],
    'ok-5': ['ok-3', 'ok-4'],
    'ok-6': ['ok-3', 'ok-a'],
  };
  const one = toy(temporaryFolder(t), parents);
  const keys = ['bad-a', 'ok-a', 'crash-a', 'ok-1', 'ok-2', 'ok-3', 'ok-4', 'ok-5', 'ok-6'];
  const tasks = keys.map((key) => ({ key, after: parents[key as keyof typeof parents] ?? [] }));
  const report = await slurmExecutor(options).run(tasks, one.context);
  assert.deepEqual(report.done, ['ok-a', 'ok-3', 'ok-6']);
  // Crashes: two tries in each of three jobs.
  assert.deepEqual(report.failed, [
    { key: 'bad-a', reason: 'loss is NaN' },
    { key: 'crash-a', reason: 'TypeError: oops (3 jobs)' },
  ]);
  assert.equal(one.notes().filter((note) => note === 'start crash-a').length, 6);
  assert.equal(one.notes().filter((note) => note === 'start bad-a').length, 1);
  assert.deepEqual(report.blocked, [
    { key: 'ok-1', by: 'bad-a' },
    { key: 'ok-2', by: 'bad-a' },
    { key: 'ok-4', by: 'crash-a' },
    { key: 'ok-5', by: 'crash-a' },
  ]);
  assert.equal(await cluster.call('squeue', '-h'), '');
});

test('arrays are cut where the cluster does not take longer ones', { timeout: 120_000 }, async (t: TestContext) => {
  assert.equal(await openSlurmClient().maxArraySize(), 2001);
  const one = toy(temporaryFolder(t));
  const folder = one.context.folder;
  const keys = Array.from({ length: 4500 }, (_, i) => `ok-${i}`);
  // None of them starts: what is tested is that Slurm takes them.
  const running = slurmExecutor({ ...options, sbatch: ['--begin=now+600'] }).run(
    keys.map((key) => ({ key })),
    one.context,
  );
  await waitFor(() => readJobs(folder).filter(({ id }) => id !== null).length === 3);
  assert.deepEqual(
    readJobs(folder).map(({ tasks }) => Object.keys(tasks).length),
    [2001, 2001, 498],
  );
  one.stop.abort();
  assert.equal((await running).stopped.length, 4500);
  assert.equal(await slurmExecutor(options).cancel(folder), 4500);
  assert.equal(await cluster.call('squeue', '-h'), '');
});

test('a task that somebody holds is taken back once only such are left, and runs', { timeout: 300_000 }, async (t: TestContext) => {
  const one = toy(temporaryFolder(t), { 'ok-b': ['ok-a'], 'ok-c': ['ok-b'] });
  const running = slurmExecutor({ ...options, sbatch: ['--begin=now+4'] }).run(
    [{ key: 'ok-a' }, { key: 'ok-x' }, { key: 'ok-b', after: ['ok-a'] }, { key: 'ok-c', after: ['ok-b'] }],
    one.context,
  );
  await waitFor(() => readJobs(one.context.folder).some(({ id }) => id !== null));
  const id = readJobs(one.context.folder)[0]?.id;
  await cluster.call('scontrol', 'hold', `${id}_0`);
  assert.match(await cluster.call('squeue', '-h', '-r', '-o', '%K|%r'), /0\|JobHeld/);
  assert.deepEqual((await running).done, ['ok-a', 'ok-x', 'ok-b', 'ok-c']);
  assert.equal(await cluster.call('squeue', '-h'), '');
});

test('jobs that are cancelled behind the back of the driver are submitted again', { timeout: 300_000 }, async (t: TestContext) => {
  const one = toy(temporaryFolder(t), { 'ok-b': ['slow-a'] });
  const running = slurmExecutor(options).run([{ key: 'slow-a' }, { key: 'ok-b', after: ['slow-a'] }], one.context);
  await waitFor(() => one.notes().includes('start slow-a'));
  await cluster.call('scancel', '-u', 'root');
  assert.deepEqual((await running).done, ['slow-a', 'ok-b']);
  assert.equal(one.events.filter(({ kind }) => kind === 'retried').length, 1);
});

test('a controller that does not answer is waited for', { timeout: 300_000 }, async (t: TestContext) => {
  const one = toy(temporaryFolder(t), { 'ok-b': ['slow-a'] });
  const notices: string[] = [];
  const running = slurmExecutor({ ...options, onNotice: (text) => notices.push(text) }).run(
    [{ key: 'slow-a' }, { key: 'ok-b', after: ['slow-a'] }],
    one.context,
  );
  await waitFor(() => one.notes().includes('start slow-a'));
  cluster.freezeController(true);
  await sleep(15_000);
  cluster.freezeController(false);
  assert.deepEqual((await running).done, ['slow-a', 'ok-b']);
  assert.equal(one.notes().length, 4);
  assert.match(notices.join('\n'), /does not answer[\s\S]*answers again/);
});

test('two drivers at once make no run twice; one that comes later takes over what the first submitted', {
  timeout: 300_000,
}, async (t: TestContext) => {
  const root = temporaryFolder(t);
  const [one, two] = [toy(root), toy(root)];
  const tasks = Array.from({ length: 12 }, (_, i) => ({ key: `ok-${i}` }));
  const reports = await Promise.all([slurmExecutor(options).run(tasks, one.context), slurmExecutor(options).run(tasks, two.context)]);
  for (const { done } of reports) assert.equal(done.length, 12);
  assert.equal(one.notes().filter((note) => note.startsWith('start')).length, 12);

  const three = toy(temporaryFolder(t));
  const first = slurmExecutor(options).run([{ key: 'slow-a' }], three.context);
  await waitFor(() => three.notes().includes('start slow-a'));
  three.stop.abort();
  assert.deepEqual((await first).stopped, ['slow-a']);
  const later = await slurmExecutor(options).run([{ key: 'slow-a' }], { ...three.context, signal: new AbortController().signal });
  assert.deepEqual(later.done, ['slow-a']);
  assert.deepEqual(three.notes(), ['start slow-a', 'end slow-a']);
});

test('what Slurm refuses is said in its words, and a cluster that is not there in ours', { timeout: 120_000 }, async (t: TestContext) => {
  const one = toy(temporaryFolder(t));
  await assert.rejects(
    slurmExecutor({ ...options, sbatch: ['--partition=nowhere'] }).run([{ key: 'ok-a' }], one.context),
    /Slurm refused the job: .*invalid partition/i,
  );
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    await assert.rejects(slurmExecutor(options).run([{ key: 'ok-a' }], one.context), /missing program 'scontrol'; it comes with Slurm/);
  } finally {
    process.env['PATH'] = path;
  }
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { type PoolEvent, type PoolOptions, runPool } from '../../src/run/pool.js';
import { temporaryFolder } from './folders.js';

const url = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);

/**
 * A worker that does as its key says, and notes when it started and ended. `crashN`: crashes N times, then works;
 * `soonN`: says "not now" N times; `wrongN`: throws N times; `bad`: fails for good; `slow`: works until it is asked to stop.
 */
function worker(folder: string): string {
  const path = join(folder, 'worker.mjs');
  fs.writeFileSync(
    path,
    `import fs from 'node:fs';
     import { setTimeout as sleep } from 'node:timers/promises';
     import { openWorkerChannel } from ${url('../../src/run/workerChannel.js')};
     const [folder, key] = process.argv.slice(2);
     const note = (text) => fs.appendFileSync(folder + '/notes', text + ' ' + key + '\\n');
     const kind = key.replace(/-.*/, '').replace(/\\d+$/, '');
     const count = Number(/^[a-z]+(\\d+)/.exec(key)?.[1] ?? 0);
     fs.appendFileSync(folder + '/starts-' + key, '.');
     const starts = fs.statSync(folder + '/starts-' + key).size;
     const channel = openWorkerChannel();
     note('start');
     channel.send({ event: 'progress', level: 1, step: 2, pid: process.pid, threads: process.env.TF_NUM_INTRAOP_THREADS });
     console.log('a line that is no event');
     if (kind === 'crash' && starts <= count) process.kill(process.pid, 'SIGKILL');
     if (kind === 'wrong' && starts <= count) { console.error('TypeError: oops'); process.exit(1); }
     if (kind === 'soon' && starts <= count) { channel.send({ event: 'failed', reason: 'parent missing' }); process.exit(75); }
     if (kind === 'bad') { channel.send({ event: 'failed', reason: 'loss is NaN' }); process.exit(65); }
     const end = kind === 'slow' ? 60_000 : 100;
     for (let i = 0; i < end / 20 && !channel.signal.aborted; i++) await sleep(20);
     if (channel.signal.aborted) { await sleep(300); note('saved'); process.exit(130); }
     note('end');
     fs.writeFileSync(folder + '/done-' + key, '');
     channel.close();`,
  );
  return path;
}

function setUp(t: TestContext): { folder: string; options: PoolOptions; events: PoolEvent[]; notes: () => string[] } {
  const folder = temporaryFolder(t);
  const path = worker(folder);
  const events: PoolEvent[] = [];
  return {
    folder,
    events,
    notes: () => (fs.existsSync(join(folder, 'notes')) ? fs.readFileSync(join(folder, 'notes'), 'utf8').trim().split('\n') : []),
    options: {
      command: ({ key }) => [process.execPath, path, folder, key],
      workers: 2,
      onEvent: (event) => void events.push(event),
      isDone: (key) => fs.existsSync(join(folder, `done-${key}`)),
    },
  };
}

test('tasks run two at a time, each after its parents, with one thread; a second call starts nothing', { timeout: 180_000 }, async (t) => {
  const { options, events, notes } = setUp(t);
  const tasks = [
    { key: 'ok-d', after: ['ok-b', 'ok-c'] },
    { key: 'ok-a' },
    { key: 'ok-b', after: ['ok-a'] },
    { key: 'ok-c', after: ['ok-a', 'elsewhere'] },
    { key: 'ok-e' },
  ];
  const report = await runPool(tasks, options);
  assert.deepEqual([...report.done].sort(), ['ok-a', 'ok-b', 'ok-c', 'ok-d', 'ok-e']);
  assert.deepEqual([report.failed, report.blocked, report.stopped], [[], [], []]);
  const at = (note: string): number => notes().indexOf(note);
  for (const [parent, child] of [
    ['a', 'b'],
    ['a', 'c'],
    ['b', 'd'],
    ['c', 'd'],
  ])
    assert.ok(at(`end ok-${parent}`) < at(`start ok-${child}`));
  let now = 0;
  let most = 0;
  for (const note of notes()) {
    now += note.startsWith('start') ? 1 : -1;
    most = Math.max(most, now);
  }
  assert.ok(most <= 2, `${most} at a time`);
  // On a busy machine one worker may be over before another has come to its first line: that two were started, the pool says.
  const turns = events.map(({ kind }) => kind).filter((kind) => kind === 'started' || kind === 'done');
  assert.deepEqual(turns.slice(0, 2), ['started', 'started']);
  const said = events.flatMap((event) => (event.kind === 'worker' ? [event.event] : []));
  assert.equal(said.length, 5);
  assert.deepEqual([said[0]?.event, said[0]?.['step'], said[0]?.['threads']], ['progress', 2, '1']);

  const began = performance.now();
  const again = await runPool(tasks, { ...options, command: () => assert.fail('started a process') });
  assert.deepEqual(again.done, report.done);
  assert.ok(performance.now() - began < 1000);
});

test('a worker that crashes is started again, twice; one that says "not now" is asked later', { timeout: 180_000 }, async (t) => {
  const { options, events, folder } = setUp(t);
  const report = await runPool([{ key: 'crash2' }, { key: 'wrong3' }, { key: 'soon2' }], options);
  assert.deepEqual([...report.done].sort(), ['crash2', 'soon2']);
  assert.deepEqual(report.failed, [{ key: 'wrong3', reason: 'TypeError: oops (exit code 1) (3 times)' }]);
  assert.equal(fs.statSync(join(folder, 'starts-crash2')).size, 3);
  assert.deepEqual(
    events.filter(({ kind, key }) => key === 'crash2' && kind === 'retried').map((event) => (event as { reason: string }).reason),
    ['ended by SIGKILL', 'ended by SIGKILL'],
  );
  assert.equal(events.filter(({ kind, key }) => key === 'soon2' && kind === 'waits').length, 2);
  const impatient = await runPool([{ key: 'soon9' }], { ...options, patience: 0.1 });
  assert.deepEqual(impatient.failed, [{ key: 'soon9', reason: 'parent missing (waited 0.1 s)' }]);
});

test('a task that fails for good is tried once, and names its descendants, and only those', { timeout: 180_000 }, async (t) => {
  const { options, folder } = setUp(t);
  const report = await runPool(
    [{ key: 'bad-a' }, { key: 'ok-b', after: ['bad-a'] }, { key: 'ok-c', after: ['ok-b', 'ok-d'] }, { key: 'ok-d' }],
    options,
  );
  assert.deepEqual(report, {
    done: ['ok-d'],
    failed: [{ key: 'bad-a', reason: 'loss is NaN' }],
    blocked: [
      { key: 'ok-b', by: 'bad-a' },
      { key: 'ok-c', by: 'bad-a' },
    ],
    stopped: [],
  });
  assert.equal(fs.statSync(join(folder, 'starts-bad-a')).size, 1);
  assert.ok(!fs.existsSync(join(folder, 'starts-ok-b')));
});

test('asked to stop, the pool waits for the checkpoints and starts nothing more', { timeout: 180_000 }, async (t) => {
  const { options, notes } = setUp(t);
  const asked = new AbortController();
  // Only a worker that has spoken listens: one that is asked before that just ends, with nothing to save.
  const spoken = new Set<string>();
  const onEvent = (event: PoolEvent): void => {
    if (event.kind !== 'worker') return;
    spoken.add(event.key);
    if (spoken.has('slow-a') && spoken.has('slow-b')) asked.abort();
  };
  const report = await runPool([{ key: 'slow-a' }, { key: 'slow-b' }, { key: 'ok-c' }, { key: 'ok-d', after: ['slow-a'] }], {
    ...options,
    onEvent,
    signal: asked.signal,
  });
  assert.deepEqual([...report.stopped].sort(), ['ok-c', 'ok-d', 'slow-a', 'slow-b']);
  assert.deepEqual(
    notes()
      .filter((note) => note.startsWith('saved'))
      .sort(),
    ['saved slow-a', 'saved slow-b'],
  );
  const before = await runPool([{ key: 'ok-x' }], { ...options, signal: AbortSignal.abort(), command: () => assert.fail('started') });
  assert.deepEqual(before.stopped, ['ok-x']);
});

test('workers that do not listen are killed on the second request', { timeout: 180_000 }, async (t) => {
  const { options } = setUp(t);
  const asked = new AbortController();
  const kill = new AbortController();
  const onEvent = (event: PoolEvent): void => {
    if (event.kind !== 'worker') return;
    asked.abort();
    setTimeout(() => kill.abort(), 100);
  };
  // A worker that ignores SIGTERM: the shell does, and so does what it starts.
  const command: PoolOptions['command'] = ({ key }) => [
    'sh',
    '-c',
    `trap '' TERM; echo '{"event":"progress"}'; while :; do read x; done`,
    key,
  ];
  const report = await runPool([{ key: 'any' }], { ...options, command, onEvent, signal: asked.signal, killSignal: kill.signal });
  assert.deepEqual(report.stopped, ['any']);
});

test('a program that is not there is a failure with its name', { timeout: 180_000 }, async (t) => {
  const { options } = setUp(t);
  const report = await runPool([{ key: 'x' }], { ...options, retries: 0, command: () => ['/no/such/program'] });
  assert.match(report.failed[0]?.reason ?? '', /\/no\/such\/program|ENOENT/);
});

test('keys that repeat and circles are refused', async (t) => {
  const { options } = setUp(t);
  await assert.rejects(runPool([{ key: 'a' }, { key: 'a' }], options), /invalid tasks: expected each key once, found 'a'/);
  await assert.rejects(
    runPool(
      [
        { key: 'a', after: ['b'] },
        { key: 'b', after: ['a'] },
      ],
      options,
    ),
    /no circle/,
  );
});

test('no worker outlives a driver that is killed, and each saves', { timeout: 180_000 }, async (t) => {
  const { folder } = setUp(t);
  const driver = join(folder, 'driver.mjs');
  fs.writeFileSync(
    driver,
    `import { runPool } from ${url('../../src/run/pool.js')};
     await runPool([{ key: 'slow-a' }, { key: 'slow-b' }], {
       command: ({ key }) => [process.execPath, ${JSON.stringify(join(folder, 'worker.mjs'))}, ${JSON.stringify(folder)}, key],
       workers: 2,
       onEvent: (event) => event.kind === 'worker' && process.stdout.write(event.event.pid + '\\n'),
     });`,
  );
  const child = spawn(process.execPath, [driver], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  while (said.trim().split('\n').filter(Boolean).length < 2) await sleep(20);
  const pids = said.trim().split('\n').map(Number);
  const alive = (): number[] => pids.filter(isRunning);
  assert.deepEqual(alive(), pids);
  child.kill('SIGKILL');
  await once(child, 'close');
  for (let i = 0; i < 500 && alive().length > 0; i++) await sleep(20);
  assert.deepEqual(alive(), []);
  const notes = fs.readFileSync(join(folder, 'notes'), 'utf8').trim().split('\n');
  assert.deepEqual(notes.filter((note) => note.startsWith('saved')).sort(), ['saved slow-a', 'saved slow-b']);
});

/** An orphan that has ended may stay listed until somebody waits for it: it does not run. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !(fs.existsSync(stat) && /\) Z /.test(fs.readFileSync(stat, 'utf8')));
}

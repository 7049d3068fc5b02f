/** Runs in processes of their own that are killed, or meet each other. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { stream } from '../../src/random.js';
import { getOrRun } from '../../src/run/getOrRun.js';
import { lockHolder, takeLock } from '../../src/run/lock.js';
import { readRecord, statusOf } from '../../src/run/readRecord.js';
import { removeRun } from '../../src/run/removeRun.js';
import { runFolder, type Store } from '../../src/run/store.js';
import { contents, temporaryFolder, temporaryStore } from './folders.js';
import { walk, walkKey, walkSpec } from './walk.js';

const spec = walkSpec({ levels: 4, steps: 150 });
const key = walkKey(spec);

/** A program that runs the walk and exits as the command line does. */
function program(t: TestContext): string {
  const path = join(temporaryFolder(t), 'walk.mjs');
  const url = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
  fs.writeFileSync(
    path,
    `import { getOrRun } from ${url('../../src/run/getOrRun.js')};
     import { exitCode } from ${url('../../src/run/exitCode.js')};
     import { openStore } from ${url('../../src/run/store.js')};
     import { walk } from ${url('./walk.js')};
     const [root, spec, key, wait] = process.argv.slice(2);
     const asked = new AbortController();
     process.once('SIGINT', () => asked.abort());
     try {
       await getOrRun(openStore({ root, records: [] }), JSON.parse(spec), key, walk, {
         signal: asked.signal, wait: Number(wait), progress: (event) => process.stdout.write(JSON.stringify(event) + '\\n'),
       });
     } catch (error) {
       console.error(error.message);
       process.exitCode = exitCode(error);
     }`,
  );
  return path;
}

function start(path: string, store: Store, wait = 0): ChildProcess {
  return spawn(process.execPath, [path, store.root, JSON.stringify(spec), key, String(wait)], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  child.stderr?.on('data', (text) => (said += text));
  child.stdout?.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

test('killed at 20 random moments, the run ends with the bytes of an undisturbed one', { timeout: 300_000 }, async (t) => {
  const calm = temporaryStore(t);
  const path = program(t);
  const began = performance.now();
  assert.equal((await ended(start(path, calm))).code, 0);
  const whole = performance.now() - began;
  const expected = contents(runFolder(calm, key));

  const random = stream(1, 'kill');
  let kills = 0;
  let store = temporaryStore(t);
  let midway = 0;
  while (kills < 20) {
    const child = start(path, store);
    const end = ended(child);
    // From before the folder is there to shortly after the end.
    await Promise.race([end, sleep(random.uniform() * whole * 1.1)]);
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      kills++;
    }
    await end;
    const folder = runFolder(store, key);
    if (fs.existsSync(join(folder, 'spec.json')) && statusOf(folder) === 'partial') {
      midway++;
      // What is there can be read at any moment.
      assert.ok(readRecord(folder).rows.length <= 600);
    } else if (fs.existsSync(join(folder, 'done.json'))) {
      assert.equal((await ended(start(path, store))).code, 0);
      assert.deepEqual(contents(folder), expected);
      store = temporaryStore(t);
    }
  }
  assert.ok(midway >= 5, `only ${midway} kills hit a run under way`);
  assert.equal((await ended(start(path, store))).code, 0);
  assert.deepEqual(contents(runFolder(store, key)), expected);
});

test('an interrupted process exits with 130 and leaves a run to go on from', { timeout: 180_000 }, async (t) => {
  const [calm, store] = [temporaryStore(t), temporaryStore(t)];
  const path = program(t);
  const child = start(path, store);
  const end = ended(child);
  await once(child.stdout as NodeJS.EventEmitter, 'data');
  child.kill('SIGINT');
  assert.deepEqual(await end, { code: 130, said: 'stopped; the checkpoint is saved, and the same command goes on from it\n' });
  await getOrRun(store, spec, key, walk);
  await getOrRun(calm, spec, key, walk);
  assert.deepEqual(contents(runFolder(store, key)), contents(runFolder(calm, key)));
});

test('of two processes one runs; the other says who does, or waits and finds the result', { timeout: 180_000 }, async (t) => {
  const store = temporaryStore(t);
  const path = program(t);
  const first = start(path, store);
  const end = ended(first);
  await once(first.stdout as NodeJS.EventEmitter, 'data');
  // Stopped, so that it is certainly still there.
  first.kill('SIGSTOP');
  t.after(() => first.kill('SIGKILL'));
  const refused = await ended(start(path, store));
  assert.equal(refused.code, 75);
  assert.match(refused.said, new RegExp(`^the run in '.*' is under way in process ${first.pid} on .*; wait for it, or stop`));
  assert.equal(lockHolder(runFolder(store, key))?.pid, first.pid);
  await assert.rejects(removeRun(store, key), /under way/);
  const waiting = ended(start(path, store, 60));
  await sleep(1500);
  first.kill('SIGCONT');
  assert.equal((await end).code, 0);
  assert.equal((await waiting).code, 0);
  // One wrote all the rows.
  assert.equal(readRecord(runFolder(store, key)).rows.length, 600);
  const log = fs.readFileSync(join(runFolder(store, key), 'log.txt'), 'utf8');
  assert.equal(log.match(/ done$/gm)?.length, 1);
});

test('of eight processes that start at once one runs, and none breaks anything', { timeout: 180_000 }, async (t) => {
  const [calm, store] = [temporaryStore(t), temporaryStore(t)];
  const path = program(t);
  const ends = await Promise.all(Array.from({ length: 8 }, () => ended(start(path, store, 60))));
  assert.deepEqual(
    ends.map(({ code }) => code),
    Array(8).fill(0),
  );
  await getOrRun(calm, spec, key, walk);
  assert.deepEqual(contents(runFolder(store, key)), contents(runFolder(calm, key)));
  assert.equal(fs.readFileSync(join(runFolder(store, key), 'log.txt'), 'utf8').match(/ done$/gm)?.length, 1);
});

test("a lock of a process that is gone, or whose id is another process now, is nobody's", async (t) => {
  const folder = temporaryFolder(t);
  const lock = await takeLock(folder);
  const file = fs.readdirSync(folder)[0] as string;
  const self = JSON.parse(fs.readFileSync(join(folder, file), 'utf8'));
  await assert.rejects(takeLock(folder), new RegExp(`in process ${process.pid} on`));
  lock.release();
  assert.deepEqual(fs.readdirSync(folder), []);
  const name = (n: number): string => join(folder, `lock-00000000-0000-4000-8000-00000000000${n}`);
  // Linux gives ids up to 2^22; this one is nobody's.
  fs.writeFileSync(name(1), JSON.stringify({ ...self, pid: 4_194_399 }));
  fs.writeFileSync(name(2), JSON.stringify({ ...self, started: 'another time' }));
  fs.writeFileSync(name(3), 'not JSON');
  const taken = await takeLock(folder);
  assert.equal(fs.readdirSync(folder).length, 1);
  taken.check();
  fs.rmSync(join(folder, fs.readdirSync(folder)[0] as string));
  assert.throws(() => taken.check(), /another process took this run over/);
  taken.release();
});

test('what a killed process was writing is removed; an announcement could be of one that lives, and goes after an hour', async (t) => {
  const store = temporaryStore(t);
  const folder = runFolder(store, key);
  fs.mkdirSync(join(folder, 'stages'), { recursive: true });
  const uuid = '00000000-0000-4000-8000-00000000000';
  const left = ['spec.json.77.tmp', `lock-${uuid}1.77.tmp`, `lock-${uuid}2.77.tmp`].map((name) => join(folder, name));
  for (const path of left) fs.writeFileSync(path, '{');
  const before = new Date(Date.now() - 3_700_000);
  fs.utimesSync(left[1] as string, before, before);
  await getOrRun(store, spec, key, walk);
  assert.deepEqual(
    left.map((path) => fs.existsSync(path)),
    [false, false, true],
  );
});

test('a lock of another machine counts for a minute after its last sign of life', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'lock-00000000-0000-4000-8000-000000000001');
  fs.writeFileSync(path, JSON.stringify({ pid: 1, started: '1', machine: 'node7 x y' }));
  await assert.rejects(takeLock(folder), /in process 1 on node7/);
  const before = new Date(Date.now() - 61_000);
  fs.utimesSync(path, before, before);
  const lock = await takeLock(folder);
  assert.ok(!fs.existsSync(path));
  lock.release();
});

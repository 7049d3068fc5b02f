import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { getOrRun } from '../../src/run/getOrRun.js';
import { DiskError, exitCode, Interrupted } from '../../src/run/exitCode.js';
import { listRuns } from '../../src/run/listRuns.js';
import { publish } from '../../src/run/publish.js';
import { readCertificate, readFailure, readRecord, readStage, readTiming } from '../../src/run/readRecord.js';
import type { Evaluation, Spec } from '../../src/run/record.js';
import { collectGarbage, removeRun } from '../../src/run/removeRun.js';
import { findRun, openStore, runFolder } from '../../src/run/store.js';
import { contents, temporaryFolder, temporaryStore } from './folders.js';
import { walk, walkKey, walkSpec } from './walk.js';

const spec = walkSpec();
const key = walkKey(spec);

test('a run leaves rows in stage order, a certificate, results and no loose ends', async (t) => {
  const store = temporaryStore(t);
  const record = await getOrRun(store, spec, key, walk);
  assert.equal(record.status, 'done');
  assert.equal(record.key, key);
  assert.deepEqual(record.spec, spec);
  assert.deepEqual(
    record.rows.map((row) => [row.level, (row as Evaluation).step]),
    Array.from({ length: 240 }, (_, i) => [Math.floor(i / 60), i % 60]),
  );
  const folder = runFolder(store, key);
  const stages = [0, 1, 2, 3].flatMap((n) => [`stages/00${n}-level-${n}/result.safetensors`, `stages/00${n}-level-${n}/rows.jsonl`]);
  assert.deepEqual(
    Object.keys(contents(folder)),
    ['certificate.json', 'done.json', 'environment.json', 'log.txt', 'rows.jsonl', 'spec.json', ...stages, 'timing.jsonl'].sort(),
  );
  assert.deepEqual(readCertificate(folder)?.[2], { stage: 'level-2', check: 'finite', ok: true, level: 2 });
  const { arrays, info } = readStage(folder, 'level-3');
  assert.deepEqual(info, { level: 3, steps: 60 });
  const last = record.rows.at(-1) as Evaluation;
  assert.equal(Math.abs(arrays['a/kernel']?.values[0] as number), last.loss);
  assert.deepEqual(Object.keys(readTiming(folder)), ['level-0', 'level-1', 'level-2', 'level-3']);
  assert.throws(() => readStage(folder, 'level-9'), /missing result of stage 'level-9'.*level-0/);
});

test('what is done is not done again', async (t) => {
  const store = temporaryStore(t);
  const first = await getOrRun(store, spec, key, walk);
  const again = await getOrRun(store, spec, key, () => assert.fail('the body ran again'));
  assert.deepEqual(again, first);
});

test('two stores give the same bytes for one spec, and other bytes for another replicate', async (t) => {
  const [a, b] = [temporaryStore(t), temporaryStore(t)];
  await getOrRun(a, spec, key, walk);
  await getOrRun(b, { ...spec }, key, walk);
  assert.deepEqual(contents(runFolder(a, key)), contents(runFolder(b, key)));
  const second = walkSpec({}, 2);
  await getOrRun(b, second, walkKey(second), walk);
  assert.notEqual(contents(runFolder(b, walkKey(second)))['rows.jsonl'], contents(runFolder(a, key))['rows.jsonl']);
});

test('a run that was asked to stop saves, says so, and ends with the bytes of an undisturbed one', async (t) => {
  const [calm, store] = [temporaryStore(t), temporaryStore(t)];
  await getOrRun(calm, spec, key, walk);
  const asked = new AbortController();
  const progress = ({ level, step }: { level?: number; step?: number }) => level === 2 && step === 35 && asked.abort();
  await assert.rejects(getOrRun(store, spec, key, walk, { signal: asked.signal, progress }), (error: unknown) => {
    assert.ok(error instanceof Interrupted);
    assert.equal(exitCode(error), 130);
    return true;
  });
  const partial = readRecord(runFolder(store, key));
  assert.equal(partial.status, 'partial');
  // The progress event of step 35 comes behind its checkpoint, so the one that stops is at step 42.
  assert.equal(partial.rows.length, 2 * 60 + 42);
  const steps: number[] = [];
  await getOrRun(store, spec, key, walk, { progress: ({ level, step }) => void (level === 2 && steps.push(step as number)) });
  assert.deepEqual(steps, [42, 49, 56]);
  assert.deepEqual(contents(runFolder(store, key)), contents(runFolder(calm, key)));
});

test('NaN in a row fails the run, with the reason on record, and a later call tries again', async (t) => {
  const store = temporaryStore(t);
  const poisoned = walkSpec({ poison: true });
  const name = walkKey(poisoned);
  const reason = /row 11 of stage 'level-1'\.loss.*finite number, found NaN/;
  await assert.rejects(getOrRun(store, poisoned, name, walk), (error: Error) => {
    assert.match(error.message, reason);
    assert.equal(exitCode(error), 65);
    return true;
  });
  const folder = runFolder(store, name);
  assert.equal(readRecord(folder).status, 'failed');
  assert.match(readFailure(folder)?.reason ?? '', reason);
  assert.equal(readFailure(folder)?.stage, 'level-1');
  assert.deepEqual(
    listRuns(store).map(({ status, stages }) => [status, stages]),
    [['failed', 1]],
  );
  await assert.rejects(getOrRun(store, poisoned, name, walk), reason);
  // Repaired, the run goes on behind the stage that was done.
  const levels: number[] = [];
  const record = await getOrRun(store, poisoned, name, (asked, context) => walk({ ...asked, poison: false }, context), {
    progress: ({ level }) => void levels.push(level as number),
  });
  assert.equal(record.status, 'done');
  assert.ok(!levels.includes(0));
  assert.ok(!fs.existsSync(join(folder, 'failed.json')));
});

test('a fault of the program is no failure of the run', async (t) => {
  const store = temporaryStore(t);
  await assert.rejects(
    getOrRun(store, spec, key, async (_, { stage }) => {
      await stage('a', () => ({ arrays: {}, info: {} }));
      throw new TypeError('oops');
    }),
    TypeError,
  );
  assert.equal(readRecord(runFolder(store, key)).status, 'partial');
  assert.match(fs.readFileSync(join(runFolder(store, key), 'log.txt'), 'utf8'), /TypeError: oops/);
});

test('stages have names of their own, one after the other, and keep their places', async (t) => {
  const store = temporaryStore(t);
  const nothing = () => ({ arrays: {}, info: {} });
  const attempt = (body: Parameters<typeof getOrRun>[3]) => getOrRun(store, spec, key, body);
  await assert.rejects(
    attempt(async (_, { stage }) => void (await stage('../a', nothing))),
    /invalid stage name/,
  );
  await assert.rejects(
    attempt(async (_, { stage }) => {
      await stage('a', nothing);
      await stage('a', nothing);
    }),
    /not used before/,
  );
  await assert.rejects(
    attempt(async (_, { stage }) => void (await stage('b', nothing))),
    /'000-b', found '000-a'.*another version/,
  );
  await assert.rejects(
    attempt(async (_, { stage }) => {
      const outer = stage('a', nothing);
      await stage('c', nothing);
      await outer;
    }),
    /stage 'a' to have ended/,
  );
});

for (const [what, damage] of Object.entries({
  'a flipped bit': (bytes: Buffer) => {
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1;
    return bytes;
  },
  'a flipped bit in the header': (bytes: Buffer) => {
    bytes[100] = (bytes[100] as number) ^ 2;
    return bytes;
  },
  'a lost end': (bytes: Buffer) => bytes.subarray(0, bytes.length - 20),
  'no content': () => Buffer.alloc(0),
})) {
  for (const file of ['checkpoint.safetensors', 'result.safetensors', 'rows.jsonl']) {
    test(`${what} in ${file} is noticed, and the stage computed again`, async (t) => {
      const [calm, store] = [temporaryStore(t), temporaryStore(t)];
      await getOrRun(calm, spec, key, walk);
      const asked = new AbortController();
      const progress = ({ level, step }: { level?: number; step?: number }) => level === 2 && step === 35 && asked.abort();
      await assert.rejects(getOrRun(store, spec, key, walk, { signal: asked.signal, progress }), Interrupted);
      const stage = file === 'checkpoint.safetensors' ? '002-level-2' : '001-level-1';
      const path = join(runFolder(store, key), 'stages', stage, file);
      fs.writeFileSync(path, damage(fs.readFileSync(path)));
      const first: Record<number, number> = {};
      await getOrRun(store, spec, key, walk, { progress: ({ level, step }) => void (first[level as number] ??= step as number) });
      assert.deepEqual(first, file === 'checkpoint.safetensors' ? { 2: 0, 3: 0 } : { 1: 0, 2: 42, 3: 0 });
      assert.deepEqual(contents(runFolder(store, key)), contents(runFolder(calm, key)));
      assert.match(fs.readFileSync(join(runFolder(store, key), 'log.txt'), 'utf8'), /is damaged and was not used/);
    });
  }
}

test('damaged rows of a finished run are named when read, and put together again when asked for', async (t) => {
  const store = temporaryStore(t);
  const whole = await getOrRun(store, spec, key, walk);
  const path = join(runFolder(store, key), 'rows.jsonl');
  fs.truncateSync(path, 1000);
  assert.throws(() => readRecord(runFolder(store, key)), /mismatched SHA-256 of '.*rows\.jsonl'/);
  assert.deepEqual(await getOrRun(store, spec, key, walk), whole);
  assert.deepEqual(readRecord(runFolder(store, key)), whole);
});

test('a run under way is read without its half-written last line', async (t) => {
  const store = temporaryStore(t);
  await assert.rejects(getOrRun(store, walkSpec({ poison: true }), walkKey(walkSpec({ poison: true })), walk));
  const folder = runFolder(store, walkKey(walkSpec({ poison: true })));
  fs.rmSync(join(folder, 'failed.json'));
  fs.appendFileSync(join(folder, 'stages/001-level-1/rows.jsonl'), '{"kind":"evaluation","lev');
  const { rows, status } = readRecord(folder);
  assert.equal(status, 'partial');
  assert.equal(rows.length, 60 + 10);
  fs.appendFileSync(join(folder, 'stages/001-level-1/rows.jsonl'), '\n');
  assert.throws(() => readRecord(folder), /line 11 of '.*rows\.jsonl' is not JSON/);
});

test('a default that was changed since cannot pass off an old run as a new one', async (t) => {
  const store = temporaryStore(t);
  await getOrRun(store, spec, key, walk);
  await assert.rejects(getOrRun(store, walkSpec({ steps: 61 }), key, walk), /option 'steps'.*expected 61, found 60.*default was changed/);
  const half = temporaryStore(t);
  const asked = AbortSignal.abort();
  await assert.rejects(getOrRun(half, spec, key, walk, { signal: asked }), Interrupted);
  await assert.rejects(getOrRun(half, walkSpec({ steps: 61 }), key, walk), /option 'steps'/);
  // An option that the old run did not know is none of its business.
  assert.equal((await getOrRun(store, { ...spec, later: null } as Spec, key, walk)).status, 'done');
});

test('a published record is read in place of a run, and is small', async (t) => {
  const store = temporaryStore(t);
  const records = join(temporaryFolder(t), 'records');
  const other = openStore({ root: join(temporaryFolder(t), 'runs'), records: [records] });
  assert.throws(() => publish(store, key, records), /missing finished run/);
  const record = await getOrRun(store, spec, key, walk);
  const folder = publish(store, key, records);
  publish(store, key, records);
  assert.deepEqual(fs.readdirSync(folder).sort(), [
    'certificate.json',
    'done.json',
    'environment.json',
    'rows.jsonl',
    'spec.json',
    'timing.jsonl',
  ]);
  assert.deepEqual(await getOrRun(other, spec, key, () => assert.fail('ran')), record);
  assert.equal(findRun(other, key), folder);
  assert.deepEqual(
    listRuns(other).map((entry) => [entry.key, entry.status, entry.record]),
    [[key, 'done', true]],
  );
  const text = fs.readFileSync(join(folder, 'environment.json'), 'utf8') + fs.readFileSync(join(folder, 'timing.jsonl'), 'utf8');
  assert.ok(!text.includes(store.root));
  await assert.rejects(removeRun(other, key), /missing run/);
  fs.appendFileSync(join(folder, 'rows.jsonl'), '\n');
  await assert.rejects(getOrRun(other, spec, key, walk), /mismatched SHA-256/);
});

test('removeRun takes a run away; listRuns names a damaged one', async (t) => {
  const store = temporaryStore(t);
  assert.deepEqual(listRuns(store), []);
  await getOrRun(store, spec, key, walk);
  fs.mkdirSync(join(store.root, '.removed-1'));
  assert.equal(collectGarbage(store), 1);
  fs.writeFileSync(join(runFolder(store, key), 'spec.json'), '{"experiment":');
  const [entry] = listRuns(store);
  assert.equal(entry?.status, 'damaged');
  assert.match(entry?.reason ?? '', /spec\.json' is not JSON/);
  await removeRun(store, key);
  assert.deepEqual(fs.readdirSync(store.root), []);
});

test('a full disk at any write ends in one sentence, and the next call ends with the bytes of an undisturbed run', async (t) => {
  const calm = temporaryStore(t);
  const short = walkSpec({ levels: 2, steps: 10, every: 4 });
  const name = walkKey(short);
  await getOrRun(calm, short, name, walk);
  const expected = contents(runFolder(calm, name));
  let failed = 0;
  for (let call = 0; ; call++) {
    let writes = 0;
    const disk = {
      ...fs,
      // The call that meets the full disk still takes a few bytes, as a real one does.
      writeSync(file: number, bytes: Uint8Array, from: number) {
        if (writes++ < call) return fs.writeSync(file, bytes, from);
        if (writes === call + 1 && bytes.length > from + 3) return fs.writeSync(file, bytes, from, 3);
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      },
    } as typeof fs;
    const root = join(temporaryFolder(t), 'runs');
    const full = openStore({ root, records: [], disk });
    const error = await getOrRun(full, short, name, walk).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (error !== undefined) {
      failed++;
      assert.ok(error instanceof DiskError, `${error}`);
      assert.match(error.message, /^the disk is full: '[^']+' could not be written; free some space and run again, finished work is kept$/);
      await getOrRun(openStore({ root, records: [] }), short, name, walk);
    }
    assert.deepEqual(contents(runFolder(full, name)), expected);
    if (error === undefined) break;
  }
  // spec, environment, lock, 2 x (rows, 10 rows, 3 checkpoints, result), rows, certificate, done: at least that many writes.
  assert.ok(failed >= 3 + 2 * 14 + 3, `${failed}`);
});

test('a folder that cannot be written is named, with what to do', async (t) => {
  const folder = temporaryFolder(t);
  // A file where a folder should be cannot be written into by anybody, the superuser included.
  fs.writeFileSync(join(folder, 'file'), '');
  const store = openStore({ root: join(folder, 'file', 'runs'), records: [] });
  await assert.rejects(getOrRun(store, spec, key, walk), { name: 'UserError', message: /file.* could not be written .*NEOTENY_RUNS/ });
  const refused = {
    ...fs,
    mkdirSync() {
      throw Object.assign(new Error("EACCES: permission denied, mkdir '/x'"), { code: 'EACCES' });
    },
  } as unknown as typeof fs;
  await assert.rejects(getOrRun(openStore({ root: folder, disk: refused }), spec, key, walk), DiskError);
});

test('the root is named by the option, the environment, or the project', (t) => {
  const before = process.env['NEOTENY_RUNS'];
  t.after(() => {
    if (before === undefined) delete process.env['NEOTENY_RUNS'];
    else process.env['NEOTENY_RUNS'] = before;
  });
  process.env['NEOTENY_RUNS'] = '/somewhere';
  assert.equal(openStore().root, '/somewhere');
  assert.equal(openStore({ root: '/else' }).root, '/else');
  delete process.env['NEOTENY_RUNS'];
  assert.ok(openStore().root.endsWith(join('data', 'runs')));
  assert.throws(() => runFolder(openStore(), '../x'), /invalid run key/);
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadDataset, loadDefinition } from '../../src/dataset/loadDataset.js';
import { madeSource, newFolder, tiny, tinyFiles, writeFiles } from './tiny.js';

let cache = '';
beforeEach(() => {
  cache = newFolder();
  process.env['NEOTENY_CACHE'] = cache;
  delete process.env['NEOTENY_DATA'];
});

/** One value of the training images changed, the length kept. */
function altered(): Record<string, Uint8Array> {
  const bytes = Uint8Array.from(tinyFiles['train-images-idx3-ubyte'] as Uint8Array);
  bytes[20] = 99;
  return { 'train-images-idx3-ubyte': bytes };
}

test('a source is asked once; later the cache serves the same bytes', async () => {
  const source = madeSource();
  const first = await loadDefinition(tiny(source), { validation: 2 });
  const second = await loadDefinition(tiny(source), { validation: 2 });
  assert.equal(source.asked, 1);
  assert.deepEqual(second, first);
  assert.equal(first.train.count, 4);
  assert.equal(first.validation.count, 2);
  // The test part stays in its order: images 6, 7, 8 of tiny.ts.
  assert.deepEqual([...first.test.pixels], [24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35]);
  assert.deepEqual([...first.test.labels], [0, 1, 2]);
  assert.deepEqual(readdirSync(join(cache, 'partial')), []);
  assert.deepEqual(JSON.parse(readFileSync(join(cache, 'datasets', 'tiny', 'source.json'), 'utf8')), { source: 'made' });
});

test('the split depends on the seed alone, and its parts are disjoint', async () => {
  const load = (seed: number) => loadDefinition(tiny(madeSource()), { validation: 3, seed });
  const a = await load(1);
  assert.deepEqual(await load(1), a);
  const firsts = [...a.train.pixels, ...a.validation.pixels].filter((value) => value % 4 === 0);
  assert.deepEqual(
    firsts.sort((x, y) => x - y),
    [0, 4, 8, 12, 16, 20],
  );
  const splits = new Set((await Promise.all([0, 1, 2, 3, 4].map(load))).map((d) => d.validation.pixels.join()));
  assert.ok(splits.size > 1);
});

for (const [what, damage, message] of [
  ['a truncated', (path: string) => truncateSync(path, 10), /train-images.*expected 24 bytes, found 10 bytes; fetching it again/],
  [
    'an altered',
    (path: string) => writeFileSync(path, new Uint8Array(24)),
    /expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}; fetching it again/,
  ],
] as const) {
  test(`${what} file of the cache is named and fetched again`, async () => {
    const source = madeSource();
    const before = await loadDefinition(tiny(source), { validation: 2 });
    damage(join(cache, 'datasets', 'tiny', 'train-images'));
    const notices: string[] = [];
    const after = await loadDefinition(tiny(source), { validation: 2, onNotice: (notice) => notices.push(notice) });
    assert.deepEqual(after, before);
    assert.equal(source.asked, 2);
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', message);
    await loadDefinition(tiny(source), { validation: 2 });
    assert.equal(source.asked, 2);
  });
}

test('a damaged cache that nothing can replace is not trained on', async () => {
  await loadDefinition(tiny(madeSource()), { validation: 2 });
  writeFileSync(join(cache, 'datasets', 'tiny', 'train-images'), new Uint8Array(24));
  await assert.rejects(loadDefinition(tiny(), { validation: 2, onNotice: () => {} }), {
    name: 'UserError',
    message: /no source delivered/,
  });
});

test("the user's folder comes before the cache, is found in a sub-folder, and is not copied", async () => {
  const source = madeSource();
  for (const inner of ['', 'tiny']) {
    const folder = newFolder();
    writeFiles(join(folder, inner));
    const data = await loadDefinition(tiny(source), { validation: 2, folder });
    process.env['NEOTENY_DATA'] = folder;
    assert.deepEqual(await loadDefinition(tiny(source), { validation: 2 }), data);
    delete process.env['NEOTENY_DATA'];
  }
  assert.equal(source.asked, 0);
  assert.ok(!existsSync(join(cache, 'datasets')));
});

test("an altered or incomplete file in the user's folder is refused, though the cache has the data", async () => {
  const definition = tiny(madeSource());
  await loadDefinition(definition, { validation: 2 });
  const folder = newFolder();
  writeFiles(folder, altered());
  await assert.rejects(loadDefinition(definition, { validation: 2, folder }), {
    name: 'UserError',
    message: /content of '.*train-images-idx3-ubyte' \(train-images of Tiny\): expected SHA-256 .*, found .*; use the original files/,
  });
  rmSync(join(folder, 'train-images-idx3-ubyte'));
  await assert.rejects(loadDefinition(definition, { validation: 2, folder }), { name: 'UserError', message: /missing 'train-images-idx3/ });
});

test("a user's folder with other things is passed over, one that does not exist is an error", async () => {
  const source = madeSource();
  await loadDefinition(tiny(source), { validation: 2, folder: newFolder() });
  assert.equal(source.asked, 1);
  await assert.rejects(loadDefinition(tiny(source), { folder: join(cache, 'absent') }), {
    name: 'UserError',
    message: /missing folder '.*absent'/,
  });
});

test('a source that fails or delivers altered files is passed over', async () => {
  const wrong = madeSource(altered(), 'wrong');
  const broken = { name: 'broken', deliver: () => Promise.reject(new Error('out of order')) };
  const right = madeSource();
  const data = await loadDefinition(tiny(broken, wrong, right), { validation: 2 });
  assert.deepEqual([wrong.asked, right.asked], [1, 1]);
  assert.ok(!data.train.pixels.includes(99));
});

test('when all sources fail, each is listed with its reason, and what to do', async () => {
  const broken = { name: 'broken', deliver: () => Promise.reject(new Error('out of order')) };
  const empty = { name: 'empty', deliver: (work: string) => Promise.resolve(work) };
  await assert.rejects(loadDefinition(tiny(broken, madeSource(altered(), 'wrong'), empty)), (error: Error) => {
    assert.equal(error.name, 'UserError');
    for (const part of [
      /missing data set 'tiny'/,
      /your folder: none is named/,
      /broken: out of order/,
      /wrong: .*train-images-idx3-ubyte'.*expected SHA-256/,
      /empty: missing files of Tiny/,
      /Get the four files of tiny\.ts, put them in a folder, and name it with NEOTENY_DATA=/,
    ]) {
      assert.match(error.message, part);
    }
    return true;
  });
  assert.deepEqual(readdirSync(join(cache, 'partial')), []);
});

test('a cache that cannot be made is one clear sentence', async () => {
  writeFileSync(join(cache, 'file'), '');
  process.env['NEOTENY_CACHE'] = join(cache, 'file');
  await assert.rejects(loadDefinition(tiny(madeSource()), { onNotice: () => {} }), {
    name: 'UserError',
    message: /the cache .*file cannot be written .*NEOTENY_CACHE/,
  });
});

test('data that cannot be kept are used all the same, with a notice', async () => {
  writeFileSync(join(cache, 'datasets'), 'in the way');
  const notices: string[] = [];
  const data = await loadDefinition(tiny(madeSource()), { validation: 2, onNotice: (notice) => notices.push(notice) });
  assert.equal(data.train.count, 4);
  assert.match(notices.at(-1) ?? '', /Tiny was not kept in the cache/);
});

/** A process that loads tiny from a source that says where it is and then waits for so many milliseconds. */
function loading(milliseconds: number): ReturnType<typeof spawn> {
  const here = (path: string): string => new URL(path, import.meta.url).href;
  const script = `
    import { loadDefinition } from '${here('../../src/dataset/loadDataset.js')}';
    import { tiny, writeFiles } from '${here('./tiny.js')}';
    const slow = { name: 'slow', async deliver(work) {
      writeFiles(work); console.log('delivering'); await new Promise((done) => setTimeout(done, ${milliseconds})); return work; } };
    const data = await loadDefinition(tiny(slow), { validation: 2 });
    console.log('loaded ' + data.train.count);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: fileURLToPath(new URL('.', import.meta.url)) });
}

function output(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((done) => {
    let text = '';
    child.stdout?.on('data', (chunk) => (text += String(chunk)));
    child.stderr?.on('data', (chunk) => (text += String(chunk)));
    child.on('close', () => done(text));
  });
}

test('a load that was killed leaves nothing that the next one minds', async () => {
  const child = loading(60_000);
  await new Promise((started) => child.stdout?.once('data', started));
  child.kill('SIGKILL');
  await output(child);
  assert.equal(readdirSync(join(cache, 'partial')).length, 1);
  assert.equal((await loadDefinition(tiny(madeSource()), { validation: 2 })).train.count, 4);
  assert.deepEqual(readdirSync(join(cache, 'partial')), []);
});

test('two processes that load at once both succeed', async () => {
  const outputs = await Promise.all([output(loading(300)), output(loading(300)), output(loading(250))]);
  assert.deepEqual(outputs, new Array(3).fill('delivering\nloaded 4\n'));
  const data = await loadDefinition(tiny(), { validation: 2 });
  assert.equal(data.train.count, 4);
});

test('a file of the cache that cannot be read is fetched again', {
  skip: process.getuid?.() === 0 && 'root reads everything',
}, async () => {
  const source = madeSource();
  await loadDefinition(tiny(source), { validation: 2 });
  chmodSync(join(cache, 'datasets', 'tiny', 'train-images'), 0);
  await loadDefinition(tiny(source), { validation: 2, onNotice: () => {} });
  assert.equal(source.asked, 2);
});

test('a folder in the place of a cached file is named, not trained on', async () => {
  await loadDefinition(tiny(madeSource()), { validation: 2 });
  const path = join(cache, 'datasets', 'tiny', 'train-labels');
  rmSync(path);
  mkdirSync(path);
  const notices: string[] = [];
  const data = await loadDefinition(tiny(madeSource()), { validation: 2, onNotice: (notice) => notices.push(notice) });
  assert.equal(data.train.count, 4);
  assert.match(notices[0] ?? '', /train-labels/);
});

test('options out of range and unknown names are refused', async () => {
  await assert.rejects(loadDataset('mnst'), { name: 'UserError', message: /unknown data set: 'mnst'. Did you mean 'mnist'\?/ });
  await assert.rejects(loadDefinition(tiny(madeSource())), {
    name: 'UserError',
    message: /less than the 6 of the training part, found 5000/,
  });
  await assert.rejects(loadDefinition(tiny(madeSource()), { seed: -1 }), { name: 'UserError', message: /seed/ });
});

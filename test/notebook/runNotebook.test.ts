/** `node tools/jupyter.mjs run`: parameters checked by name here and by type in the kernel, errors found, a copy written. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fixtures, root } from './kernelClient.js';
import { type Ended, runTool } from './tools.js';

const folder = mkdtempSync(join(tmpdir(), 'run-'));
after(() => rmSync(folder, { recursive: true }));
const squares = join(fixtures, 'squares.ipynb');
const out = join(folder, 'out.ipynb');
const run = (...args: string[]): Promise<Ended> => runTool('jupyter.mjs', ['run', ...args]);

interface Notebook {
  metadata: Record<string, unknown>;
  cells: { cell_type: string; source: string[]; metadata: Record<string, unknown>; outputs?: { text?: string[] }[] }[];
}
const read = (path: string): Notebook => JSON.parse(readFileSync(path, 'utf8')) as Notebook;
const printedBy = (notebook: Notebook): string =>
  notebook.cells.flatMap(({ outputs = [] }) => outputs.flatMap(({ text = [] }) => text)).join('');

/** The fixture with another last cell. */
function variant(name: string, source: string): string {
  const path = join(folder, name);
  const notebook = read(squares);
  (notebook.cells.at(-1) as Notebook['cells'][0]).source = [source];
  writeFileSync(path, JSON.stringify(notebook));
  return path;
}

test('values of every kind are assigned, the scale is set, and the copy names no machine', async () => {
  const path = variant('values.ipynb', 'console.log(title, squares.at(-1), steps.length, process.env.NEOTENY_SCALE);');
  const { code, err } = await run(
    path,
    '-p',
    'count=4',
    '-p',
    'title=5 "squares"',
    '-p',
    'steps=[1, 2, 3]',
    '--scale',
    'smoke',
    '--out',
    out,
  );
  assert.equal(code, 0, err);
  const notebook = read(out);
  assert.equal(printedBy(notebook), '[ 1, 4, 9, 16 ]\n5 "squares" 16 3 smoke\n');
  assert.ok(!JSON.stringify(notebook).includes(root));
  assert.equal(notebook.metadata['papermill'], undefined);
});

test('an unknown name, a missing value and an unknown notebook are refused before anything runs', async () => {
  const [name, value, notebook] = await Promise.all([run(squares, '-p', 'cont=4'), run(squares, '-p', 'count'), run('no-such-notebook')]);
  assert.deepEqual([name.code, value.code, notebook.code], [2, 2, 2]);
  assert.match(name.err, /unknown parameter: 'cont'\. Did you mean 'count'\? Known: count, title, steps/);
  assert.match(value.err, /expected name=value, found 'count'/);
  assert.match(notebook.err, /unknown notebook: 'no-such-notebook'/);
});

test('a value of the wrong type is an error of the compiler', async () => {
  const { code, err } = await run(squares, '-p', 'count=many', '--out', join(folder, 'type.ipynb'));
  assert.equal(code, 1);
  assert.match(err, /Type 'string' is not assignable to type 'number'/);
});

test('an error and an unhandled rejection both fail the run, with the cell named', async () => {
  const thrown = variant('thrown.ipynb', 'throw new RangeError("no");');
  const stray = variant('stray.ipynb', 'Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 50));');
  const [first, second] = await Promise.all([run(thrown, '--out', join(folder, 'a.ipynb')), run(stray, '--out', join(folder, 'b.ipynb'))]);
  assert.deepEqual([first.code, second.code], [1, 1]);
  assert.match(first.err, /cell \[3\]: RangeError: no/);
  assert.match(second.err, /cell 3: UnhandledPromiseRejection: Error: lost/);
});

test('in place, a notebook keeps its text and gets its outputs', async () => {
  const path = variant('place.ipynb', 'console.log("fresh")');
  assert.equal((await run(path, '--in-place', '--out', out)).code, 0);
  const [before, now] = [read(squares), read(path)];
  assert.match(printedBy(now), /fresh/);
  assert.deepEqual(
    now.cells.map(({ source }) => source.join('')).slice(0, 3),
    before.cells.map(({ source }) => source.join('')).slice(0, 3),
  );
  assert.equal((await run(path, '--in-place', '-p', 'count=1')).code, 2);
});

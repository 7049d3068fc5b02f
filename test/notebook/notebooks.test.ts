/**
 * The notebooks: every one runs from top to bottom at the scale `smoke` and draws what it should; what is committed of it is
 * whole, clean, and rests on records that are committed too.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { fixtures, root } from './kernelClient.js';
import { runTool } from './tools.js';

const { lintNotebook } = (await import(pathToFileURL(join(root, 'tools/lintNotebooks.mjs')).href)) as {
  lintNotebook: (notebook: object, bytes?: number) => string[];
};

interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, unknown>>;
}
interface Cell {
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly metadata: { readonly tags?: readonly string[] };
  readonly outputs?: readonly Output[];
}
interface Notebook {
  readonly cells: readonly Cell[];
}

const folder = mkdtempSync(join(tmpdir(), 'notebooks-'));
after(() => rmSync(folder, { recursive: true }));
const names = readdirSync(join(root, 'notebooks'))
  .filter((name) => name.endsWith('.ipynb'))
  .map((name) => basename(name, '.ipynb'))
  .sort();
const committed = (name: string): string => join(root, 'notebooks', `${name}.ipynb`);
const env = { NEOTENY_RUNS: join(folder, 'runs') };

const read = (path: string): Notebook => JSON.parse(readFileSync(path, 'utf8')) as Notebook;
const text = (value: unknown): string => (Array.isArray(value) ? value.join('') : typeof value === 'string' ? value : '');
const code = ({ cells }: Notebook): Cell[] => cells.filter(({ cell_type, source }) => cell_type === 'code' && text(source).trim() !== '');
const outputs = (notebook: Notebook): Output[] => code(notebook).flatMap((cell) => cell.outputs ?? []);
const tagged = (notebook: Notebook, tag: string): Cell[] => notebook.cells.filter(({ metadata }) => metadata.tags?.includes(tag));
const figuresOf = (notebook: Notebook): Output[] =>
  outputs(notebook).filter(({ data }) => data?.['application/vnd.plotly.v1+json'] !== undefined);

/** What is wrong with what a notebook shows. */
async function faults(name: string, notebook: Notebook, bytes: number): Promise<string[]> {
  const found = lintNotebook(notebook, bytes);
  const figures = figuresOf(notebook);
  if (figures.length === 0) found.push('no figure');
  const pictures = outputs(notebook).flatMap(({ data }) => {
    const inPage = [...text(data?.['text/html']).matchAll(/data:image\/png;base64,([^"]+)/g)].map((match) => match[1] ?? '');
    return [text(data?.['image/png']), ...inPage].filter((base64) => base64 !== '');
  });
  for (const picture of pictures) if (await isBlank(Buffer.from(picture, 'base64'))) found.push('a blank figure');
  for (const { data } of outputs(notebook)) if (text(data?.['text/plain']) === '') found.push('an output without text');
  const all = outputs(notebook)
    .map(({ data }) => text(data?.['text/plain']))
    .join('\n');
  if (/\b(NaN|undefined|\[object Object\])/.test(all)) found.push(`shows ${/.*\b(NaN|undefined|\[object Object\]).*/.exec(all)?.[0]}`);
  if (!/neoteny\s+\d/.test(text(outputs(notebook).at(-1)?.data?.['text/plain']))) found.push('no stamp of versions at its end');
  return found.map((fault) => `${name}: ${fault}`);
}

async function isBlank(png: Buffer): Promise<boolean> {
  const { channels } = await sharp(png).removeAlpha().stats();
  return Math.max(...channels.map(({ stdev }) => stdev)) < 5;
}

test('a blank picture is found, a drawn one is not', async () => {
  const white = sharp({ create: { width: 200, height: 100, channels: 3, background: 'white' } });
  assert.equal(await isBlank(await white.clone().png().toBuffer()), true);
  const line = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><path d="M10 90L190 10" stroke="black" stroke-width="2"/></svg>',
  );
  assert.equal(
    await isBlank(
      await white
        .clone()
        .composite([{ input: line }])
        .png()
        .toBuffer(),
    ),
    false,
  );
});

test('there are notebooks, on one skeleton', () => {
  assert.ok(names.length >= 3);
  for (const name of names) {
    const notebook = read(committed(name));
    const first = text(notebook.cells[0]?.source);
    assert.match(first, /^# .+\n\n> [^\n]+\n/, `${name} begins with a heading and one sentence`);
    const prose = notebook.cells
      .filter(({ cell_type }) => cell_type === 'markdown')
      .map(({ source }) => text(source))
      .join('\n');
    for (const part of [
      /\*\*Question\.\*\*/,
      /\*\*Prediction\.?\*\*/,
      /## What would change our mind/,
      /\*\*References\.\*\*[\s\S]*arXiv:\d{4}\.\d{5}/,
    ]) {
      assert.match(prose, part, `${name} lacks ${part}`);
    }
    assert.equal(tagged(notebook, 'parameters').length, 1, `${name}: one cell of parameters`);
    const claims = tagged(notebook, 'claim');
    assert.equal(claims.length, 1, `${name}: one cell that asserts its claim`);
    assert.match(text(claims[0]?.source), /assert\.\w+\(/);
    for (const cell of code(notebook)) {
      const lines = text(cell.source).split('\n');
      assert.ok(lines.length <= 25, `${name}: a cell of ${lines.length} lines: ${lines[0]}`);
    }
  }
});

test('the text pairs say what the notebooks say', async () => {
  const script = `import json, sys, jupytext, pathlib
root = pathlib.Path(sys.argv[1])
cells = lambda path: [(c.cell_type, c.source, sorted(c.metadata.get("tags", []))) for c in jupytext.read(path).cells]
print(json.dumps([n for n in sys.argv[2:] if cells(root / f"{n}.ipynb") != cells(root / "text" / f"{n}.ts")]))`;
  const { code: exit, out, err } = await runTool('jupyter.mjs', ['python', '-c', script, join(root, 'notebooks'), ...names]);
  assert.equal(exit, 0, err);
  assert.deepEqual(
    JSON.parse(out),
    [],
    'differ from notebooks/text: run node tools/jupyter.mjs python -m jupytext --sync notebooks/*.ipynb',
  );
});

test('what is committed was executed, is clean and small, and rests on committed records', async () => {
  for (const name of names) {
    const notebook = read(committed(name));
    assert.deepEqual(await faults(name, notebook, statSync(committed(name)).size), []);
    const stamp = text(outputs(notebook).at(-1)?.data?.['text/plain']);
    assert.match(stamp, /scale\s+preset/);
    assert.match(stamp, /seed\s+\d+/);
    for (const [, start = '', rest = ''] of stamp.matchAll(/(\w+-[0-9a-f]{12})-(r\d+(?:, r\d+)*)/g)) {
      for (const replicate of rest.split(', '))
        assert.ok(
          existsSync(join(root, 'data/records', `${start}-${replicate}`, 'done.json')),
          `${name} rests on ${start}-${replicate}, which is no record`,
        );
    }
  }
});

for (const name of names) {
  test(`${name} runs at scale smoke`, async () => {
    const out = join(folder, `${name}.ipynb`);
    const { code: exit, err } = await runTool(
      'jupyter.mjs',
      ['run', committed(name), '--scale', 'smoke', '--timeout', '300', '--out', out],
      env,
    );
    assert.equal(exit, 0, err);
    const notebook = read(out);
    assert.deepEqual(await faults(name, notebook, statSync(out).size), []);
    assert.equal(figuresOf(notebook).length, figuresOf(read(committed(name))).length);
    assert.match(text(outputs(notebook).at(-1)?.data?.['text/plain']), /scale\s+smoke/);
  });
}

test('on plain tslab a notebook shows the same', async () => {
  const [name = ''] = names.filter((n) => n.startsWith('02'));
  const args = [
    'nbconvert',
    '--to',
    'notebook',
    '--execute',
    committed(name),
    '--ExecutePreprocessor.kernel_name=plain',
    '--ExecutePreprocessor.timeout=300',
    '--ExecutePreprocessor.startup_timeout=300',
    `--output-dir=${folder}`,
    '--output=plain',
  ];
  // Its runs were made by the test above, and are found again.
  const { code: exit, err } = await runTool('jupyter.mjs', args, { ...env, NEOTENY_SCALE: 'smoke', JUPYTER_PATH: fixtures });
  assert.equal(exit, 0, err);
  // The bar of the runs under way is the one thing that is not shown twice.
  const shown = (notebook: Notebook): Output[] => outputs(notebook).filter(({ data }) => !text(data?.['text/html']).includes('<progress'));
  const types = (path: string): string[][] => shown(read(path)).map(({ data }) => Object.keys(data ?? {}).sort());
  assert.deepEqual(types(join(folder, 'plain.ipynb')), types(join(folder, `${name}.ipynb`)));
});

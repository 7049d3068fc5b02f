/** The structure of the sources: imports flow one way, and what must stay in its place does. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..', 'src');
/** The flow of design: a folder imports only itself, the shared values at the root, and folders before it. */
const flow = [
  'dataset',
  'recognition',
  'model',
  'train',
  'score',
  'prune',
  'grow',
  'ticket',
  'run',
  'analysis',
  'figure',
  'notebook',
  'cli',
];

interface Source {
  path: string;
  folder: string;
  text: string;
  imports: { name: string; typeOnly: boolean }[];
}

const sources: Source[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const found = [
      ...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gms),
      ...text.matchAll(/import\(\s*()'([^']+)'\s*\)/g),
    ];
    const imports = found.map((m) => ({ typeOnly: Boolean(m[1]), name: m[2] as string }));
    return { path, folder: dirname(path).split('/')[0] as string, text, imports };
  });

test('there are sources to look at', () => assert.ok(sources.length > 50));

test('imports flow one way', () => {
  const backward: string[] = [];
  for (const { path, folder, imports } of sources) {
    if (path === 'index.ts') continue;
    for (const { name } of imports.filter(({ name }) => name.startsWith('.'))) {
      const target = normalize(join(dirname(path), name)).split('/');
      const into = target.length === 1 ? '.' : (target[0] as string);
      const allowed =
        into === '.' ? target[0] !== 'index.js' : folder !== '.' && flow.indexOf(into) >= 0 && flow.indexOf(into) <= flow.indexOf(folder);
      if (!allowed) backward.push(`${path} imports ${name}`);
    }
  }
  assert.deepEqual(backward, []);
});

test('every folder is part of the flow', () => {
  const folders = new Set(sources.map(({ folder }) => folder).filter((folder) => folder !== '.'));
  assert.deepEqual(
    [...folders].filter((folder) => !flow.includes(folder)),
    [],
  );
});

test('tensors stay in model, train and score', () => {
  const outside = sources.filter(({ folder, imports, path }) => {
    const tensorflow = imports.some(({ name }) => name.startsWith('@tensorflow/') || name.endsWith('model/tensorflow.js'));
    // danfo requires tfjs-node itself; doctor reports which backend serves.
    return tensorflow && !['model', 'train', 'score'].includes(folder) && !/^(analysis\/(loadDanfo|toFrame)|cli\/)/.test(path);
  });
  assert.deepEqual(
    outside.map(({ path }) => path),
    [],
  );
});

test('TensorFlow is loaded through its one door, never by an import statement', () => {
  const direct = sources.filter(({ imports }) => imports.some(({ name, typeOnly }) => name.startsWith('@tensorflow/') && !typeOnly));
  assert.deepEqual(
    direct.map(({ path }) => path),
    [],
  );
});

test('randomness is an argument', () => {
  const calls = sources.filter(({ text }) => /Math\.random\(/.test(text));
  assert.deepEqual(
    calls.map(({ path }) => path),
    [],
  );
});

test('tslab is known to the notebook folder only', () => {
  const others = sources.filter(({ folder, imports }) => folder !== 'notebook' && imports.some(({ name }) => name === 'tslab'));
  assert.deepEqual(
    others.map(({ path }) => path),
    [],
  );
});

test('public types are written for the TypeScript of notebooks', () => {
  const generic = sources.filter(({ text }) => /Array<ArrayBuffer/.test(text));
  assert.deepEqual(
    generic.map(({ path }) => path),
    [],
  );
});

test('the formatter and the linter find nothing', () => {
  const top = join(root, '..');
  const program = join(top, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'check', 'src', 'test', 'tools', 'biome.json'], {
    cwd: top,
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
});

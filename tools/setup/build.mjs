import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { run } from './run.mjs';

const FOLDERS = ['src', 'test'];
const STAMP = 'dist/.neoteny-build';

/** Why `dist` does not hold what the sources say, or undefined when it does. */
export function buildIsStale(root) {
  const sources = listSources(root);
  if (readStamp(root) !== fingerprint(root, sources)) return 'sources changed';
  const lost = sources.find(({ path }) => !existsSync(join(root, outputOf(path))));
  return lost === undefined ? undefined : `${outputOf(lost.path)} is gone`;
}

/** Compiles the TypeScript of `src` and `test` into `dist`, and removes what a deleted source left there. */
export async function build(root, report) {
  const step = report.step('TypeScript');
  const sources = listSources(root);
  const mark = fingerprint(root, sources);
  rmSync(join(root, STAMP), { force: true });
  // The incremental record believes its outputs are there: without one of them it must be dropped.
  const known = existsSync(join(root, 'dist', '.tsbuildinfo'));
  if (known && sources.some(({ path }) => !existsSync(join(root, outputOf(path))))) {
    rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
  }
  const result = await run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.', '--pretty', 'false'], {
    cwd: root,
  });
  if (result.code !== 0) {
    step.failed();
    throw new SetupFailure(
      `TypeScript found errors (exit ${result.code})`,
      'correct them (npm run build shows them all); an unchanged clone has none',
      result.lines,
    );
  }
  removeOrphans(root, new Set(sources.map(({ path }) => outputOf(path))));
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, STAMP), mark);
  step.done(`${sources.length} files`);
}

function readStamp(root) {
  try {
    return readFileSync(join(root, STAMP), 'utf8');
  } catch {
    return undefined;
  }
}

function outputOf(path) {
  return `dist/${path.replace(/\.(m?)tsx?$/, '.$1js')}`;
}

function listSources(root) {
  const sources = [];
  for (const folder of FOLDERS) {
    if (!existsSync(join(root, folder))) continue;
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.m?tsx?$/.test(entry.name) || /\.d\.m?ts$/.test(entry.name)) continue;
      const absolute = join(entry.parentPath ?? entry.path, entry.name);
      const { size, mtimeMs } = statSync(absolute);
      sources.push({ path: absolute.slice(root.length + 1).replaceAll('\\', '/'), size, mtimeMs });
    }
  }
  return sources.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Sizes and times, not contents: it is taken at every start. */
function fingerprint(root, sources) {
  const hash = createHash('sha256');
  for (const { path, size, mtimeMs } of sources) hash.update(`${path} ${size} ${mtimeMs}\n`);
  for (const path of ['tsconfig.json', 'package-lock.json']) hash.update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

/** A test whose source was deleted or renamed would otherwise still run. */
function removeOrphans(root, outputs) {
  for (const folder of FOLDERS) {
    const base = join(root, 'dist', folder);
    if (!existsSync(base)) continue;
    for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.m?js$/.test(entry.name)) continue;
      const absolute = join(entry.parentPath ?? entry.path, entry.name);
      const relative = absolute.slice(root.length + 1).replaceAll('\\', '/');
      if (outputs.has(relative)) continue;
      for (const path of [absolute, `${absolute}.map`, absolute.replace(/js$/, 'd.ts')]) rmSync(path, { force: true });
    }
  }
}

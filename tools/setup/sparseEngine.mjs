import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { delimiter, join } from 'node:path';
import { findCompiler, findHeaders } from './addon.mjs';
import { cacheFolder, openCache } from './cache.mjs';
import { SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { run } from './run.mjs';

/**
 * -O3 with the processor's own instructions. Fused multiply-adds are wanted (one rounding, and half the instructions); nothing else
 * is loosened: a sum keeps its order, and a NaN stays one.
 */
export const FLAGS = ['-std=c++17', '-O3', '-march=native', '-ffp-contract=fast', '-fno-math-errno', '-pthread'];

/** Folder of the sources in a clone. */
export function sparseSources(root) {
  return join(root, 'native', 'sparse');
}

function recordPath(root) {
  return join(root, 'node_modules', '.neoteny-sparse.json');
}

/** What has to be done for the sparse kernels: 'nothing', 'provide', or 'known-absent' when they could not be compiled before. */
export function sparseState(root, { retry = false, env = process.env } = {}) {
  const record = readRecord(root);
  if (record?.key !== key(root)) return 'provide';
  if (record.path !== undefined) return existsSync(record.path) ? 'nothing' : 'provide';
  return retry || record.circumstances !== circumstances(env) ? 'provide' : 'known-absent';
}

/** Compiles the sparse kernels into the cache, or notes why that cannot be: they are a faster engine, nothing needs them. */
export async function provideSparse(root, report, { env = process.env } = {}) {
  const base = { key: key(root), processor: processor(), circumstances: circumstances(env) };
  try {
    const cache = cacheFolder(env);
    openCache(cache);
    const path = join(cache, `sparse-${base.key}.node`);
    const wait = (owner) => report.note(`${owner} works in the same cache; waiting for it`);
    await withLock(join(cache, '.lock'), wait, async () => {
      if (!existsSync(path) || !(await loads(path))) await compile(root, cache, path, report);
    });
    writeRecord(root, { ...base, path });
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    writeRecord(root, { ...base, reason: error.message });
    report.warn(`  sparse kernels are not available: ${error.message}`);
    for (const line of error.lines) report.note(`| ${line}`);
    report.note(`what to do: ${error.remedy}`);
    report.note('Tickets train by the compiled masked step meanwhile, in the time of the dense network.');
  }
}

async function compile(root, cache, path, report) {
  const compiler = await findCompiler();
  if (compiler === undefined) {
    throw new SetupFailure(
      'no C++ compiler was found (g++, c++, clang++)',
      'install one (on Debian and Ubuntu the package build-essential), or name yours in CXX',
    );
  }
  const step = report.step('sparse kernels compiled');
  const folder = mkdtempSync(join(cache, 'tmp-'));
  try {
    const headers = await findHeaders(folder, step);
    if (headers.folder === undefined)
      throw new SetupFailure('the headers of Node-API could not be had', 'see that npm can reach its registry', headers.lines);
    const built = join(folder, 'sparse.node');
    const link = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
    const [program, ...leading] = compiler;
    const source = join(sparseSources(root), 'addon.cpp');
    const result = await run(program, [...leading, ...FLAGS, ...link, '-shared', '-fPIC', '-I', headers.folder, source, '-o', built]);
    if (result.code !== 0) {
      throw new SetupFailure(
        `${program} could not compile native/sparse (exit ${result.code})`,
        'use g++ 9 or clang 12, or later',
        result.lines.slice(-8),
      );
    }
    if (!(await loads(built)))
      throw new SetupFailure('the sparse kernels were compiled but do not load', 'this is a fault of the set-up itself: please report it');
    renameSync(built, path);
    step.done();
  } catch (error) {
    step.failed();
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Loads the addon in a process of its own: instructions that the processor lacks would end this one. */
async function loads(path) {
  const { code } = await run(process.execPath, ['-e', `if (!(require(${JSON.stringify(path)}).lanes > 0)) process.exit(1)`]);
  return code === 0;
}

/** Names a build: the content of the sources, the flags, and the processor. */
function key(root) {
  const hash = createHash('sha256').update(`${FLAGS.join(' ')} ${processor()}`);
  const folder = sparseSources(root);
  for (const name of readdirSync(folder).sort()) hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Names the kind of processor, as src/train/sparse/kernels.ts does: its architecture and its instruction sets. */
function processor() {
  let instructions = cpus()[0]?.model ?? '';
  try {
    instructions = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? instructions;
  } catch {
    // Not Linux: the model says it.
  }
  return createHash('sha256').update(`${arch()} ${instructions.trim()}`).digest('hex').slice(0, 16);
}

/** What a new attempt would find: a changed value means that trying again makes sense. */
function circumstances(env) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const tools = ['g++', 'c++', 'clang++'].filter((tool) => folders.some((folder) => existsSync(join(folder, tool))));
  return [process.version, env.CXX ?? '', ...tools].join(' ');
}

function readRecord(root) {
  try {
    return JSON.parse(readFileSync(recordPath(root), 'utf8'));
  } catch {
    return undefined;
  }
}

function writeRecord(root, record) {
  const path = recordPath(root);
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

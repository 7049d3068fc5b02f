import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { NODE_API_HEADERS } from './pinned.mjs';
import { npmCommand, run } from './run.mjs';

const MINUTES_OF_NODE_GYP = 5;

/** Folder of tfjs-node in a clone. */
export function tfjsNode(root) {
  return join(root, 'node_modules', '@tensorflow', 'tfjs-node');
}

/** The addon that tfjs-node loads. Node-API version 8 is stable: one build serves every Node from 20 on. */
export function addonPath(root) {
  return join(tfjsNode(root), 'lib', 'napi-v8', 'tfjs_binding.node');
}

/** Where the cache keeps the addon: beside the library, by the content of its sources. */
export function cachedAddon(root, library) {
  const hash = createHash('sha256');
  const folder = join(tfjsNode(root), 'binding');
  for (const name of readdirSync(folder).sort()) hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  return join(library, `addon-${hash.digest('hex').slice(0, 16)}.node`);
}

/** Links the library into tfjs-node's `deps`, each link replaced in one move: a program that runs keeps a whole library. */
export function linkLibrary(root, library) {
  const deps = join(tfjsNode(root), 'deps');
  mkdirSync(join(deps, 'lib'), { recursive: true });
  for (const name of readdirSync(join(library, 'lib'))) link(join(library, 'lib', name), join(deps, 'lib', name));
  link(join(library, 'include'), join(deps, 'include'));
}

function link(target, path) {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() && readlinkSync(path) === target) return;
  if (stat?.isDirectory()) rmSync(path, { recursive: true });
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, path);
}

/** The first C++ compiler that answers, as [program, ...arguments], or undefined. */
export async function findCompiler(env = process.env) {
  const candidates = [env.CXX?.split(/\s+/).filter(Boolean) ?? [], ['g++'], ['c++'], ['clang++']].filter((command) => command.length > 0);
  for (const command of candidates) {
    if ((await run(command[0], [...command.slice(1), '--version'])).code === 0) return command;
  }
  return undefined;
}

/**
 * Compiles the addon into the cache: one call of the compiler with the headers beside Node or, where Node came without, those of
 * the package node-api-headers. Where that fails, the maker's own way (node-gyp, which may download Node's headers).
 */
export async function buildAddon(root, cache, library, compiler, report) {
  const target = cachedAddon(root, library);
  const step = report.step('TensorFlow addon compiled');
  const folder = mkdtempSync(join(cache, 'tmp-'));
  try {
    const headers = await findHeaders(folder, step);
    const built = join(folder, 'tfjs_binding.node');
    const direct = headers.folder === undefined ? headers : await compile(root, library, headers.folder, compiler, built);
    if (direct.code !== 0) {
      step.update('with node-gyp');
      const gyp = await nodeGyp(root);
      if (gyp.code !== 0 || !existsSync(addonPath(root))) {
        throw new SetupFailure(
          `compiling the TensorFlow addon failed, with ${compiler[0]} (exit ${direct.code}) and with node-gyp (exit ${gyp.code})`,
          'install a C++17 compiler, such as g++ 8 or later (on Debian and Ubuntu the package build-essential)',
          [...direct.lines.slice(-8), ...gyp.lines.slice(-6)],
        );
      }
      copyFileSync(addonPath(root), built);
    }
    renameSync(built, target);
    step.done();
    return target;
  } catch (error) {
    step.failed();
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compile(root, library, headers, [program, ...leading], out) {
  const sources = join(tfjsNode(root), 'binding');
  return run(program, [
    ...leading,
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding'],
    ...['-I', headers, '-I', join(library, 'include'), join(sources, 'tfjs_backend.cc'), join(sources, 'tfjs_binding.cc'), '-o', out],
    ...['-L', join(library, 'lib'), '-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
  ]);
}

/** Node-API's headers, as `{ folder }`; else the failed command's result. */
export async function findHeaders(folder, step) {
  const beside = join(dirname(process.execPath), '..', 'include', 'node');
  if (existsSync(join(beside, 'node_api.h'))) return { folder: beside };
  step.update('headers of Node-API');
  const [npm, ...leading] = npmCommand();
  const packed = await run(
    npm,
    [...leading, 'pack', `node-api-headers@${NODE_API_HEADERS}`, '--pack-destination', folder, '--loglevel=error'],
    { cwd: folder },
  );
  if (packed.code !== 0) return packed;
  const unpacked = await run('tar', ['-xzf', `node-api-headers-${NODE_API_HEADERS}.tgz`], { cwd: folder });
  return unpacked.code === 0 ? { folder: join(folder, 'package', 'include') } : unpacked;
}

async function nodeGyp(root) {
  const [npm, ...leading] = npmCommand();
  const until = performance.now() + MINUTES_OF_NODE_GYP * 60_000;
  return run(npm, [...leading, 'run', 'build-addon-from-source'], { cwd: tfjsNode(root), stalled: () => performance.now() > until });
}

/** Puts a copy of the addon where tfjs-node looks for it: it finds the library relative to itself. */
export function installAddon(root, addon) {
  const path = addonPath(root);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(addon, `${path}.new`);
  renameSync(`${path}.new`, path);
  const { size, mtimeMs } = statSync(path);
  return { size, mtimeMs };
}

const TRIAL = `
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
const tf = require('@tensorflow/tfjs-node');
const product = tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0];
if (tf.getBackend() !== 'tensorflow' || product !== 11) throw new Error('1 * 3 + 2 * 4 gave ' + product + ' on ' + tf.getBackend());
`;

/** Loads the addon in a process of its own and multiplies two matrices. */
export async function tryAddon(root, report) {
  const step = report.step('native TensorFlow tried');
  const result = await run(process.execPath, ['-e', TRIAL], { cwd: root, env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' } });
  if (result.code === 0) step.done('works');
  else step.failed();
  return result;
}

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { addonPath, buildAddon, cachedAddon, findCompiler, installAddon, linkLibrary, tfjsNode, tryAddon } from './addon.mjs';
import { cacheFolder, openCache } from './cache.mjs';
import { SetupFailure, explainWriteError } from './failure.mjs';
import { libraryFolder, provideLibrary } from './library.mjs';
import { withLock } from './lock.mjs';
import { TENSORFLOW, WHEELS } from './pinned.mjs';

const RETRY_AFTER = 24 * 3600 * 1000;

/** What the last set-up found out about native TensorFlow; `neoteny doctor` reads it too. */
export function recordPath(root) {
  return join(root, 'node_modules', '.neoteny-setup.json');
}

/**
 * What native TensorFlow needs done: 'nothing', 'provide', or 'known-absent' when it could not be had the last time and nothing
 * has changed since (same tools on the PATH, less than a day ago). Looks at sizes and times only.
 */
export function nativeState(root, { backend, retry = false, thorough = false, now = Date.now(), env = process.env } = {}) {
  if (backend === 'wasm' || backend === 'cpu') return 'nothing';
  const record = readRecord(root)?.native;
  if (record?.state === 'ready') return !thorough && readyStill(root, record) ? 'nothing' : 'provide';
  const known = record?.state === 'absent' && record.circumstances === circumstances(env) && now - Date.parse(record.at) < RETRY_AFTER;
  return known && !retry && backend !== 'native' ? 'known-absent' : 'provide';
}

/** Reason and remedy noted by the set-up that could not provide native TensorFlow. */
export function knownReason(root) {
  const { reason, remedy } = readRecord(root)?.native ?? {};
  return { reason, remedy };
}

function readyStill(root, record) {
  const wheel = WHEELS[platform()];
  if (wheel === undefined || record.node !== process.version || record.tensorflow !== TENSORFLOW) return false;
  const addon = statSync(addonPath(root), { throwIfNoEntry: false });
  if (addon?.size !== record.addon?.size || addon?.mtimeMs !== record.addon?.mtimeMs) return false;
  return Object.entries(wheel.libraries).every(([member, { size }]) => {
    const file = statSync(join(tfjsNode(root), 'deps', 'lib', basename(member)), { throwIfNoEntry: false });
    return file?.size === size && file.mtimeMs === record.libraries?.[basename(member)];
  });
}

/**
 * Provides native TensorFlow in the clone: library from the cache or the wheel, addon compiled, both linked, tried, recorded.
 * @throws SetupFailure when it cannot be had; the clone is then left without the addon, so that the portable backend serves
 */
export async function provideNative(root, report, { thorough = false, env = process.env } = {}) {
  try {
    const wheel = checkPlatform();
    const cache = cacheFolder(env);
    openCache(cache);
    const wait = (owner) => report.note(`${owner} sets TensorFlow up in the same cache; waiting for it`);
    await withLock(join(cache, '.lock'), wait, () => provide(root, cache, wheel, report, thorough));
  } catch (error) {
    const failure = error instanceof SetupFailure ? error : wrap(error);
    rmSync(addonPath(root), { force: true });
    writeRecord(root, {
      state: 'absent',
      reason: failure.message,
      remedy: failure.remedy,
      circumstances: circumstances(env),
      at: new Date().toISOString(),
    });
    throw failure;
  }
}

async function provide(root, cache, wheel, report, thorough) {
  const compiler = await findCompiler();
  const folder = libraryFolder(cache, platform());
  // Before 200 MB are fetched for nothing.
  if (compiler === undefined && !existsSync(cachedAddon(root, folder))) {
    throw new SetupFailure(
      'no C++ compiler was found (g++, c++, clang++)',
      'install one (on Debian and Ubuntu the package build-essential), or name yours in CXX',
    );
  }
  const library = await provideLibrary(cache, platform(), wheel, report, thorough);
  linkLibrary(root, library);
  const kept = cachedAddon(root, library);
  const cached = existsSync(kept);
  let addon = installAddon(root, cached ? kept : await buildAddon(root, cache, library, compiler, report));
  let trial = await tryAddon(root, report);
  if (trial.code !== 0 && cached && compiler !== undefined) {
    // The one in the cache may be damaged, or built on a newer system that shares the cache.
    rmSync(kept, { force: true });
    addon = installAddon(root, await buildAddon(root, cache, library, compiler, report));
    trial = await tryAddon(root, report);
  }
  if (trial.code !== 0) {
    throw new SetupFailure(
      `native TensorFlow was built but does not run (exit ${trial.code})`,
      'the library needs a processor with AVX and a glibc of 2.17 or later; otherwise delete the cache folder and start again',
      trial.lines,
    );
  }
  const libraries = Object.fromEntries(
    Object.keys(wheel.libraries).map((member) => [basename(member), statSync(join(library, 'lib', basename(member))).mtimeMs]),
  );
  writeRecord(root, { state: 'ready', tensorflow: TENSORFLOW, library, libraries, addon, node: process.version });
}

function platform() {
  return `${process.platform}-${process.arch}`;
}

function checkPlatform() {
  const remedy =
    'none is needed: the portable backend serves. Native TensorFlow runs on Linux (x86-64 or arm64) with glibc; on Windows, inside WSL';
  const wheel = WHEELS[platform()];
  if (wheel === undefined) throw new SetupFailure(`there is no pinned TensorFlow library for ${platform()}`, remedy);
  if (process.report?.getReport?.().header.glibcVersionRuntime === undefined)
    throw new SetupFailure('this Linux has no glibc (musl?), which the TensorFlow library needs', remedy);
  return wheel;
}

function wrap(error) {
  const path = error.path ?? 'a file';
  return new SetupFailure(
    `native TensorFlow could not be put in place (${explainWriteError(error, path)})`,
    'see that the cache folder (NEOTENY_CACHE) and node_modules can be written and have 1.2 GB free',
  );
}

/** What a new attempt would find: a changed value means that trying again makes sense. */
function circumstances(env) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const tools = ['python3', 'python', 'pip3', 'pip', 'g++', 'c++', 'clang++'].filter((tool) =>
    folders.some((folder) => existsSync(join(folder, tool))),
  );
  return createHash('sha256')
    .update(JSON.stringify([platform(), process.version, cacheFolder(env), env.CXX ?? '', tools]))
    .digest('hex')
    .slice(0, 16);
}

function readRecord(root) {
  try {
    return JSON.parse(readFileSync(recordPath(root), 'utf8'));
  } catch {
    return undefined;
  }
}

function writeRecord(root, native) {
  const path = recordPath(root);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify({ native }, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

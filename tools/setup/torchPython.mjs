/** A Python that holds PyTorch and what else a comparison needs: an environment of its own in the cache folder, made once. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache.mjs';

const WITHOUT_CUDA = join(dirname(fileURLToPath(import.meta.url)), '..', 'bench', 'peers', 'withoutCuda.py');
const OLDEST = 11;

/**
 * The Python, installed if wished.
 * @param {{ name: string, what: string, remedy: string, requirements: string, install: boolean, say: (text: string) => void }} options
 *   `name` of the folder; `what` is in it, for people; `remedy` if it is not there and not to be installed; path of the `requirements`
 * @returns `{ python }`, or `{ missing }`: a sentence that says what is missing and what to do
 */
export function torchPython({ name, what, remedy, requirements, install, say }) {
  const wanted = createHash('sha256')
    .update([requirements, WITHOUT_CUDA].map((path) => readFileSync(path, 'utf8')).join('\0'))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder(), `${name}-${wanted}`);
  const python = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const stamp = join(folder, 'ready');
  if (existsSync(stamp)) return { python };
  if (!install) return { missing: `${what} are not installed; ${remedy}` };
  const system = systemPython();
  if (system === null) return { missing: `${what} need Python 3.${OLDEST} or later; install it, or name it: PYTHON=/path/to/python3` };
  say(`installing ${what} for comparison into ${folder} (once; 700 MB to download, 2 GB on disk)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const steps = [
    [system, ['-m', 'venv', folder]],
    // The wheels are large and serve once, so pip's cache need not hold them too.
    [
      python,
      ['-m', 'pip', 'install', '--no-deps', '--no-cache-dir', '--only-binary=:all:', '--disable-pip-version-check', '-r', requirements],
    ],
  ];
  for (const [command, args] of steps) {
    const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
    if (status !== 0) return { missing: `${what} could not be installed: '${command} ${args.slice(0, 3).join(' ')}' failed, see above` };
  }
  const libraries = torchLibraries(python);
  if (process.platform === 'linux' && libraries !== null) {
    const { status } = spawnSync(python, [WITHOUT_CUDA, libraries], { stdio: ['ignore', 2, 2] });
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

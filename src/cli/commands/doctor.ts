/** `neoteny doctor`: what is installed, what is missing, and what to do about it. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cacheFolder } from '../../dataset/cacheFolder.js';
import { dataStatus } from '../../dataset/dataStatus.js';
import { openStore } from '../../run/store.js';
import { workerCount } from '../../run/workerCount.js';
import { bytes } from '../output/format.js';
import { look, print, printJson } from '../output/print.js';
import { wrap } from '../output/wrap.js';
import { activity } from '../progress/poolDisplay.js';

export interface Finding {
  readonly name: string;
  /** `absent`: not there, and only needed for what `detail` says. `wrong`: nothing runs before it is put right. */
  readonly status: 'ok' | 'absent' | 'wrong';
  readonly detail: string;
  /** What to do; absent where all is well. */
  readonly remedy?: string;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Prints all findings. Returns 0, or 1 if something is wrong. */
export async function doctorCommand({ json }: { json?: boolean }): Promise<number> {
  const findings = await activity('looking around', examine);
  if (json) printJson(findings);
  else printFindings(findings);
  return findings.some(({ status }) => status === 'wrong') ? 1 : 0;
}

/** All findings, in the order in which one would put them right. */
export async function examine(): Promise<Finding[]> {
  const parts = await Promise.all([
    [node()],
    packages(),
    program(
      'python',
      [
        ['python3', '--version'],
        ['python', '--version'],
      ],
      'for the notebooks, and to unpack native TensorFlow',
      'install Python 3.9 or later',
    ),
    program(
      'compiler',
      [
        [process.env['CXX'] || 'g++', '--version'],
        ['c++', '--version'],
        ['clang++', '--version'],
      ],
      'to make native TensorFlow',
      'install a C++17 compiler such as g++, then npm run setup -- --retry',
    ),
    backend(),
    sparseKernels(),
    data(),
    notebooks(),
    chromium(),
    program('slurm', [['sbatch', '--version']], 'only for sweeps on a cluster'),
    [disk('runs', openStore().root), disk('cache', cacheFolder())],
    [machine()],
  ]);
  return parts.flat();
}

function printFindings(findings: readonly Finding[]): void {
  const { colors, prose } = look();
  const widest = Math.max(...findings.map(({ name }) => name.length));
  const sign = { ok: colors.green('✓'), absent: colors.yellow('-'), wrong: colors.red('✗') };
  for (const { name, status, detail, remedy } of findings) {
    const indent = ' '.repeat(widest + 4);
    print(`${sign[status]} ${colors.bold(name.padEnd(widest))}  ${wrap(detail, prose - widest - 4, '').replaceAll('\n', `\n${indent}`)}`);
    if (remedy !== undefined)
      print(`${indent}${colors.yellow(wrap(`to do: ${remedy}`, prose - widest - 4, '').replaceAll('\n', `\n${indent}`))}`);
  }
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  const finding = { name: 'node', detail: process.versions.node };
  return fits
    ? { ...finding, status: 'ok' }
    : { ...finding, status: 'wrong', remedy: 'install Node 20.19 or later, 22.12 or later, or 24' };
}

function packages(): Finding[] {
  const require = createRequire(import.meta.url);
  const { dependencies = {}, version } = JSON.parse(fs.readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
    version?: string;
  };
  const lost = Object.keys(dependencies).filter(
    (name) => !(require.resolve.paths(name) ?? []).some((folder) => fs.existsSync(join(folder, name, 'package.json'))),
  );
  const finding = {
    name: 'packages',
    detail: lost.length === 0 ? `neoteny ${version}, ${Object.keys(dependencies).length} packages` : `missing: ${lost.join(', ')}`,
  };
  return [lost.length === 0 ? { ...finding, status: 'ok' } : { ...finding, status: 'wrong', remedy: 'npm run setup' }];
}

async function program(
  name: string,
  commands: readonly (readonly [string, ...string[]])[],
  purpose: string,
  remedy?: string,
): Promise<Finding[]> {
  for (const [command, ...args] of commands) {
    const answer = await call(command, args);
    if (answer !== undefined) return [{ name, status: 'ok', detail: `${answer.trim().split('\n')[0]}` }];
  }
  return [{ name, status: 'absent', detail: `not found; ${purpose}`, ...(remedy !== undefined && { remedy }) }];
}

/** In a process of its own, since a broken library can take its process with it. */
async function backend(): Promise<Finding[]> {
  const door = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'model', 'tensorflow.js')).href;
  const code = `const { openTensorflow } = await import(${JSON.stringify(door)}); process.stdout.write('backend=' + await openTensorflow())`;
  const chosen = process.env['NEOTENY_BACKEND'];
  const serves = /backend=(\w+)/.exec((await call(process.execPath, ['--input-type=module', '-e', code], 60_000)) ?? '')?.[1];
  const nativeServes =
    serves === 'tensorflow' ||
    (chosen !== undefined &&
      chosen !== '' &&
      /backend=tensorflow/.test(
        (await call(process.execPath, ['--input-type=module', '-e', code], 60_000, { NEOTENY_BACKEND: 'native' })) ?? '',
      ));
  const native: Finding = nativeServes
    ? { name: 'tensorflow', status: 'ok', detail: 'native TensorFlow loads' }
    : {
        name: 'tensorflow',
        status: 'absent',
        detail: 'native TensorFlow does not load; training is several times slower without it',
        remedy: 'npm run setup -- --retry, which says what it lacks',
      };
  const why = chosen ? ` (NEOTENY_BACKEND=${chosen})` : '';
  const own: Finding =
    serves === undefined
      ? {
          name: 'backend',
          status: 'wrong',
          detail: `none serves${why}`,
          remedy: chosen ? 'unset NEOTENY_BACKEND, or set it to native, wasm or cpu' : 'npm run setup',
        }
      : {
          name: 'backend',
          status: 'ok',
          detail: `${{ tensorflow: 'native TensorFlow', wasm: 'WebAssembly', cpu: 'plain JavaScript' }[serves] ?? serves} serves${why}`,
        };
  return [native, own];
}

/** In a process of its own too: they are machine code. */
async function sparseKernels(): Promise<Finding[]> {
  const door = new URL('../../train/sparse/kernels.js', import.meta.url).href;
  const code = `const { whyNoSparseKernels } = await import(${JSON.stringify(door)}); process.stdout.write('why=' + (whyNoSparseKernels() ?? ''))`;
  const why = /why=(.*)/s.exec((await call(process.execPath, ['--input-type=module', '-e', code], 60_000)) ?? '')?.[1];
  const name = 'sparse kernels';
  if (why === '') return [{ name, status: 'ok', detail: "native kernels for engine: 'sparse' load" }];
  const reason = /^missing sparse kernels (.*?); run `npm/s.exec(why ?? '')?.[1] ?? why ?? 'they end their process';
  return [
    {
      name,
      status: 'absent',
      detail: `not there, ${reason.replace(/^\((.*)\)$/s, '$1')}; engines 'sparse' and 'auto' train on the compiled masked step meanwhile`,
      remedy: 'npm run setup -- --retry, with a C++ compiler installed',
    },
  ];
}

async function data(): Promise<Finding[]> {
  const status = await dataStatus();
  const there = status.filter(({ cached }) => cached).map(({ name }) => name);
  const rest = status.filter(({ cached }) => !cached).map(({ name }) => name);
  const detail = `${there.length === 0 ? 'none' : there.join(', ')} here${rest.length === 0 ? '' : `; ${rest.join(', ')} not yet: fetched when needed, or by neoteny data load NAME`}`;
  return [{ name: 'data sets', status: there.length > 0 ? 'ok' : 'absent', detail }];
}

async function notebooks(): Promise<Finding[]> {
  const folder = process.env['NEOTENY_VENV'] ?? join(root, '.venv');
  const python = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const answer = fs.existsSync(python)
    ? await call(python, ['-c', 'import jupyterlab, sys; print("JupyterLab", jupyterlab.__version__, "on Python", sys.version.split()[0])'])
    : undefined;
  if (answer !== undefined) return [{ name: 'notebooks', status: 'ok', detail: answer.trim() }];
  return [
    {
      name: 'notebooks',
      status: 'absent',
      detail: `no environment in ${folder}; only for notebooks`,
      remedy: 'node tools/jupyter.mjs lab makes it',
    },
  ];
}

async function chromium(): Promise<Finding[]> {
  const { chromiumPath } = await import('../../figure/picture/browserPng.js');
  try {
    return [{ name: 'chromium', status: 'ok', detail: chromiumPath() }];
  } catch {
    return [
      {
        name: 'chromium',
        status: 'absent',
        detail: 'not found (CHROMIUM can name its path); only to draw figures exactly as a browser does',
      },
    ];
  }
}

/** Least free space that is worth no word, in bytes: a default run keeps about a tenth of this. */
const comfortable = 2e9;

function disk(name: string, folder: string): Finding {
  let place = folder;
  while (!fs.existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    fs.accessSync(place, fs.constants.W_OK);
    const { bavail, bsize } = fs.statfsSync(place);
    const free = bavail * bsize;
    const detail = `${folder}, ${bytes(free)} free`;
    return free >= comfortable
      ? { name, status: 'ok', detail }
      : {
          name,
          status: 'absent',
          detail,
          remedy: `free some space, or name another folder in ${name === 'runs' ? 'NEOTENY_RUNS' : 'NEOTENY_CACHE'}`,
        };
  } catch (error) {
    return {
      name,
      status: 'wrong',
      detail: `${folder} cannot be written (${(error as NodeJS.ErrnoException).code})`,
      remedy: `make it writable, or name another folder in ${name === 'runs' ? 'NEOTENY_RUNS' : 'NEOTENY_CACHE'}`,
    };
  }
}

function machine(): Finding {
  const cores = os.availableParallelism();
  return {
    name: 'machine',
    status: 'ok',
    detail: `${cores} core${cores === 1 ? '' : 's'}, ${bytes(os.totalmem())} of memory: ${workerCount()} worker${workerCount() === 1 ? '' : 's'} at once`,
  };
}

function call(
  command: string,
  args: readonly string[],
  timeout = 15_000,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout, encoding: 'utf8', env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve(error === null ? stdout || stderr : undefined),
    );
  });
}

#!/usr/bin/env node
/**
 * Jupyter for this project: makes `.venv` (pinned, every hash checked), shows it the TypeScript kernel, and runs `jupyter` in it.
 *
 *     node tools/jupyter.mjs lab                      JupyterLab
 *     node tools/jupyter.mjs run NAME -p levels=5     a notebook with checked parameters, into a dated copy under out/
 *     node tools/jupyter.mjs python FILE ...          Python of the environment
 *     node tools/jupyter.mjs setup                    the environment only
 *     node tools/jupyter.mjs nbconvert ...            any other command of jupyter
 *
 * Exit codes and signals are those of the command.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const venv = process.env.NEOTENY_VENV ?? join(root, '.venv');
const requirements = join(root, 'tools', 'jupyter', 'requirements.txt');
const bin = join(venv, process.platform === 'win32' ? 'Scripts' : 'bin');
const python = join(bin, process.platform === 'win32' ? 'python.exe' : 'python');
const stamp = join(venv, 'requirements.sha256');

/** Commands that serve to a browser. */
const servers = new Set(['lab', 'notebook', 'server']);
/** Arguments with which they only say something, or sub-commands of theirs. */
const helps = new Set([
  '-h',
  '--help',
  '--help-all',
  '--version',
  'list',
  'stop',
  'extension',
  'build',
  'clean',
  'path',
  'paths',
  'workspaces',
  'password',
]);

class SetupError extends Error {}

try {
  const args = process.argv.slice(2);
  if (args.length === 0) args.push('--help');
  await makeEnvironment();
  keepOutOfPackage();
  if (args[0] !== 'setup') await run(...commandOf(args));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`neoteny: ${error.message}`);
  process.exitCode = 1;
}

/** The program and its arguments for what was asked. */
function commandOf([command, ...rest]) {
  if (command === 'python') return [python, rest];
  // Jupyter refuses to serve as root unless told so. Where one is root, as in most containers, that is what was asked for.
  if (servers.has(command) && process.getuid?.() === 0 && !rest.some((arg) => arg.startsWith('--allow-root') || helps.has(arg))) {
    console.error('neoteny: started as root, so with --allow-root: whoever has the address with its token can do all that root can');
    return [python, ['-m', 'jupyter', command, '--allow-root', ...rest]];
  }
  if (command === 'run') return [python, [join(root, 'tools', 'jupyter', 'run_notebook.py'), ...rest]];
  return [python, ['-m', 'jupyter', command, ...rest]];
}

/** Makes or mends `.venv` unless it already holds what requirements.txt asks for. */
async function makeEnvironment() {
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (isCurrent(wanted)) return;
  const unlock = await lock();
  try {
    if (isCurrent(wanted)) return; // another process made it while this one waited
    const began = Date.now();
    const system = systemPython();
    console.error(`neoteny: making ${venv} (once; about a minute and 400 MB)`);
    const installer = makeVenv(system);
    // pip keeps what it has fetched, so that a second try after a break goes on from there.
    call(
      installer,
      ['install', '--require-hashes', '--disable-pip-version-check', '--progress-bar', 'on', '-r', requirements],
      'pip could not install the notebook packages (see above); check the network and run the same command again, it goes on where it stopped',
    );
    writeFileSync(stamp, wanted);
    console.error(`neoteny: .venv is ready (${Math.round((Date.now() - began) / 1000)} s)`);
  } finally {
    unlock();
  }
}

/**
 * JupyterLab brings a CommonJS program, yarn.js. Inside this package, whose files are ES modules, Node would take it for one,
 * and JupyterLab would begin with a page of errors.
 */
function keepOutOfPackage() {
  const path = join(venv, 'package.json');
  if (!existsSync(path)) writeFileSync(path, '{ "private": true, "type": "commonjs" }\n');
}

function isCurrent(wanted) {
  return existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

/** The first Python of at least 3.10 that starts. */
function systemPython() {
  const names = process.env.PYTHON ? [process.env.PYTHON] : ['python3', 'python', 'py'];
  let found = '';
  for (const name of names) {
    const answer = spawnSync(name, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' });
    if (answer.status !== 0) continue;
    found = answer.stdout.trim();
    const [major, minor] = found.split('.').map(Number);
    if (major === 3 && minor >= 10) return name;
  }
  throw new SetupError(
    found === ''
      ? `missing Python (tried ${names.join(', ')}); install Python 3.10 or newer, or name it: PYTHON=/path/to/python3`
      : `mismatched Python: expected 3.10 or newer, found ${found}; name a newer one: PYTHON=/path/to/python3`,
  );
}

/** Makes the environment and returns the command that is its pip: with ensurepip, else the system's pip, else uv. */
function makeVenv(system) {
  const quiet = (command, args) => spawnSync(command, args, { encoding: 'utf8' });
  const own = [python, '-m', 'pip'];
  const works = (command) => quiet(command[0], [...command.slice(1), '--version']).status === 0;
  if (existsSync(python) && works(own)) return own;
  rmSync(venv, { recursive: true, force: true });
  const made = quiet(system, ['-m', 'venv', venv]);
  if (made.status === 0 && works(own)) return own;
  rmSync(venv, { recursive: true, force: true });
  if (quiet(system, ['-m', 'venv', '--without-pip', venv]).status === 0) {
    const borrowed = [system, '-m', 'pip', '--python', python]; // Debian's Python without python3-venv
    if (works(borrowed)) return borrowed;
  }
  if (quiet('uv', ['venv', '--python', system, venv]).status === 0) return ['uv', 'pip'];
  rmSync(venv, { recursive: true, force: true });
  throw new SetupError(
    `cannot make a Python environment: '${system} -m venv' failed, and neither pip nor uv is there to help.\n` +
      `On Debian or Ubuntu: apt install python3-venv. Its message was:\n${(made.stderr || made.stdout || String(made.error)).trim()}`,
  );
}

function call([command, ...first], args, failure) {
  const uv = command === 'uv';
  const kept = uv ? args.filter((arg) => !['--disable-pip-version-check', '--progress-bar', 'on'].includes(arg)) : args;
  const env = uv ? { ...process.env, VIRTUAL_ENV: venv } : process.env;
  // Standard output belongs to the command that follows: pip's goes to standard error.
  const { status } = spawnSync(command, [...first, ...kept], { stdio: ['ignore', 2, 2], env });
  if (status !== 0) throw new SetupError(failure);
}

/** Two commands started at once must not fill one .venv together: the second waits. */
async function lock() {
  const path = join(root, 'node_modules', '.venv.lock');
  for (let waited = 0; ; waited++) {
    try {
      mkdirSync(path);
      writeFileSync(join(path, 'pid'), String(process.pid));
      return () => rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw new SetupError(`cannot make ${path}: ${error.message}`);
    }
    if (!holderLives(path, waited)) rmSync(path, { recursive: true, force: true });
    else if (waited === 0) console.error(`neoteny: another process is making ${venv}, waiting`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function holderLives(path, waited) {
  try {
    process.kill(Number(readFileSync(join(path, 'pid'), 'utf8')), 0);
    return true;
  } catch (error) {
    if (error.code === 'ENOENT') return waited < 10; // the holder is between mkdir and write, or died there
    return error.code === 'EPERM';
  }
}

/** Runs the command in the environment, hands signals on, and ends as it ends. */
async function run(command, args) {
  const path = [bin, dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter);
  const jupyterPath = [join(root, 'tools', 'jupyter'), process.env.JUPYTER_PATH].filter(Boolean).join(delimiter);
  const env = { ...process.env, PATH: path, JUPYTER_PATH: jupyterPath, VIRTUAL_ENV: venv };
  const child = spawn(command, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends its interrupt to the child as well: handing it on would be a second one.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new SetupError(`cannot run ${command}: ${error.message}`)));
    child.on('close', (...ended) => resolve(ended));
  });
  if (signal === null) process.exitCode = code;
  else {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
}

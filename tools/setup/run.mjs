import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TAIL = 15;
const children = new Set();

/**
 * Runs a program to its end, without a shell and without standard input.
 * Never rejects: a program that cannot be started has code 127. `lines` are the last lines of its output.
 * `stalled()` is asked every second; when it returns true the program is stopped and `stalled` is set in the result.
 *
 * @returns {Promise<{code: number, lines: string[], stalled: boolean}>}
 */
export function run(command, args, { cwd, env = process.env, onLine, stalled } = {}) {
  return new Promise((resolve) => {
    const lines = [];
    let stopped = false;
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], shell: false });
    children.add(child);
    const timer = setInterval(() => {
      if (stalled === undefined || !stalled()) return;
      stopped = true;
      child.kill('SIGKILL');
    }, 1000);
    const end = (code) => {
      clearInterval(timer);
      children.delete(child);
      resolve({ code, lines, stalled: stopped });
    };
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk) => {
        const parts = (rest + chunk).split(/\r?\n|\r/);
        rest = parts.pop() ?? '';
        for (const line of parts) take(line);
      });
      stream.on('end', () => take(rest));
    }
    function take(line) {
      if (line.trim() === '') return;
      if (onLine?.(line) === true) return;
      lines.push(line.slice(0, 300));
      if (lines.length > TAIL) lines.shift();
    }
    child.on('error', (error) => {
      lines.push(`${command}: ${error.code === 'ENOENT' ? 'not found' : error.message}`);
      end(127);
    });
    child.on('close', (code, signal) => {
      if (signal !== null) lines.push(`ended by ${signal}`);
      end(code ?? 1);
    });
  });
}

/** Stops whatever `run` still has under way, for an interrupted set-up. */
export function stopChildren() {
  for (const child of children) child.kill('SIGTERM');
}

/** The command that runs npm under this very Node, as [program, ...leading arguments]. */
export function npmCommand(env = process.env) {
  const bin = dirname(process.execPath);
  const candidates = [
    env.npm_execpath,
    join(bin, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(bin, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  // npm_execpath can name another package manager, which knows nothing of this lock file.
  const script = candidates.find((path) => path !== undefined && /npm-cli\.[cm]?js$/.test(path) && existsSync(path));
  return script === undefined ? ['npm'] : [process.execPath, script];
}

/** The command line in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

export const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** Starts `neoteny` with some arguments. */
export function neoteny(args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, out, err })) };
}

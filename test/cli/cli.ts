/** The compiled command line as a child process. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly ended: Promise<Ended>;
  readonly pid: number;
  signal(name: NodeJS.Signals): void;
  /** Resolves once standard error matches. */
  says(pattern: RegExp): Promise<void>;
}

/** Starts `neoteny ...`. Variables that would change what it prints are left out unless given. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string): Started {
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, NEOTENY_BACKEND: ____, NEOTENY_DEBUG: _____, ...inherited } = process.env;
  const child = spawn(process.execPath, [main, ...args], { env: { ...inherited, ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return {
    ended,
    pid: child.pid as number,
    signal: (name) => void child.kill(name),
    says: (pattern) =>
      Promise.race([
        new Promise<void>((resolve) => {
          const look = (): void => {
            if (!pattern.test(err)) return;
            listeners.delete(look);
            resolve();
          };
          listeners.add(look);
          look();
        }),
        ended.then((end) => {
          if (!pattern.test(end.err)) throw new Error(`ended with ${end.code} and never said ${pattern}:\n${end.err}`);
        }),
      ]),
  };
}

/** Runs `neoteny ...` to its end. */
export function neoteny(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string): Promise<Ended> {
  return start(args, env, cwd).ended;
}

/** Runs the project's tools as a person does. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { root } from './kernelClient.js';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `node tools/TOOL ARGS` from the project's folder. */
export function runTool(tool: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [join(root, 'tools', tool), ...args],
      { cwd: root, env: { ...process.env, ...env }, maxBuffer: 1e8 },
      (error, out, err) => {
        done({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
      },
    );
  });
}

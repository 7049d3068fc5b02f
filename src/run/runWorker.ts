/** One worker process, from its start to its end. */
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { readWorkerEvent } from './readWorkerEvent.js';
import type { WorkerEvent } from './workerChannel.js';

export interface WorkerEnd {
  /** Exit code, or null if a signal ended the process or it did not start. */
  readonly code: number | null;
  /** What it gave as its reason, or the last it wrote to standard error. */
  readonly reason: string;
}

export interface Worker {
  readonly ended: Promise<WorkerEnd>;
  /** Asks it to save and stop. */
  stop(): void;
  kill(): void;
}

/**
 * Starts a command as a worker. Its standard input is a pipe that stays open while this process lives: that is how
 * a worker sees that its driver is gone, whatever killed it.
 */
export function runWorker(
  [program, ...args]: readonly [string, ...string[]],
  { env, onEvent }: { env: Readonly<Record<string, string>>; onEvent: (event: WorkerEvent) => void },
): Worker {
  const child = execa(program, args, {
    env,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    // A checkpoint may take longer than the 5 s after which execa would kill.
    forceKillAfterDelay: false,
  });
  let said = '';
  let last = '';
  const lines = createInterface({ input: child.stdout }).on('line', (line) => {
    const event = readWorkerEvent(line);
    if (event === undefined) return;
    if (event.event === 'failed' && typeof event['reason'] === 'string') said = event['reason'];
    onEvent(event);
  });
  const read = new Promise((resolve) => lines.once('close', resolve));
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.trim() !== '') last = line.trim().slice(0, 500);
  });
  child.stdin.on('error', () => {});

  const ended = child.then(async (result): Promise<WorkerEnd> => {
    // What it said last may still be on its way.
    await read;
    const how =
      result.signal !== undefined
        ? `ended by ${result.signal}`
        : result.exitCode === undefined
          ? 'did not start'
          : `exit code ${result.exitCode}`;
    return { code: result.exitCode ?? null, reason: said || (last && `${last} (${how})`) || result.originalMessage || how };
  });
  return { ended, stop: () => void child.kill('SIGTERM'), kill: () => void child.kill('SIGKILL') };
}

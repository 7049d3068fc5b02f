/** The side of a worker process: it tells its driver how it goes, and stops when asked to or when the driver is gone. */
import fs from 'node:fs';
import { exitCodes } from './exitCode.js';
import type { Json } from './record.js';

/** One line of JSON on a worker's standard output. */
export interface WorkerEvent {
  /** `progress`, `level`, `done`, `failed`, ... */
  readonly event: string;
  readonly [name: string]: Json | undefined;
}

export interface WorkerChannel {
  /** Aborted on SIGINT, SIGTERM or SIGUSR1 (a cluster's early warning), when standard input closes, or when the parent has changed. */
  readonly signal: AbortSignal;
  send(event: WorkerEvent): void;
  /** Stops listening. */
  close(): void;
}

/** How long a run may take to its next step and checkpoint once it was asked to stop. */
const grace = 60_000;

/** Opens the channel of this process. Other output must go to standard error. */
export function openWorkerChannel(): WorkerChannel {
  const asked = new AbortController();
  const stop = (): void => {
    if (asked.signal.aborted) return;
    asked.abort();
    setTimeout(() => process.exit(exitCodes.interrupted), grace).unref();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, stop);

  // A driver that dies, however, closes the pipe. Under a cluster's job script the input is no pipe and says nothing.
  const watched = isPipe(0);
  if (watched) {
    process.stdin.on('end', stop).on('error', stop).resume();
    (process.stdin as unknown as { unref?: () => void }).unref?.();
  }
  process.stdout.on('error', stop);
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) stop();
  }, 1000);
  timer.unref();

  return {
    signal: asked.signal,
    send(event) {
      if (!process.stdout.destroyed) process.stdout.write(`${JSON.stringify(event)}\n`);
    },
    close() {
      clearInterval(timer);
      for (const name of signals) process.off(name, stop);
      if (watched) process.stdin.destroy();
    },
  };
}

function isPipe(file: number): boolean {
  try {
    const kind = fs.fstatSync(file);
    return kind.isFIFO() || kind.isSocket();
  } catch {
    return false;
  }
}

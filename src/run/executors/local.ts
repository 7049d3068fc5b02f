/** Runs in worker processes of this machine. */
import { runPool } from '../pool.js';
import { workerCount } from '../workerCount.js';
import type { Executor } from './executor.js';

export interface LocalOptions {
  /** Processes at once. Default: one a core, as memory allows. */
  readonly workers?: number;
}

/** A day: another driver on this machine may be at work on the same run. */
const patience = 86_400;

/** The executor for one machine. It ends with this process, and so do its workers. */
export function localExecutor({ workers = workerCount() }: LocalOptions = {}): Executor {
  return {
    name: 'local',
    workers,
    run: (tasks, { command, isDone, env, onEvent, signal, killSignal }) =>
      runPool(tasks, { workers, patience, env, onEvent, signal, killSignal, isDone, command: ({ key }) => command(key) }),
    cancel: () => Promise.resolve(0),
  };
}

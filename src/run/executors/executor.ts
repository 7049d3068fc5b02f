/** Where runs are made: on this machine, or on a cluster. */
import type { PoolEvent, PoolReport, PoolTask } from '../pool.js';

export interface ExecutorContext {
  /** A folder of the sweep's own, for notes and logs; it is the same at every call. */
  readonly folder: string;
  /** The folder of all runs. */
  readonly root: string;
  /** The environment of the runs, beside that of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Program and arguments that make a run: the same command everywhere. */
  readonly command: (key: string) => readonly [string, ...string[]];
  /** Whether the run's folder says that it is done. */
  readonly isDone: (key: string) => boolean;
  /** Why the run's folder says that it will never work, or undefined. */
  readonly failure: (key: string) => string | undefined;
  /** Changes whenever a run has kept something. */
  readonly progress: (key: string) => string;
  readonly onEvent: (event: PoolEvent) => void;
  /** Aborted: hand out nothing more. What runs in this process's care saves and stops; what a cluster has goes on. */
  readonly signal: AbortSignal;
  /** Aborted: stop at once. */
  readonly killSignal: AbortSignal;
}

/**
 * Makes runs that are missing, each after those that it waits for. Whatever it believes to know about a run, only the run's folder is asked
 * whether it is done. It may be called again after this process died, and then goes on.
 */
export interface Executor {
  readonly name: string;
  /** Runs at once, where that is known. */
  readonly workers: number | undefined;
  /** @throws UserError if nothing can be started there */
  run(tasks: readonly PoolTask[], context: ExecutorContext): Promise<PoolReport>;
  /** Takes back what was handed to a queue outside of this process. Returns how many jobs. */
  cancel(folder: string): Promise<number>;
}

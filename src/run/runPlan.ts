/** A plan, run by worker processes on this machine. */
import { fileURLToPath } from 'node:url';
import type { PlannedRun } from './experiments/planRuns.js';
import { isDone } from './isDone.js';
import { type PoolOptions, type PoolReport, runPool } from './pool.js';
import { registerRun } from './registerRun.js';
import type { Store } from './store.js';

/**
 * Runs what is missing of a plan: each run by a process of its own, `neoteny run KEY`. Done runs are found in the store's own
 * folder, not among records; call it again after any interruption and it goes on.
 * @throws UserError if a run is there under the same key with another spec; DiskError if the store cannot be written
 */
export function runPlan(
  store: Store,
  runs: readonly PlannedRun[],
  options: Omit<PoolOptions, 'command' | 'isDone'> = {},
): Promise<PoolReport> {
  for (const { spec, key } of runs) registerRun(store, spec, key);
  return runPool(
    runs.map(({ key, parents }) => ({ key, after: parents })),
    {
      ...options,
      env: { ...options.env, NEOTENY_RUNS: store.root },
      command: ({ key }) => [process.execPath, workerProgram, 'run', key, '--events'],
      isDone: (key) => isDone(store, key),
    },
  );
}

const workerProgram = fileURLToPath(new URL('../cli/main.js', import.meta.url));

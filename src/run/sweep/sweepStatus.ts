/** How a sweep stands, as its run folders say. */
import fs from 'node:fs';
import { isDone } from '../isDone.js';
import { lockHolder } from '../lock.js';
import { readFailure } from '../readRecord.js';
import { runFolder, type Store } from '../store.js';
import type { SweepRun } from './planSweep.js';
import { runShare } from './runShare.js';

export interface SweepRunState {
  readonly run: SweepRun;
  /** `failed`: will not work; `blocked`: needs one that failed; `running`: a process has it now; `begun`: it has some results. */
  readonly status: 'done' | 'failed' | 'blocked' | 'running' | 'begun' | 'waiting';
  /** Why it failed, or the key of the failed run that blocks it. */
  readonly reason: string | null;
  /** Done share, in [0, 1]. */
  readonly share: number;
}

/** The state of each run of a plan, in its order. */
export function sweepStatus(store: Store, runs: readonly SweepRun[]): SweepRunState[] {
  const failed = new Map<string, string>();
  return runs.map((run): SweepRunState => {
    if (isDone(store, run.key)) return { run, status: 'done', reason: null, share: 1 };
    const folder = runFolder(store, run.key);
    const there = fs.existsSync(folder);
    const share = there ? runShare(store, run) : 0;
    if (there && lockHolder(folder) !== undefined) return { run, status: 'running', reason: null, share };
    const failure = there ? readFailure(folder) : null;
    if (failure !== null) {
      failed.set(run.key, run.key);
      return { run, status: 'failed', reason: failure.reason, share };
    }
    const by = run.after.map((key) => failed.get(key)).find((key) => key !== undefined);
    if (by !== undefined) {
      failed.set(run.key, by);
      return { run, status: 'blocked', reason: by, share };
    }
    return { run, status: share > 0 ? 'begun' : 'waiting', reason: null, share };
  });
}

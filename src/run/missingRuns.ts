/** What of a plan has neither been run here nor come with the project. */
import { dirname } from 'node:path';
import type { PlannedRun } from './experiments/planRuns.js';
import { isDone } from './isDone.js';
import { readRecord } from './readRecord.js';
import { findRun, type Store } from './store.js';

/** Runs without a record, and the parents whose tickets they need where those are known from a record only. */
export function missingRuns(store: Store, plan: readonly PlannedRun[]): PlannedRun[] {
  const done = (key: string): boolean => {
    const folder = findRun(store, key);
    return folder !== undefined && (dirname(folder) !== store.root || isDone(store, key)) && readRecord(folder).status === 'done';
  };
  const needed = new Set<string>();
  for (const run of [...plan].reverse()) {
    if (!needed.has(run.key) && (!run.asked || done(run.key))) continue;
    needed.add(run.key);
    for (const parent of run.parents) if (!isDone(store, parent)) needed.add(parent);
  }
  return plan.filter(({ key }) => needed.has(key));
}

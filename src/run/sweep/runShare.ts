/** How much of a run is done. */
import { UserError } from '../../check.js';
import type { PlannedRun } from '../experiments/planRuns.js';
import { readRecord } from '../readRecord.js';
import { runFolder, type Store } from '../store.js';

/** The done share of a run in [0, 1], as its rows say: finished levels, and the last measurement of the level under way. */
export function runShare(store: Store, { key, updates }: Pick<PlannedRun, 'key' | 'updates'>): number {
  try {
    const { rows, status } = readRecord(runFolder(store, key));
    if (status === 'done') return 1;
    let [finished, step, level] = [0, 0, -1];
    for (const row of rows) {
      if (row.kind === 'level') [finished, step, level] = [finished + row.steps, 0, row.level];
      else if (row.kind === 'evaluation' && row.level !== level && row.phase === 'training') step = Math.max(step, row.step);
    }
    return Math.min(0.99, (finished + step) / Math.max(1, updates));
  } catch (error) {
    // Not begun, or damaged: then it begins again.
    if (error instanceof UserError) return 0;
    throw error;
  }
}

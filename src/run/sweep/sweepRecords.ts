/** What a sweep has found so far. */
import fs from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../check.js';
import { readRecord } from '../readRecord.js';
import type { RunRecord } from '../record.js';
import { openStore, runFolder, type Store } from '../store.js';
import { planSweep, type SweepPlan } from './planSweep.js';
import type { SweepInput } from './sweep.js';

/**
 * The records of a sweep's runs that have begun, in the order of the plan, also while it runs: a run under way gives the rows so far.
 * A run whose files are damaged is left out.
 * @throws UserError for a sweep that is none
 */
export function sweepRecords(sweep: SweepInput | SweepPlan, store: Store = openStore({ records: [] })): RunRecord[] {
  const { runs } = 'runs' in sweep && 'id' in sweep ? sweep : planSweep(sweep);
  return runs.flatMap(({ key }) => {
    const folder = runFolder(store, key);
    if (!fs.existsSync(join(folder, 'stages')) && !fs.existsSync(join(folder, 'done.json'))) return [];
    try {
      return [readRecord(folder)];
    } catch (error) {
      if (error instanceof UserError) return [];
      throw error;
    }
  });
}

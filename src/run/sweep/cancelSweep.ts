/** Stopping a sweep from another process, or another machine. */
import fs from 'node:fs';
import { missing } from '../../check.js';
import { markCancelled } from '../cancelMark.js';
import { slurmExecutor } from '../executors/slurm.js';
import type { Store } from '../store.js';
import type { SweepPlan } from './planSweep.js';
import { sweepFolder } from './sweepFolder.js';

/**
 * Asks whoever drives a sweep to stop, and takes back what a cluster has of it. Runs keep what they have, and the sweep can be started again.
 * @param executor as noted in the sweep's folder
 * @returns how many tasks were taken back from a cluster
 * @throws UserError if the sweep was never started in this store
 */
export async function cancelSweep(store: Store, { id }: SweepPlan, executor: string | undefined): Promise<number> {
  const folder = sweepFolder(store, id);
  if (!fs.existsSync(folder)) throw missing(`sweep '${id}' in '${store.root}'`, 'it was not started here');
  markCancelled(folder);
  return executor === 'slurm' ? slurmExecutor().cancel(folder) : 0;
}

/** A sweep for a notebook: one call that finds what is done, makes what is not, and returns the records. */
import { UserError } from '../check.js';
import type { PoolEvent } from '../run/pool.js';
import type { RunRecord } from '../run/record.js';
import { openStore } from '../run/store.js';
import { planSweep } from '../run/sweep/planSweep.js';
import { runShare } from '../run/sweep/runShare.js';
import { type RunSweepOptions, runSweep } from '../run/sweep/runSweep.js';
import type { SweepInput } from '../run/sweep/sweep.js';
import { sweepRecords } from '../run/sweep/sweepRecords.js';
import { sweepStatus } from '../run/sweep/sweepStatus.js';
import { interruptible } from './interruptible.js';
import { progress } from './progress.js';

/** Milliseconds between two looks into the folder of one run. */
const interval = 2000;

/**
 * The records of all runs of a sweep, with a bar and the time left while it runs, here or on a cluster. The stop button keeps what there is:
 * the records so far are returned, jobs of a cluster go on, and calling again goes on.
 *
 *     const records = await sweepOrLoad({ experiment: 'imp', arms: ['ticket'], grid: { fraction: [0.2, 0.5] } });
 *     const onCluster = await sweepOrLoad(sweep, { executor: 'slurm', slurm: { sbatch: ['--partition=cpu'] } });
 *
 * @throws UserError for a sweep that is none, or if runs failed: the message has their reasons
 */
export async function sweepOrLoad(
  sweep: SweepInput,
  options: Omit<RunSweepOptions, 'onEvent' | 'signal' | 'killSignal'> = {},
): Promise<RunRecord[]> {
  const { store = openStore({ records: [] }) } = options;
  const plan = planSweep(sweep);
  const shares = new Map(sweepStatus(store, plan.runs).map(({ run, share }) => [run.key, share]));
  if ([...shares.values()].every((share) => share === 1)) return sweepRecords(plan, store);

  const runs = new Map(plan.runs.map((run) => [run.key, run]));
  const updates = (): number => Math.round(plan.runs.reduce((sum, run) => sum + run.updates * (shares.get(run.key) ?? 0), 0));
  const total = plan.runs.reduce((sum, run) => sum + run.updates, 0);
  const bar = progress(`${plan.id}: ${runs.size} ${runs.size === 1 ? 'run' : 'runs'}, updates`, total, { from: updates() });
  const looked = new Map<string, number>();
  const onEvent = ({ kind, key }: PoolEvent): void => {
    const run = runs.get(key);
    const now = performance.now();
    if (run === undefined || (kind === 'worker' && now - (looked.get(key) ?? 0) < interval)) return;
    looked.set(key, now);
    shares.set(key, kind === 'done' || kind === 'skipped' ? 1 : runShare(store, run));
    const done = [...shares.values()].filter((share) => share === 1).length;
    bar.at(updates(), `${done} of ${runs.size} runs done; ${run.label}`);
  };
  const { stopped, failed, blocked } = await interruptible((signal) => runSweep(plan, { ...options, store, signal, onEvent }));
  bar.finish(stopped.length > 0 ? `${stopped.length} runs stopped; run the cell again to go on` : '');
  if (failed.length > 0) {
    const reasons = failed.map(({ key, reason }) => `${key} (${runs.get(key)?.label}): ${reason}`).join('; ');
    throw new UserError(`${failed.length} runs of sweep '${plan.id}' failed, ${blocked.length} need those: ${reasons}`);
  }
  return sweepRecords(plan, store);
}

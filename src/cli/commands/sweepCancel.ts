/** `neoteny sweep cancel`: a sweep stops, wherever it runs. */
import { exitCodes } from '../../run/exitCode.js';
import { openStore } from '../../run/store.js';
import { cancelSweep } from '../../run/sweep/cancelSweep.js';
import { plural } from '../output/format.js';
import { print, printJson } from '../output/print.js';
import { findSweep } from './findSweep.js';

/** Stops the sweep. Returns the exit code. */
export async function sweepCancel(name: string, { set, json }: { set?: readonly string[]; json?: boolean }): Promise<number> {
  const store = openStore({ records: [] });
  const { plan, executor } = findSweep(store, name, set);
  const jobs = await cancelSweep(store, plan, executor);
  if (json) printJson({ id: plan.id, executor: executor ?? null, jobs });
  else
    print(
      executor === 'slurm'
        ? `${plan.id}: ${plural(jobs, 'task')} taken back; what they have is kept`
        : `${plan.id}: a process that works on it saves and stops; what it has is kept`,
    );
  return exitCodes.done;
}

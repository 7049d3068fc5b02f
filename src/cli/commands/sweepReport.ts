/** `neoteny sweep report`: the report of a sweep's runs, also while it runs. */
import { UserError } from '../../check.js';
import { openStore } from '../../run/store.js';
import { sweepStatus } from '../../run/sweep/sweepStatus.js';
import { findSweep } from './findSweep.js';
import { reportCommand } from './reportCommand.js';

export interface SweepReportOptions {
  readonly set?: readonly string[];
  readonly experiment?: string;
  readonly output?: string;
  readonly json?: boolean;
}

/** Writes the report of the runs that have anything to show. Returns the exit code. */
export async function sweepReport(name: string, { set, experiment, output, json }: SweepReportOptions): Promise<number> {
  const store = openStore({ records: [] });
  const { plan } = findSweep(store, name, set);
  const begun = sweepStatus(store, plan.runs).filter(({ status, share }) => status === 'done' || share > 0);
  const keys = begun.filter(({ run }) => experiment === undefined || run.spec.experiment === experiment).map(({ run }) => run.key);
  if (keys.length === 0)
    throw new UserError(
      `no run of sweep '${plan.id}'${experiment === undefined ? '' : ` and experiment '${experiment}'`} has anything to report yet`,
    );
  return reportCommand(keys, {
    output: output ?? `out/${plan.id}.html`,
    ...(experiment !== undefined && { experiment }),
    ...(json !== undefined && { json }),
  });
}

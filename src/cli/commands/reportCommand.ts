/** `neoteny report`: the report of runs that are there, done or under way. */
import { lookUp, mismatched, UserError } from '../../check.js';
import { exitCodes } from '../../run/exitCode.js';
import { experiments } from '../../run/experiments/experiments.js';
import { listRuns } from '../../run/listRuns.js';
import { readRecord } from '../../run/readRecord.js';
import type { RunRecord } from '../../run/record.js';
import { openStore } from '../../run/store.js';
import { plural } from '../output/format.js';
import { print, printJson, remark } from '../output/print.js';
import { activity } from '../progress/poolDisplay.js';
import { findEntry } from './runs.js';

export interface ReportOptions {
  readonly experiment?: string;
  readonly output?: string;
  readonly json?: boolean;
}

/** Writes the report of the given runs, or of all runs of an experiment. Returns the exit code. */
export async function reportCommand(keys: readonly string[], { experiment, output, json }: ReportOptions): Promise<number> {
  const store = openStore();
  if (experiment !== undefined) lookUp('experiment', experiment, experiments);
  const named = keys.length > 0;
  const entries = named
    ? keys.map((key) => findEntry(store, key))
    : listRuns(store).filter(({ spec, stages, status }) => spec !== null && (stages > 0 || status === 'done'));
  const records: RunRecord[] = [];
  for (const { folder, key } of entries) {
    try {
      records.push(readRecord(folder));
    } catch (error) {
      // Without a list of keys a damaged run is no reason to have no report.
      if (named || !(error instanceof UserError)) throw error;
      remark(`${key} is left out: ${error.message}`);
    }
  }
  const chosen = records.filter(({ spec }) => experiment === undefined || spec.experiment === experiment);
  const kinds = [...new Set(chosen.map(({ spec }) => spec.experiment))];
  const [kind] = kinds;
  if (kind === undefined)
    throw new UserError(
      `there are no runs ${experiment === undefined ? '' : `of '${experiment}' `}to report on; neoteny ${experiment ?? 'juvenile'} makes some`,
    );
  if (kinds.length > 1) throw mismatched('runs of a report', 'one experiment', kinds.join(', '), `choose one with --experiment`);
  const { writeReport } = await import('../results/writeReport.js');
  const path = await activity('writing the report', () =>
    writeReport(kind, chosen, { store, file: output ?? `out/${kind}.html`, command: `neoteny ${kind}` }),
  );
  if (json) printJson({ experiment: kind, runs: chosen.map(({ key, status }) => ({ key, status })), report: path });
  else print(path);
  const unfinished = chosen.filter(({ status }) => status !== 'done').length;
  if (!json) remark(`${plural(chosen.length, 'run')}${unfinished === 0 ? '' : `, ${unfinished} of them not finished`}`);
  return exitCodes.done;
}

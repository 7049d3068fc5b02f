/** Runs of an experiment for a notebook: found where they are done, made where they are not. */
import { UserError } from '../check.js';
import { armOf, type PlannedRun, type PlanRequest, planRuns } from '../run/experiments/planRuns.js';
import { missingRuns } from '../run/missingRuns.js';
import type { PoolEvent } from '../run/pool.js';
import { readRecord } from '../run/readRecord.js';
import type { RunRecord } from '../run/record.js';
import { runPlan } from '../run/runPlan.js';
import { findRun, openStore, type Store } from '../run/store.js';
import { interruptible } from './interruptible.js';
import { progress } from './progress.js';

export interface RunOrLoadOptions {
  /** Default: the project's store, with its committed records. */
  readonly store?: Store;
  /** Processes at a time. Default: one a core, as memory allows. */
  readonly workers?: number;
}

/**
 * The records of all runs of a plan. Done runs and committed records are read; the others are made by worker processes, so that the
 * notebook stays awake, with a bar in its place. The stop button keeps what was done: the records so far are returned, and calling
 * again goes on.
 * @throws UserError for a plan that cannot be, or if runs failed: the message has their reasons
 */
export async function runOrLoad(request: PlanRequest, { store = openStore(), workers }: RunOrLoadOptions = {}): Promise<RunRecord[]> {
  const plan = planRuns(request);
  const missing = missingRuns(store, plan);
  if (missing.length > 0) await make(request.experiment, missing, store, workers);
  return plan
    .filter(({ asked }) => asked)
    .map(({ key }) => findRun(store, key))
    .filter((folder): folder is string => folder !== undefined)
    .map((folder) => readRecord(folder));
}

async function make(experiment: string, runs: readonly PlannedRun[], store: Store, workers: number | undefined): Promise<void> {
  const shares = new Map<string, number>();
  const total = runs.reduce((sum, { updates }) => sum + updates, 0);
  const bar = progress(`${experiment}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, updates`, total);
  const note = (key: string): string => {
    const run = runs.find((r) => r.key === key);
    return run === undefined ? '' : `${armOf(run.spec)} replicate ${run.spec.replicate}`;
  };
  const onEvent = (event: PoolEvent): void => {
    const share = event.kind === 'done' || event.kind === 'skipped' ? 1 : event.kind === 'worker' ? shareOf(event.event) : undefined;
    if (share === undefined) return;
    shares.set(event.key, Math.max(share, shares.get(event.key) ?? 0));
    const done = runs.reduce((sum, { key, updates }) => sum + updates * (shares.get(key) ?? 0), 0);
    bar.at(Math.round(done), note(event.key));
  };
  const report = await interruptible((signal) => runPlan(store, runs, { signal, onEvent, ...(workers !== undefined && { workers }) }));
  bar.finish(report.stopped.length > 0 ? `${report.stopped.length} runs stopped; run the cell again to go on` : '');
  if (report.failed.length > 0) {
    throw new UserError(
      `${report.failed.length} runs of '${experiment}' failed: ${report.failed.map(({ key, reason }) => `${key}: ${reason}`).join('; ')}`,
    );
  }
}

/** Done share of a run, as its worker says it. */
function shareOf(event: Readonly<Record<string, unknown>>): number | undefined {
  const { share, level, levels, step, steps } = event as Record<string, number | undefined>;
  if (share !== undefined) return share;
  if (level === undefined || levels === undefined) return undefined;
  const inside = step !== undefined && steps !== undefined && steps > 0 ? step / steps : 0;
  return Math.min(1, (level + inside) / (levels + 1));
}

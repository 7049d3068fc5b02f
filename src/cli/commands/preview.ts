/** What a plan will cost, before it starts. */
import { isDone } from '../../run/isDone.js';
import type { Preset } from '../../run/experiments/experiment.js';
import type { PlannedRun } from '../../run/experiments/planRuns.js';
import { estimatedSpeed } from '../../run/estimatedSpeed.js';
import { measuredRuns, type MeasuredRun, measuredSpeed, recordedRuns, type Speed } from '../../run/measuredSpeed.js';
import { readRecord } from '../../run/readRecord.js';
import { findRun, runFolder, type Store } from '../../run/store.js';
import { UserError } from '../../check.js';
import { makespan } from '../progress/timeLeft.js';

export interface Preview {
  readonly runs: number;
  readonly done: number;
  /** Begun and not done: they go on from their checkpoints. */
  readonly begun: number;
  /** Runs that were not asked for, whose tickets others need. */
  readonly parents: number;
  /** Runs that are among the records of the project, and are made again. */
  readonly recorded: number;
  /** Updates in all, and those that are missing. */
  readonly updates: number;
  readonly updatesMissing: number;
  readonly workers: number;
  /** Seconds that the missing runs will take, or null if nothing is known. */
  readonly seconds: number | null;
  /** What the estimate is made of. */
  readonly basis: 'measured here' | 'other runs here' | 'the preset' | 'records' | 'multiply-adds' | null;
  readonly speed: Speed | null;
  readonly shares: Readonly<Record<string, number>>;
}

/** @param preset whose minutes serve where nothing was measured, if the plan is the preset's */
export function previewOf(store: Store, library: Store, runs: readonly PlannedRun[], workers: number, preset?: Preset): Preview {
  const shares = Object.fromEntries(runs.map((run) => [run.key, isDone(store, run.key) ? 1 : shareOf(store, run)]));
  const shareNow = ({ key }: PlannedRun): number => shares[key] ?? 0;
  const missing = runs.filter((run) => shareNow(run) < 1);
  const first = runs[0];
  const speed = first === undefined || missing.length === 0 ? undefined : measuredSpeed(store, first.spec);
  const work = missing.map((run) => (1 - shareNow(run)) * run.updates);
  const updates = runs.reduce((sum, run) => sum + run.updates, 0);
  const updatesMissing = Math.round(work.reduce((sum, n) => sum + n, 0));
  const ofPreset = preset?.minutes === undefined || updates === 0 ? null : 60 * preset.minutes * (updatesMissing / updates);
  const { seconds, basis } =
    missing.length === 0 ? { seconds: 0, basis: null } : estimate(store, library, missing, work, workers, ofPreset);
  return {
    runs: runs.length,
    done: runs.length - missing.length,
    begun: missing.filter((run) => shareNow(run) > 0).length,
    parents: runs.filter(({ asked }) => !asked).length,
    recorded: missing.filter(({ key }) => findRun(library, key) !== undefined && findRun(library, key) !== runFolder(store, key)).length,
    updates,
    updatesMissing,
    workers,
    seconds,
    basis,
    speed: speed ?? null,
    shares,
  };
}

/**
 * From the best that is known: runs alike that were timed here, the preset's minutes, records of runs alike, the size of the networks, any runs of the
 * experiment. A plan may have runs of several experiments and networks, each with its own speed.
 */
function estimate(
  store: Store,
  library: Store,
  missing: readonly PlannedRun[],
  work: readonly number[],
  workers: number,
  ofPreset: number | null,
): Pick<Preview, 'seconds' | 'basis'> {
  const measured = measuredRuns(store);
  const speedsIn = (runs: readonly MeasuredRun[]): (Speed | undefined)[] => {
    const known = new Map<string, Speed | undefined>();
    return missing.map(({ spec }) => {
      const name = JSON.stringify({ ...spec, replicate: 0, arm: '', seed: 0 });
      if (!known.has(name)) known.set(name, measuredSpeed(store, spec, runs));
      return known.get(name);
    });
  };
  const speeds = speedsIn(measured);
  const total = (rates: readonly (number | undefined)[]): number | null =>
    rates.every((rate) => rate !== undefined)
      ? makespan(
          [],
          work.map((updates, i) => updates / (rates[i] as number)),
          workers,
        )
      : null;
  const alike = total(speeds.map((speed) => (speed?.alike ? speed.updatesPerSecond : undefined)));
  if (alike !== null) return { seconds: alike, basis: 'measured here' };
  if (ofPreset !== null) return { seconds: ofPreset, basis: 'the preset' };
  const elsewhere = speedsIn(recordedRuns(library));
  const recorded = total(speeds.map((speed, i) => [speed, elsewhere[i]].find((known) => known?.alike)?.updatesPerSecond));
  if (recorded !== null) return { seconds: recorded, basis: 'records' };
  const bySize = total(missing.map(({ spec }, i) => (speeds[i]?.alike ? speeds[i]?.updatesPerSecond : estimatedSpeed(spec))));
  if (bySize !== null) return { seconds: bySize, basis: 'multiply-adds' };
  const others = total(speeds.map((speed) => speed?.updatesPerSecond));
  return { seconds: others, basis: others === null ? null : 'other runs here' };
}

/** Finished levels of a run under way, as a share of its updates. */
function shareOf(store: Store, { key, updates }: PlannedRun): number {
  try {
    const { rows } = readRecord(runFolder(store, key));
    const steps = rows.reduce((sum, row) => sum + (row.kind === 'level' ? row.steps : 0), 0);
    return Math.min(0.99, steps / Math.max(1, updates));
  } catch (error) {
    if (error instanceof UserError) return 0;
    throw error;
  }
}

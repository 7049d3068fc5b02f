/** How fast runs of an experiment went here before. */
import { UserError } from '../check.js';
import { listRuns } from './listRuns.js';
import { readRecord, readTiming } from './readRecord.js';
import type { Spec } from './record.js';
import type { Store } from './store.js';

/** Options that change how long a run is, and hardly how long a step takes. */
const ofLength = new Set([
  'replicate',
  'seed',
  'arm',
  'length',
  'levels',
  'at',
  'iterations',
  'fraction',
  'sparsity',
  'validateEvery',
  'trainLimit',
  'rewind',
  'fineTuneLength',
]);

export interface Speed {
  /** Updates per second of one worker, evaluations and checkpoints included. */
  readonly updatesPerSecond: number;
  /** Runs that it was measured on. */
  readonly runs: number;
  /** Whether those runs had the same network, data and optimizer. */
  readonly alike: boolean;
}

/** A run that was timed. */
export interface MeasuredRun {
  readonly spec: Spec;
  readonly updatesPerSecond: number;
}

/** The store's runs that were timed. Records from elsewhere do not count: they were measured on other machines. */
export function measuredRuns(store: Store): MeasuredRun[] {
  return timed({ ...store, records: [] });
}

/** Records that came with the project and were timed, on the machines that they come from: better than nothing where nothing was measured here. */
export function recordedRuns(store: Store): MeasuredRun[] {
  return timed({ ...store, root: '' });
}

function timed(store: Store): MeasuredRun[] {
  return listRuns(store).flatMap(({ spec, folder }) => {
    const speed = spec === null ? undefined : speedOf(folder);
    return spec === null || speed === undefined ? [] : [{ spec, updatesPerSecond: speed }];
  });
}

/**
 * The median speed of the store's runs of the same experiment, of those with the same network and data if there are any;
 * undefined if none was measured.
 * @param measured of the store, where several specs are asked about
 */
export function measuredSpeed(store: Store, spec: Spec, measured: readonly MeasuredRun[] = measuredRuns(store)): Speed | undefined {
  const same = measured.filter((run) => run.spec.experiment === spec.experiment);
  const alike = same.filter((run) => sameWork(run.spec, spec));
  const used = (alike.length > 0 ? alike : same).map(({ updatesPerSecond }) => updatesPerSecond).sort((a, b) => a - b);
  const middle = used[Math.floor(used.length / 2)];
  return middle === undefined ? undefined : { updatesPerSecond: middle, runs: used.length, alike: alike.length > 0 };
}

function speedOf(folder: string): number | undefined {
  try {
    const { rows, status } = readRecord(folder);
    const timing = readTiming(folder);
    // A run under way has spent time on a level that is not in its summaries yet.
    const times = Object.values(timing);
    const seconds = (status === 'done' ? times : times.slice(0, -1)).reduce((sum, s) => sum + s, 0);
    const updates = rows.reduce((sum, row) => sum + (row.kind === 'level' ? row.steps : 0), 0);
    return seconds > 0 && updates > 0 ? updates / seconds : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function sameWork(a: Spec, b: Spec): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)].filter((name) => !ofLength.has(name)));
  return [...names].every((name) => JSON.stringify(a[name]) === JSON.stringify(b[name]));
}

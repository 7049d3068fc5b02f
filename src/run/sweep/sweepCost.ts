/** What a sweep will cost, before it starts. */
import { measuredRuns, measuredSpeed } from '../measuredSpeed.js';
import type { Store } from '../store.js';
import type { SweepRunState } from './sweepStatus.js';

export interface SweepCost {
  readonly runs: number;
  readonly done: number;
  /** Begun or running: they go on from their checkpoints. */
  readonly begun: number;
  readonly failed: number;
  readonly blocked: number;
  /** Runs that were not asked for, whose tickets others need. */
  readonly parents: number;
  /** Updates in all, and those that are missing. */
  readonly updates: number;
  readonly updatesMissing: number;
  /** Seconds of one worker that the missing runs will take, or null if no run of one of their experiments was timed. */
  readonly workSeconds: number | null;
  /** The same with so many workers at once: at least the work divided by them, and no less than the longest run. */
  readonly seconds: number | null;
  readonly workers: number;
  /** Whether all speeds are those of runs with the same network, data and optimizer. */
  readonly alike: boolean;
}

/** @param workers at once */
export function sweepCost(store: Store, states: readonly SweepRunState[], workers: number): SweepCost {
  const count = (...statuses: SweepRunState['status'][]): number => states.filter(({ status }) => statuses.includes(status)).length;
  const open = states.filter(({ status }) => status === 'waiting' || status === 'begun' || status === 'running');
  const left = open.map(({ run, share }) => (1 - share) * run.updates);
  const measured = open.length === 0 ? [] : measuredRuns(store);
  // Specs of one sweep differ in few options: each kind of work is looked up once.
  const known = new Map<string, ReturnType<typeof measuredSpeed>>();
  const speeds = open.map(({ run: { spec } }) => {
    const name = JSON.stringify({ ...spec, replicate: 0, arm: '', seed: 0 });
    if (!known.has(name)) known.set(name, measuredSpeed(store, spec, measured));
    return known.get(name);
  });
  const seconds = speeds.every((speed) => speed !== undefined)
    ? left.map((updates, i) => updates / (speeds[i]?.updatesPerSecond ?? 1))
    : null;
  const work = seconds === null ? null : seconds.reduce((sum, s) => sum + s, 0);
  return {
    runs: states.length,
    done: count('done'),
    begun: count('begun', 'running'),
    failed: count('failed'),
    blocked: count('blocked'),
    parents: states.filter(({ run }) => !run.asked).length,
    updates: states.reduce((sum, { run }) => sum + run.updates, 0),
    updatesMissing: Math.round(left.reduce((sum, n) => sum + n, 0)),
    workSeconds: work,
    seconds: work === null || seconds === null ? null : Math.max(work / workers, ...seconds, 0),
    workers,
    alike: speeds.every((speed) => speed?.alike === true),
  };
}

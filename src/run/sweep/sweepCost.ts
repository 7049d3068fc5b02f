/** What a sweep will cost, before it starts. */
import { type MeasuredRun, measuredRuns, measuredSpeed, recordedRuns, type Speed } from '../measuredSpeed.js';
import type { Spec } from '../record.js';
import { openStore, type Store } from '../store.js';
import type { SweepRunState } from './sweepStatus.js';

/** From the start of a process to its first step: loading TensorFlow and the data, tracing. Measured with MNIST on an idle machine. */
const secondsToStart = 2;

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
  /** What the seconds are made of: runs here with the same network, data and optimizer; other runs here; records made on other machines. */
  readonly basis: 'runs like these here' | 'other runs here' | 'records' | null;
}

/**
 * @param workers at once
 * @param library whose records serve where no run of an experiment was timed in the store
 */
export function sweepCost(store: Store, states: readonly SweepRunState[], workers: number, library: Store = openStore()): SweepCost {
  const count = (...statuses: SweepRunState['status'][]): number => states.filter(({ status }) => statuses.includes(status)).length;
  const open = states.filter(({ status }) => status === 'waiting' || status === 'begun' || status === 'running');
  const left = open.map(({ run, share }) => (1 - share) * run.updates);
  const speedOf = speedLookUp(store, library);
  const speeds = open.map(({ run }) => speedOf(run.spec));
  const seconds = speeds.every((speed) => speed !== undefined)
    ? left.map((updates, i) => secondsToStart + updates / (speeds[i]?.updatesPerSecond ?? 1))
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
    basis:
      seconds === null || open.length === 0
        ? null
        : speeds.some((speed) => speed?.elsewhere)
          ? 'records'
          : speeds.every((speed) => speed?.alike)
            ? 'runs like these here'
            : 'other runs here',
  };
}

/** Specs of one sweep differ in few options: each kind of work is looked up once, and files are read only if they are needed. */
function speedLookUp(store: Store, library: Store): (spec: Spec) => (Speed & { readonly elsewhere: boolean }) | undefined {
  const known = new Map<string, (Speed & { elsewhere: boolean }) | undefined>();
  let here: MeasuredRun[] | undefined;
  let elsewhere: MeasuredRun[] | undefined;
  const find = (spec: Spec): (Speed & { elsewhere: boolean }) | undefined => {
    const own = measuredSpeed(store, spec, (here ??= measuredRuns(store)));
    if (own !== undefined) return { ...own, elsewhere: false };
    const other = measuredSpeed(store, spec, (elsewhere ??= recordedRuns(library)));
    return other && { ...other, elsewhere: true };
  };
  return (spec) => {
    const name = JSON.stringify({ ...spec, replicate: 0, arm: '', seed: 0 });
    if (!known.has(name)) known.set(name, find(spec));
    return known.get(name);
  };
}

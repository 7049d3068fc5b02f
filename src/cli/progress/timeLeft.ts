/** When a plan will be done, from what was measured. */
import type { PoolState } from './poolState.js';

/** Least measured time that an estimate is made of, in seconds of all workers. */
const enough = 3;

/**
 * Seconds until all runs are done, or undefined while too little is measured: the runs are handed out to the workers as they become
 * free, each at the mean speed of all work so far (evaluations and checkpoints included) after the median time of a start.
 * @param now in milliseconds
 */
export function timeLeft(state: PoolState, now: number): number | undefined {
  const rate = measuredRate(state, now) ?? state.expected;
  if (rate === undefined) return undefined;
  const starts = [...state.startTimes].sort((a, b) => a - b);
  const start = starts[Math.floor(starts.length / 2)] ?? 0;
  const running: number[] = [];
  const waiting: number[] = [];
  for (const { status, share, updates, since } of state.runs.values()) {
    const work = ((1 - share) * updates) / rate;
    if (status === 'running') running.push(work);
    else if (status === 'starting') running.push(work + Math.max(0, start - (now - since) / 1000));
    else if (status === 'waiting') waiting.push(work + start);
  }
  return makespan(running, waiting, state.workers);
}

/**
 * When the last task ends if each free worker takes the next one.
 * @param running what is left of tasks that have a worker
 * @example makespan([10, 2], [5, 5], 2) // => 12
 */
export function makespan(running: readonly number[], waiting: readonly number[], workers: number): number {
  const free = [...running, ...Array.from({ length: Math.max(0, workers - running.length) }, () => 0)];
  for (const work of waiting) {
    const next = free.indexOf(Math.min(...free));
    free[next] = (free[next] as number) + work;
  }
  return Math.max(0, ...free);
}

/** Updates per second of one worker, or undefined while too little is known. */
function measuredRate(state: PoolState, now: number): number | undefined {
  let { updates, seconds } = state;
  for (const run of state.runs.values()) {
    if (run.origin === null) continue;
    updates += (run.share - run.origin.share) * run.updates;
    seconds += (now - run.origin.at) / 1000;
  }
  return seconds >= enough && updates > 0 ? updates / seconds : undefined;
}

/** Done share of all updates, in [0, 1]. */
export function doneShare(state: PoolState): number {
  let [done, all] = [0, 0];
  for (const { share, updates } of state.runs.values()) {
    done += share * updates;
    all += updates;
  }
  return all === 0 ? 1 : done / all;
}

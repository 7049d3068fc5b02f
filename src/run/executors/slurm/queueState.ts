/** What becomes of each task between a queue, which is asked, and the run folders, which are believed. */
import { join } from 'node:path';
import type { PoolEvent, PoolReport, PoolTask } from '../../pool.js';
import type { ExecutorContext } from '../executor.js';
import type { Place } from './arrays.js';
import { followLogs } from './followLog.js';
import type { SubmittedArray } from './jobsFile.js';
import type { QueuedTask } from './slurmClient.js';

export interface QueueState {
  /** Takes in what Slurm says. `lost`: to be submitted, parents first; `stuck`: ids of tasks that will never start, to be taken back. */
  look(arrays: readonly SubmittedArray[], queue: readonly QueuedTask[]): { lost: PoolTask[]; stuck: string[] };
  /** How things stand before tasks are submitted: a job may write before the command that submits it returns. */
  before(tasks: readonly PoolTask[]): ReadonlyMap<string, Standing>;
  submitted(arrays: readonly SubmittedArray[], before: ReadonlyMap<string, Standing>): void;
  /**
   * Where the tasks are that Slurm has and that have no outcome yet. A run may be done and its job held none the less, as after the death of
   * its node in the last moment: whatever depended on that job would be dropped.
   */
  places(): ReadonlyMap<string, Place>;
  /** How many tasks have no outcome yet. */
  open(): number;
  report(): PoolReport;
}

/** What a run had left behind: bytes of its log, and what it had kept. */
export interface Standing {
  readonly logged: number;
  readonly progress: string;
}

export interface QueueOptions {
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Seconds after which a task that waits for what cannot come is taken back. Default 60: a busy cluster looks at dependencies seldom. */
  readonly stuckAfter?: number;
}

interface TaskState {
  readonly task: PoolTask;
  outcome?: { kind: 'done' } | { kind: 'failed'; reason: string } | { kind: 'blocked'; by: string };
  place?: Place & { readonly state: string; readonly reason: string };
  /** Looks in a row in which it was not in the queue. */
  missed: number;
  /** Looks in which its last job was about to end. */
  ending: number;
  /** Since when it waits for what cannot come, in milliseconds, or undefined. */
  stuckSince: number | undefined;
  running: boolean;
  /** Bytes of its log when its job was submitted. */
  logged: number;
  /** Jobs since the run last kept something: all, and those that started. */
  idle: number;
  idleStarts: number;
  started: boolean;
  /** What the run had kept when its job was submitted; undefined: it has no job that counts. */
  progress: string | undefined;
}

/** A queue and a shared folder need a moment to agree: so many looks in a row must say the same. */
const sure = 2;
/** A job of a node that is gone may be about to end for ever. */
const mostEnding = 30;
/** Jobs without any progress of the run after which it is given up: jobs that started, and jobs that were lost before. */
const mostStarts = 3;
const mostJobs = 10;

const ended = /^(COMPLETING|COMPLETED|CANCELLED|FAILED|TIMEOUT|NODE_FAIL|BOOT_FAIL|DEADLINE|OUT_OF_MEMORY)$/;
const never = /launch.?failed.?requeued.?held|JobHoldMaxRequeue|DependencyNeverSatisfied|BadConstraints|held.*(?:requeue|special)/i;
const held = /held|Dependency/i;
const usual =
  /^(None|Priority|Resources|Dependency|BeginTime|JobArrayTaskLimit|Prolog|Cleaning|Nodes?Down|NonZeroExitCode|RaisedSignal.*|ReqNodeNotAvail.*)?$/;

export function openQueueState(tasks: readonly PoolTask[], context: ExecutorContext, options: QueueOptions = {}): QueueState {
  const { onNotice = () => {}, stuckAfter = 60 } = options;
  const { onEvent, isDone, failure, progress } = context;
  const logs = followLogs(join(context.folder, 'log'));
  const states = new Map<string, TaskState>(
    tasks.map((task) => [
      task.key,
      {
        task,
        missed: 0,
        ending: 0,
        stuckSince: undefined,
        running: false,
        logged: logs.size(task.key),
        idle: 0,
        idleStarts: 0,
        started: false,
        progress: undefined,
      },
    ]),
  );
  const told = new Set<string>();
  const open = (): TaskState[] => [...states.values()].filter(({ outcome }) => outcome === undefined);
  const end = (state: TaskState, outcome: NonNullable<TaskState['outcome']>): void => {
    state.outcome = outcome;
    onEvent({ key: state.task.key, ...outcome } as PoolEvent);
  };

  const findPlaces = (arrays: readonly SubmittedArray[], queue: readonly QueuedTask[]): ReadonlySet<string> => {
    const byArray = new Map(arrays.map((array) => [array.id, array]));
    const submitted = new Set(arrays.flatMap((array) => Object.values(array.tasks)));
    for (const state of states.values()) delete state.place;
    for (const { array, index, state, reason } of queue) {
      const found = states.get(byArray.get(array)?.tasks[String(index)] ?? '');
      if (found === undefined) continue;
      if (!ended.test(state)) found.place = { array, index, state, reason };
      else if (++found.ending < mostEnding) found.missed = -1;
    }
    return submitted;
  };

  const takeIn = (state: TaskState): void => {
    const { key } = state.task;
    const running = state.place?.state === 'RUNNING';
    // A job may be over before anybody has seen it run.
    const ran = running || (!state.started && logs.size(key) > state.logged);
    if (ran && !state.running) {
      state.started = true;
      onEvent({ kind: 'started', key });
    }
    if (ran || state.running) for (const event of logs.events(key)) onEvent({ kind: 'worker', key, event });
    state.running = running;
    if (isDone(key)) end(state, { kind: 'done' });
    else if (state.place === undefined) {
      const reason = failure(key);
      if (reason !== undefined) end(state, { kind: 'failed', reason });
    } else if (!usual.test(state.place.reason) && !told.has(state.place.reason)) {
      told.add(state.place.reason);
      onNotice(`jobs wait, Slurm says: ${state.place.reason}`);
    }
  };

  const block = (state: TaskState): void => {
    for (const parent of state.task.after ?? []) {
      const outcome = states.get(parent)?.outcome;
      const by = outcome?.kind === 'failed' ? parent : outcome?.kind === 'blocked' ? outcome.by : undefined;
      if (by === undefined) continue;
      end(state, { kind: 'blocked', by });
      return;
    }
  };

  /** Tasks that wait for what cannot come. Those that somebody holds are waited for as long as others get on. */
  const findStuck = (): TaskState[] => {
    const queued = open().filter(({ place }) => place !== undefined);
    const onlyHeld = queued.every(({ place }) => place?.state !== 'RUNNING' && held.test(place?.reason ?? ''));
    return queued.filter((state) => {
      const reason = state.place?.reason ?? '';
      const orphan = /^Dependency$/i.test(reason) && (state.task.after ?? []).every((parent) => states.get(parent)?.place === undefined);
      const now = performance.now();
      state.stuckSince = onlyHeld || orphan || never.test(reason) ? (state.stuckSince ?? now) : undefined;
      return state.stuckSince !== undefined && now - state.stuckSince >= 1000 * stuckAfter;
    });
  };

  /** Whether a run that Slurm has lost is worth another job. */
  const again = (state: TaskState): boolean => {
    const { key } = state.task;
    if (state.progress === undefined) return true;
    const now = progress(key);
    if (now !== state.progress) [state.idle, state.idleStarts] = [0, 0];
    // Counted once, even if the queue has no room for another job just now.
    state.progress = undefined;
    state.idle++;
    if (state.started) state.idleStarts++;
    const reason = logs.lastLine(key) || 'its job ended without a word';
    if (state.idleStarts >= mostStarts || state.idle >= mostJobs) {
      end(state, { kind: 'failed', reason: `${reason} (${state.started ? state.idleStarts : state.idle} jobs)` });
      return false;
    }
    if (state.started) onEvent({ kind: 'retried', key, reason });
    return true;
  };

  return {
    look(arrays, queue) {
      const submitted = findPlaces(arrays, queue);
      for (const state of open()) takeIn(state);
      for (const state of open()) block(state);
      const stuck = findStuck();
      const missing = open().filter((state) => {
        state.missed = state.place === undefined ? state.missed + 1 : 0;
        // What was never submitted cannot be late.
        return state.missed >= sure || (state.place === undefined && !submitted.has(state.task.key));
      });
      const lost = new Set<string>();
      for (const state of missing) {
        const ready = (state.task.after ?? []).every((parent) => {
          const before = states.get(parent);
          if (before === undefined || before.outcome?.kind === 'done') return true;
          // Slurm drops a job whose dependency it takes for void, as after the failure of a parent's node. One that was dropped is not
          // sent behind the same parent again and again: it waits here until that one is done.
          return state.idle === 0 && (before.place !== undefined || lost.has(parent));
        });
        if (ready && again(state)) lost.add(state.task.key);
      }
      // One that was given up just now blocks what comes after it.
      for (const state of open()) block(state);
      return {
        lost: [...lost].flatMap((key) => (states.get(key)?.outcome === undefined ? [(states.get(key) as TaskState).task] : [])),
        stuck: stuck.map(({ place }) => `${place?.array}_${place?.index}`),
      };
    },
    before: (tasks) => new Map(tasks.map(({ key }) => [key, { logged: logs.size(key), progress: progress(key) }])),
    submitted(arrays, before) {
      for (const array of arrays) {
        for (const key of Object.values(array.tasks)) {
          const state = states.get(key);
          if (state === undefined) continue;
          const standing = before.get(key) ?? { logged: logs.size(key), progress: progress(key) };
          Object.assign(state, { missed: 0, ending: 0, stuckSince: undefined, started: false, running: false, ...standing });
        }
      }
    },
    places: () =>
      new Map(
        [...states].flatMap(([key, { place, outcome }]) => (place === undefined || outcome !== undefined ? [] : [[key, place] as const])),
      ),
    open: () => open().length,
    report() {
      const all = [...states.values()];
      return {
        done: all.flatMap(({ task, outcome }) => (outcome?.kind === 'done' ? [task.key] : [])),
        failed: all.flatMap(({ task, outcome }) => (outcome?.kind === 'failed' ? [{ key: task.key, reason: outcome.reason }] : [])),
        blocked: all.flatMap(({ task, outcome }) => (outcome?.kind === 'blocked' ? [{ key: task.key, by: outcome.by }] : [])),
        stopped: all.flatMap(({ task, outcome }) => (outcome === undefined ? [task.key] : [])),
      };
    },
  };
}

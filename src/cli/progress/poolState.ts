/** How a plan of runs is going: a state that events change, without any output. */
import type { PoolEvent } from '../../run/pool.js';
import type { WorkerEvent } from '../../run/workerChannel.js';

export interface RunState {
  readonly key: string;
  readonly label: string;
  /** Updates of the whole run, about. */
  readonly updates: number;
  status: 'waiting' | 'starting' | 'running' | 'done' | 'before' | 'failed' | 'blocked' | 'stopped';
  /** Done share of the run, in [0, 1]. */
  share: number;
  level: number;
  levels: number;
  step: number;
  steps: number;
  /** Validation accuracy, measured last. */
  accuracy: number | null;
  stepsPerSecond: number;
  /** Test accuracy of the last level that was finished. */
  test: number | null;
  /** When the status changed, and when the last sign of life came, in milliseconds. */
  since: number;
  heard: number;
  /** What happens before the first step. */
  doing: string;
  /** Where this attempt began to compute. */
  origin: { readonly share: number; readonly at: number } | null;
}

export interface PoolState {
  readonly runs: ReadonlyMap<string, RunState>;
  /** At once. Where a cluster decides, the most that were seen. */
  workers: number;
  readonly began: number;
  /** Updates per second of one worker before anything is measured, or undefined. */
  readonly expected: number | undefined;
  backend: string | undefined;
  stopping: boolean;
  /** Updates and seconds of attempts that have ended. */
  updates: number;
  seconds: number;
  /** Seconds from the start of a process to its first step. */
  readonly startTimes: number[];
  readonly notices: Set<string>;
}

/** What serves, for people. */
const backends: Readonly<Record<string, string>> = {
  tensorflow: 'native TensorFlow serves',
  wasm: 'WebAssembly serves, several times slower than native TensorFlow (neoteny doctor)',
  cpu: 'plain JavaScript serves, much slower than native TensorFlow (neoteny doctor)',
};

/** What is worth a line that stays. */
export type Announcement =
  | { readonly kind: 'level'; readonly run: RunState; readonly level: WorkerEvent }
  | { readonly kind: 'ended'; readonly run: RunState }
  | { readonly kind: 'trouble'; readonly run: RunState; readonly text: string }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'backend'; readonly text: string };

export interface PoolStart {
  readonly runs: readonly {
    readonly key: string;
    readonly label: string;
    readonly updates: number;
    readonly share: number;
    readonly done: boolean;
    /** It failed before, or needs one that did, and is not tried. */
    readonly lost?: 'failed' | 'blocked';
  }[];
  readonly workers: number;
  readonly now: number;
  readonly expected?: number;
}

export function openPoolState({ runs, workers, now, expected }: PoolStart): PoolState {
  const blank = {
    level: 0,
    levels: 0,
    step: 0,
    steps: 0,
    accuracy: null,
    stepsPerSecond: 0,
    test: null,
    since: now,
    heard: now,
    doing: '',
    origin: null,
  };
  return {
    runs: new Map(
      runs.map(({ done, lost, share, ...run }): [string, RunState] => [
        run.key,
        { ...run, ...blank, status: done ? 'before' : (lost ?? 'waiting'), share: done ? 1 : share },
      ]),
    ),
    workers,
    began: now,
    expected,
    backend: undefined,
    stopping: false,
    updates: 0,
    seconds: 0,
    startTimes: [],
    notices: new Set(),
  };
}

/** Takes an event in. @param now in milliseconds @returns what is worth a line of its own */
export function applyPoolEvent(state: PoolState, event: PoolEvent, now: number): Announcement[] {
  const run = state.runs.get(event.key);
  if (run === undefined) return [];
  run.heard = now;
  if (event.kind === 'worker') return applyWorkerEvent(state, run, event.event, now);
  if (event.kind === 'done' && run.status !== 'before') run.share = 1;
  endAttempt(state, run, now);
  run.since = now;
  switch (event.kind) {
    case 'started':
      run.status = 'starting';
      run.doing = 'starting';
      return [];
    case 'done':
      if (run.status === 'before') return [];
      run.status = 'done';
      return [{ kind: 'ended', run }];
    case 'skipped':
      run.status = 'before';
      run.share = 1;
      return [];
    case 'failed':
      run.status = 'failed';
      return [{ kind: 'trouble', run, text: `failed: ${event.reason}` }];
    case 'blocked':
      run.status = 'blocked';
      return [{ kind: 'trouble', run, text: `not started: it needs ${state.runs.get(event.by)?.label ?? event.by}` }];
    case 'stopped':
      run.status = 'stopped';
      return [];
    case 'retried':
      run.status = 'waiting';
      return [{ kind: 'trouble', run, text: `is started again: ${event.reason}` }];
    case 'waits':
      run.status = 'waiting';
      return [{ kind: 'trouble', run, text: `waits: ${event.reason}` }];
  }
}

function applyWorkerEvent(state: PoolState, run: RunState, event: WorkerEvent, now: number): Announcement[] {
  switch (event.event) {
    case 'backend':
      run.doing = 'loading data, tracing';
      if (state.backend === event['backend']) return [];
      state.backend = text(event['backend']);
      return [{ kind: 'backend', text: backends[state.backend] ?? state.backend }];
    case 'progress':
      applyProgress(state, run, event, now);
      return [];
    case 'level':
      run.test = number(event['testAtEnd']) ?? run.test;
      return [{ kind: 'level', run, level: event }];
    case 'notice': {
      const notice = text(event['text']);
      if (state.notices.has(notice)) return [];
      state.notices.add(notice);
      return [{ kind: 'notice', text: notice }];
    }
    default:
      return [];
  }
}

function applyProgress(state: PoolState, run: RunState, event: WorkerEvent, now: number): void {
  const steps = number(event['steps']) ?? 0;
  const share = number(event['share']);
  run.level = number(event['level']) ?? run.level;
  run.levels = number(event['levels']) ?? run.levels;
  if (steps > 0) {
    run.steps = steps;
    run.step = number(event['step']) ?? run.step;
    run.accuracy = number(event['accuracy']) ?? run.accuracy;
    run.stepsPerSecond = number(event['stepsPerSecond']) ?? run.stepsPerSecond;
  }
  if (share !== undefined) run.share = Math.min(1, Math.max(0, share));
  else if (steps > 0) run.share = shareOf(run);
  // A level alone may be one that was found and not computed: it says nothing about speed.
  else if (run.steps === 0 && run.levels > 0) run.share = Math.max(run.share, Math.min(1, run.level / run.levels));
  if (share === undefined && steps <= 0) {
    if (run.status === 'starting') run.doing = 'working';
    return;
  }
  if (run.origin === null) {
    run.origin = { share: run.share, at: now };
    state.startTimes.push((now - run.since) / 1000);
  }
  run.status = 'running';
}

/** Controls have no level 0; how many levels a run has shows in its updates. */
function shareOf({ updates, level, levels, step, steps }: RunState): number {
  const count = Math.min(levels + 1, Math.max(1, Math.round(updates / steps)));
  const before = level - (levels + 1 - count);
  return Math.min(1, Math.max(0, (before + Math.min(1, step / steps)) / count));
}

function endAttempt(state: PoolState, run: RunState, now: number): void {
  if (run.origin === null) return;
  state.updates += (run.share - run.origin.share) * run.updates;
  state.seconds += (now - run.origin.at) / 1000;
  run.origin = null;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

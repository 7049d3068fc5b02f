/** Many runs on this machine: worker processes that run the same command as a user or a cluster would. */
import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import { checkCount, invalid } from '../check.js';
import { exitCodes } from './exitCode.js';
import { runWorker, type Worker, type WorkerEnd } from './runWorker.js';
import { workerCount } from './workerCount.js';
import type { WorkerEvent } from './workerChannel.js';

export interface PoolTask {
  readonly key: string;
  /** Keys of tasks that must be done first. Those that are no tasks of this pool are the worker's business: it exits with 75. */
  readonly after?: readonly string[];
}

export interface PoolOptions {
  /** Program and arguments that run a task: `['node', 'dist/src/cli/main.js', 'run', key, '--events']`. */
  readonly command: (task: PoolTask) => readonly [string, ...string[]];
  /** Default: one a core, as memory allows. */
  readonly workers?: number;
  /** Threads that TensorFlow may use in one worker. Default 1. */
  readonly threads?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: PoolEvent) => void;
  /** Aborted: nothing more starts, the workers save and stop, and the pool waits for them. */
  readonly signal?: AbortSignal;
  /** Aborted: the workers are killed. */
  readonly killSignal?: AbortSignal;
  /** Whether a task is done already, so that no process is started. */
  readonly isDone?: (key: string) => boolean;
  /** How often a worker that crashed is started again. Default 2. */
  readonly retries?: number;
  /** Seconds to go on asking for a task whose worker says "not now" (exit code 75). Default 600. */
  readonly patience?: number;
}

export type PoolEvent =
  | { readonly kind: 'started' | 'done' | 'stopped' | 'skipped'; readonly key: string }
  | { readonly kind: 'retried' | 'waits' | 'failed'; readonly key: string; readonly reason: string }
  | { readonly kind: 'blocked'; readonly key: string; readonly by: string }
  /** What a worker said. */
  | { readonly kind: 'worker'; readonly key: string; readonly event: WorkerEvent };

export interface PoolReport {
  /** Done now, or before. */
  readonly done: readonly string[];
  readonly failed: readonly { readonly key: string; readonly reason: string }[];
  /** Not started, as the task that they come after (directly or not) failed. */
  readonly blocked: readonly { readonly key: string; readonly by: string }[];
  /** Not finished, as the pool was asked to stop. */
  readonly stopped: readonly string[];
}

type Outcome = { kind: 'done' | 'stopped' } | { kind: 'failed'; reason: string } | { kind: 'blocked'; by: string };

/**
 * Runs tasks in worker processes, each after those that it comes after. A worker's exit code decides: 0 done, 65 failed for good,
 * 75 not now (asked again later), any other a crash (started again a few times). Never throws for a task: the report tells.
 * @throws UserError if keys repeat or tasks wait for each other in a circle
 */
export async function runPool(tasks: readonly PoolTask[], options: PoolOptions): Promise<PoolReport> {
  const { workers = workerCount(), onEvent = () => {}, signal, killSignal, isDone = () => false } = options;
  const queue = new PQueue({ concurrency: checkCount('workers', workers, 1) });
  const running = new Set<Worker>();
  const outcomes = new Map<string, Promise<Outcome>>();
  const stop = (): void => running.forEach((worker) => worker.stop());
  const kill = (): void => running.forEach((worker) => worker.kill());
  const halt = new AbortController();
  const stopAll = (): void => {
    halt.abort();
    stop();
  };
  signal?.addEventListener('abort', stopAll, { once: true });
  killSignal?.addEventListener('abort', kill, { once: true });
  if (signal?.aborted) halt.abort();

  const attempt = (task: PoolTask): Promise<WorkerEnd | undefined> =>
    queue.add(async () => {
      if (halt.signal.aborted) return undefined;
      onEvent({ kind: 'started', key: task.key });
      const worker = runWorker(options.command(task), {
        env: threadVariables(options),
        onEvent: (event) => onEvent({ kind: 'worker', key: task.key, event }),
      });
      running.add(worker);
      const end = await worker.ended;
      running.delete(worker);
      return end;
    });

  const work = async (task: PoolTask): Promise<Outcome> => {
    for (const parent of task.after ?? []) {
      const outcome = await outcomes.get(parent);
      if (outcome?.kind === 'stopped') return { kind: 'stopped' };
      if (outcome?.kind === 'failed') return { kind: 'blocked', by: parent };
      if (outcome?.kind === 'blocked') return { kind: 'blocked', by: outcome.by };
    }
    if (isDone(task.key)) {
      onEvent({ kind: 'skipped', key: task.key });
      return { kind: 'done' };
    }
    return attempts(task, options, halt.signal, () => attempt(task));
  };

  for (const task of inOrder(tasks)) {
    const outcome = work(task).then((outcome) => {
      onEvent({ key: task.key, ...outcome } as PoolEvent);
      return outcome;
    });
    outcomes.set(task.key, outcome);
  }
  try {
    const entries = await Promise.all([...outcomes].map(async ([key, outcome]) => ({ key, ...(await outcome) })));
    return {
      done: entries.filter(({ kind }) => kind === 'done').map(({ key }) => key),
      failed: entries.flatMap((entry) => (entry.kind === 'failed' ? [{ key: entry.key, reason: entry.reason }] : [])),
      blocked: entries.flatMap((entry) => (entry.kind === 'blocked' ? [{ key: entry.key, by: entry.by }] : [])),
      stopped: entries.filter(({ kind }) => kind === 'stopped').map(({ key }) => key),
    };
  } finally {
    kill();
    signal?.removeEventListener('abort', stopAll);
    killSignal?.removeEventListener('abort', kill);
  }
}

/** Starts a task's worker until it is done, failed for good, or was tried often enough. */
async function attempts(
  task: PoolTask,
  options: PoolOptions,
  halt: AbortSignal,
  attempt: () => Promise<WorkerEnd | undefined>,
): Promise<Outcome> {
  const { onEvent = () => {}, isDone, retries = 2, patience = 600 } = options;
  const { key } = task;
  let crashes = 0;
  let waits = 0;
  const began = performance.now();
  for (;;) {
    const end = await attempt();
    if (end === undefined) return { kind: 'stopped' };
    // A worker that ended well without a result is a fault of its program, and counts as a crash.
    if (end.code === exitCodes.done && isDone?.(key) !== false) return { kind: 'done' };
    if (end.code === exitCodes.failed) return { kind: 'failed', reason: end.reason };
    if (halt.aborted) return { kind: 'stopped' };
    if (end.code === exitCodes.notNow) {
      if (performance.now() - began > 1000 * patience) return { kind: 'failed', reason: `${end.reason} (waited ${patience} s)` };
      onEvent({ kind: 'waits', key, reason: end.reason });
      await pause(Math.min(30_000, 500 * 2 ** waits++), halt);
    } else {
      if (crashes++ >= retries) return { kind: 'failed', reason: `${end.reason} (${crashes} times)` };
      onEvent({ kind: 'retried', key, reason: end.reason });
      await pause(200 * crashes, halt);
    }
    if (isDone?.(key)) return { kind: 'done' };
  }
}

async function pause(milliseconds: number, halt: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: halt }).catch(() => {});
}

/** Workers must not compete for cores: each computes with as many threads as it was given. */
function threadVariables({ threads = 1, env = {} }: PoolOptions): Record<string, string> {
  const count = String(checkCount('threads', threads, 1));
  return { TF_NUM_INTRAOP_THREADS: count, TF_NUM_INTEROP_THREADS: count, OMP_NUM_THREADS: count, ...env };
}

/** The tasks, each behind those that it comes after, otherwise in the order given. */
function inOrder(tasks: readonly PoolTask[]): PoolTask[] {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  if (byKey.size !== tasks.length) {
    const twice = tasks.find((task) => byKey.get(task.key) !== task);
    throw invalid('tasks', 'each key once', twice?.key);
  }
  const state = new Map<string, 'open' | 'placed'>();
  const order: PoolTask[] = [];
  const place = (task: PoolTask): void => {
    if (state.get(task.key) === 'placed') return;
    if (state.get(task.key) === 'open') throw invalid('order of tasks', 'no circle', `'${task.key}' waits for itself`);
    state.set(task.key, 'open');
    for (const parent of task.after ?? []) {
      const found = byKey.get(parent);
      if (found !== undefined) place(found);
    }
    state.set(task.key, 'placed');
    order.push(task);
  };
  for (const task of tasks) place(task);
  return order;
}

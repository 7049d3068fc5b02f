/** Runs as job arrays of a Slurm cluster that shares this machine's folders. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isCancelled } from '../cancelMark.js';
import { takeLock } from '../lock.js';
import type { PoolReport, PoolTask } from '../pool.js';
import type { Executor, ExecutorContext } from './executor.js';
import { readJobs, type SubmittedArray, writeJobs } from './slurm/jobsFile.js';
import { openQueueState, type QueueState } from './slurm/queueState.js';
import { openSlurmClient, type SlurmClient } from './slurm/slurmClient.js';
import { submit } from './slurm/submit.js';

export interface SlurmOptions {
  /** Options for sbatch: partition, account, time limit, memory, GPUs. */
  readonly sbatch?: readonly string[];
  /** Lines of shell that a job begins with, such as `module load nodejs`. */
  readonly setUp?: readonly string[];
  /** Tasks at once, for each array. Default: as the cluster allows. */
  readonly workers?: number;
  /** Most seconds between two looks at the queue. Default 10. */
  readonly poll?: number;
  /** How often a run that crashes is started again inside its job. Default 4. */
  readonly tries?: number;
  /** Seconds that a job waits for a run that another process has, or for a parent that a file system does not show yet. Default 180. */
  readonly patience?: number;
  /** Told that the controller does not answer, or that jobs wait for something unusual. */
  readonly onNotice?: (text: string) => void;
}

/**
 * The executor for Slurm. It submits what is missing, watches the run folders, and submits again what a cluster has lost, as often as runs get on.
 * Jobs go on when this process ends; the next call finds them by the notes in the sweep's folder.
 */
export function slurmExecutor(options: SlurmOptions = {}): Executor {
  return {
    name: 'slurm',
    workers: options.workers,
    run: (tasks, context) => converge(tasks, context, options),
    async cancel(folder) {
      const client = openSlurmClient(options);
      const lock = await takeLock(folder, 90);
      try {
        const ids = await idsOf(client, readJobs(folder));
        const queue = await client.queue(ids);
        await client.cancel(ids);
        writeJobs(folder, []);
        return queue.length;
      } finally {
        lock.release();
      }
    },
  };
}

async function converge(tasks: readonly PoolTask[], context: ExecutorContext, options: SlurmOptions): Promise<PoolReport> {
  const { poll = 10, tries = 4, patience = 180, sbatch = [], setUp = [], workers, onNotice } = options;
  const { folder, signal } = context;
  const client = openSlurmClient({ signal, ...(onNotice && { onNotice }) });
  const settings = { sbatch, setUp, workers, tries, patience, maxArraySize: await client.maxArraySize() };
  const state = openQueueState(tasks, context, { onNotice, stuckAfter: 6 * poll });
  const began = performance.now();
  let arrays = await adopt(client, folder);
  for (;;) {
    const queue = await client.queue(arrays.flatMap(({ id }) => id ?? []));
    const { lost, stuck } = state.look(arrays, queue);
    if (state.open() === 0 || signal.aborted || isCancelled(folder)) break;
    await client.cancel(stuck);
    if (lost.length > 0) arrays = await submitLost(client, lost, state, arrays, context, settings);
    // Quick at first, so that a small sweep does not wait.
    const pause = Math.min(poll, Math.max(1, (performance.now() - began) / 10_000));
    await sleep(1000 * pause, undefined, { signal }).catch(() => {});
  }
  if (state.open() === 0) {
    // Doubles that nobody needs any more.
    const ids = arrays.flatMap(({ id }) => id ?? []);
    if ((await client.queue(ids)).some((task) => task.state === 'PENDING')) await client.cancel(ids);
    writeJobs(folder, []);
  }
  return state.report();
}

/** One driver at a time: what another one has submitted meanwhile is not submitted again. */
async function submitLost(
  client: SlurmClient,
  lost: readonly PoolTask[],
  state: QueueState,
  arrays: readonly SubmittedArray[],
  context: ExecutorContext,
  settings: Parameters<typeof submit>[5],
): Promise<readonly SubmittedArray[]> {
  const lock = await takeLock(context.folder, 90);
  try {
    if (isCancelled(context.folder)) return arrays;
    const now = readJobs(context.folder);
    if (JSON.stringify(now) !== JSON.stringify(arrays)) return await resolve(client, now, context.folder);
    const before = state.before(lost);
    const taken = await submit(client, lost, state.places(), arrays, context, settings);
    state.submitted(taken, before);
    return [...arrays, ...taken];
  } finally {
    lock.release();
  }
}

/** The arrays that an earlier driver submitted. */
async function adopt(client: SlurmClient, folder: string): Promise<readonly SubmittedArray[]> {
  const lock = await takeLock(folder, 90);
  try {
    return await resolve(client, readJobs(folder), folder);
  } finally {
    lock.release();
  }
}

/** Finds arrays whose driver died between submission and note; those that never arrived are forgotten. The lock is held. */
async function resolve(client: SlurmClient, arrays: readonly SubmittedArray[], folder: string): Promise<readonly SubmittedArray[]> {
  if (arrays.every(({ id }) => id !== null)) return arrays;
  const found: SubmittedArray[] = [];
  for (const array of arrays) {
    const id = array.id ?? (await client.find(array.name));
    if (id !== undefined) found.push({ ...array, id });
  }
  writeJobs(folder, found);
  return found;
}

async function idsOf(client: SlurmClient, arrays: readonly SubmittedArray[]): Promise<string[]> {
  const ids: string[] = [];
  for (const { id, name } of arrays) {
    const found = id ?? (await client.find(name));
    if (found !== undefined) ids.push(found);
  }
  return ids;
}

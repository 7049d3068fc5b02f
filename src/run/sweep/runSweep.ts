/** A sweep, made: here by worker processes, or on a cluster. */
import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unknown } from '../../check.js';
import { dataStatus } from '../../dataset/dataStatus.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { isCancelled, unmarkCancelled } from '../cancelMark.js';
import { diskError } from '../disk.js';
import { Interrupted } from '../exitCode.js';
import type { Executor } from '../executors/executor.js';
import type { SlurmOptions } from '../executors/slurm.js';
import { isDone } from '../isDone.js';
import type { PoolEvent, PoolReport } from '../pool.js';
import { readFailure } from '../readRecord.js';
import { registerRun } from '../registerRun.js';
import { openStore, runFolder, type Store } from '../store.js';
import { planSweep, type SweepPlan } from './planSweep.js';
import type { SweepInput } from './sweep.js';
import { keepSweep } from './sweepFolder.js';
import { type SweepRunState, sweepStatus } from './sweepStatus.js';

export interface RunSweepOptions {
  /** Default: the store of this project. */
  readonly store?: Store;
  /** Default: `local`. */
  readonly executor?: 'local' | 'slurm' | Executor;
  /** Runs at once. Default: one a core here, as memory allows; as many as it allows on a cluster. */
  readonly workers?: number;
  /** Partition, modules and the like, for the executor `slurm`. */
  readonly slurm?: SlurmOptions;
  /** Whether runs that failed are tried again. Default false: what failed for good fails again. */
  readonly retry?: boolean;
  /** Seconds between checkpoints of a run. Default 15. */
  readonly saveEvery?: number;
  readonly onEvent?: (event: PoolEvent) => void;
  /** Aborted: workers here save and stop; jobs of a cluster go on. */
  readonly signal?: AbortSignal;
  readonly killSignal?: AbortSignal;
}

export interface SweepReport {
  readonly id: string;
  /** Keys of all runs, in the order of the plan. */
  readonly keys: readonly string[];
  readonly done: readonly string[];
  /** Those that failed now or before, and why. */
  readonly failed: readonly { readonly key: string; readonly reason: string }[];
  /** Those that need one that failed. */
  readonly blocked: readonly { readonly key: string; readonly by: string }[];
  /** Those that this call did not get to, as it was stopped. */
  readonly stopped: readonly string[];
  /** Processes that were started here, or tasks that started on the cluster while this call looked. */
  readonly started: number;
}

/**
 * Makes what is missing of a sweep and waits for it. Run folders are the only truth: what is done is found, whatever made it; call it again
 * after any interruption and it goes on; with nothing missing it starts nothing.
 *
 *     const sweep = { experiment: 'imp', arms: ['ticket'], grid: { levels: [3, 5] }, options: { length: '300it' } };
 *     const report = await runSweep(sweep, { executor: 'slurm', slurm: { sbatch: ['--partition=cpu'] } });
 *     const table = toLevels(sweepRecords(sweep));
 *
 * @param sweep the value, or the plan that `planSweep` made of it
 * @throws UserError for a sweep that is none, or an executor that cannot start; never for a run: the report tells
 */
export async function runSweep(sweep: SweepInput | SweepPlan, options: RunSweepOptions = {}): Promise<SweepReport> {
  const plan = 'runs' in sweep && 'id' in sweep ? sweep : planSweep(sweep);
  const {
    store = openStore({ records: [] }),
    retry = false,
    onEvent = () => {},
    signal = new AbortController().signal,
    killSignal = new AbortController().signal,
  } = options;
  if (retry) forgetFailures(store, plan);
  const states = sweepStatus(store, plan.runs);
  const open = states.filter(({ status }) => status !== 'done' && status !== 'failed' && status !== 'blocked');
  if (open.length === 0) return reportOf(plan, states, { done: [], failed: [], blocked: [], stopped: [] }, 0);

  const executor = await openExecutor(options);
  await fetchData(open);
  for (const { run } of open) registerRun(store, run.spec, run.key);
  const folder = keepSweep(store, plan, executor.name);
  unmarkCancelled(folder);
  const asked = new AbortController();
  const stop = (): void => asked.abort();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const watch = setInterval(() => isCancelled(folder) && stop(), 1000);
  let started = 0;
  try {
    const missing = new Set(open.map(({ run }) => run.key));
    const report = await executor.run(
      open.map(({ run }) => ({ key: run.key, after: run.after.filter((key) => missing.has(key)) })),
      {
        folder,
        root: store.root,
        env: { ...ownVariables(), NEOTENY_RUNS: store.root },
        command: (key) => [
          process.execPath,
          program,
          'run',
          key,
          '--events',
          ...(executor.name === 'local' ? [] : ['10']),
          ...(options.saveEvery === undefined ? [] : ['--save-every', String(options.saveEvery)]),
        ],
        isDone: (key) => isDone(store, key),
        failure: (key) => readFailure(runFolder(store, key))?.reason,
        progress: (key) => keptBy(store, key),
        signal: asked.signal,
        killSignal,
        onEvent(event) {
          if (event.kind === 'started') started++;
          onEvent(event);
        },
      },
    );
    return reportOf(plan, states, report, started);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return reportOf(
      plan,
      states,
      { done: [], failed: [], blocked: [], stopped: open.map(({ run }) => run.key).filter((key) => !isDone(store, key)) },
      started,
    );
  } finally {
    clearInterval(watch);
    signal.removeEventListener('abort', stop);
  }
}

const program = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** Loaded when there is something to run: most calls of a notebook find everything done. */
async function openExecutor({ executor = 'local', workers, slurm }: RunSweepOptions): Promise<Executor> {
  if (typeof executor !== 'string') return executor;
  const given = workers === undefined ? {} : { workers };
  if (executor === 'slurm') return (await import('../executors/slurm.js')).slurmExecutor({ ...slurm, ...given });
  if (executor === 'local') return (await import('../executors/local.js')).localExecutor(given);
  throw unknown('executor', executor, ['local', 'slurm']);
}

/** Variables that change how a run is made; a cluster may not hand over the environment of its own accord. */
function ownVariables(): Record<string, string> {
  const threads = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: '1' };
  const own = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && /^(NEOTENY_(BACKEND|DATA|CACHE|DEBUG)|TF_ENABLE_ONEDNN_OPTS|TF_CPP_MIN_LOG_LEVEL)$/.test(name),
  );
  return { ...threads, ...(Object.fromEntries(own) as Record<string, string>) };
}

/** Data sets are fetched once, by this process: workers would all ask at the same time, and nodes of a cluster may have no way out. */
async function fetchData(open: readonly SweepRunState[]): Promise<void> {
  const names = new Set(open.flatMap(({ run: { spec } }) => (typeof spec['dataset'] === 'string' ? [spec['dataset']] : [])));
  const cached = new Set((await dataStatus()).filter((entry) => entry.cached).map(({ name }) => name));
  for (const name of names) if (!cached.has(name) && !process.env['NEOTENY_DATA']) await loadDataset(name);
}

function forgetFailures(store: Store, { runs }: SweepPlan): void {
  for (const { key } of runs) {
    const path = join(runFolder(store, key), 'failed.json');
    try {
      fs.rmSync(path, { force: true });
    } catch (error) {
      throw diskError(error, path);
    }
  }
}

/** A text that changes whenever a run has kept a checkpoint or a result. */
function keptBy(store: Store, key: string): string {
  try {
    const text = fs.readFileSync(join(runFolder(store, key), 'timing.jsonl'), 'utf8');
    return String(text.match(/"event":"(save|end)"/g)?.length ?? 0);
  } catch {
    return '0';
  }
}

function reportOf(
  { id, runs }: SweepPlan,
  states: readonly SweepRunState[],
  { done, failed, blocked, stopped }: PoolReport,
  started: number,
): SweepReport {
  const before = (status: SweepRunState['status']): SweepRunState[] => states.filter((state) => state.status === status);
  const ended = new Set([...before('done').map(({ run }) => run.key), ...done]);
  return {
    id,
    keys: runs.map(({ key }) => key),
    done: runs.map(({ key }) => key).filter((key) => ended.has(key)),
    failed: [...before('failed').map(({ run, reason }) => ({ key: run.key, reason: reason ?? 'unknown' })), ...failed],
    blocked: [...before('blocked').map(({ run, reason }) => ({ key: run.key, by: reason ?? 'unknown' })), ...blocked],
    stopped,
    started,
  };
}

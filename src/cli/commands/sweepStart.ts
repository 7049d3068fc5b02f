/** `neoteny sweep FILE`: preview, run, outcome. */
import { UserError } from '../../check.js';
import { exitCodes } from '../../run/exitCode.js';
import type { Executor } from '../../run/executors/executor.js';
import { localExecutor } from '../../run/executors/local.js';
import { slurmExecutor } from '../../run/executors/slurm.js';
import { readSbatchOptions } from '../../run/executors/slurm/readSbatchOptions.js';
import { openStore, type Store } from '../../run/store.js';
import type { SweepPlan } from '../../run/sweep/planSweep.js';
import { runSweep, type SweepReport } from '../../run/sweep/runSweep.js';
import { type SweepCost, sweepCost } from '../../run/sweep/sweepCost.js';
import { type SweepRunState, sweepStatus } from '../../run/sweep/sweepStatus.js';
import { workerCount } from '../../run/workerCount.js';
import { about, count, plural } from '../output/format.js';
import { look, print, printJson, remark } from '../output/print.js';
import { poolDisplay } from '../progress/poolDisplay.js';
import { openPoolState } from '../progress/poolState.js';
import { checkBackend } from './checkBackend.js';
import { planFile } from './findSweep.js';
import { prepareData } from './prepareData.js';
import { listenForStop } from './stopping.js';

export interface SweepStartOptions {
  readonly set?: readonly string[];
  readonly executor: 'local' | 'slurm';
  readonly workers?: number;
  readonly saveEvery?: number;
  readonly sbatch?: string;
  readonly setUp?: readonly string[];
  readonly poll?: number;
  readonly retry?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What a cluster is taken to give where nobody says. */
const someWorkers = 32;

/** Makes what is missing. Returns the exit code: 0 all done, 65 some failed, 130 stopped. */
export async function sweepStart(file: string, options: SweepStartOptions): Promise<number> {
  const slurm = options.executor === 'slurm';
  if (!slurm && (options.sbatch !== undefined || options.setUp !== undefined))
    throw new UserError('--sbatch and --set-up need --executor slurm');
  const sbatch = readSbatchOptions(options.sbatch ?? '');
  const plan = planFile(file, options.set);
  const store = openStore({ records: [] });
  const states = sweepStatus(store, plan.runs).map((state) =>
    options.retry && (state.status === 'failed' || state.status === 'blocked') ? { ...state, status: 'waiting' as const } : state,
  );
  const workers = options.workers ?? (slurm ? someWorkers : workerCount());
  const cost = sweepCost(store, states, workers);
  if (options.dryRun) {
    if (options.json) printJson({ id: plan.id, ...cost, runs: states.map(stateJson) });
    else print(previewText(plan, cost, store, options));
    return exitCodes.done;
  }
  checkBackend();
  if (!options.quiet) remark(previewText(plan, cost, store, options));
  const report = cost.done === plan.runs.length ? undefined : await make(plan, states, cost, store, options, sbatch);
  return printOutcome(plan, report, options);
}

async function make(
  plan: SweepPlan,
  states: readonly SweepRunState[],
  cost: SweepCost,
  store: Store,
  options: SweepStartOptions,
  sbatch: readonly string[],
): Promise<SweepReport> {
  const open = states.filter(({ status }) => status === 'waiting' || status === 'begun' || status === 'running');
  const slurm = options.executor === 'slurm';
  const stopping = listenForStop(() => say());
  let say = (): void => remark(slurm ? 'stopping; jobs of the cluster go on' : 'stopping: saving checkpoints (Ctrl-C again kills)');
  try {
    await prepareData(open.flatMap(({ run: { spec } }) => (typeof spec['dataset'] === 'string' ? [spec['dataset']] : [])));
    const state = openPoolState({
      runs: states.map(({ run, status, share }) => ({
        key: run.key,
        updates: run.updates,
        label: run.label,
        share,
        done: status === 'done',
        ...((status === 'failed' || status === 'blocked') && { lost: status }),
      })),
      workers: cost.workers,
      now: performance.now(),
      ...(cost.workSeconds !== null && cost.workSeconds > 0 && { expected: cost.updatesMissing / cost.workSeconds }),
    });
    const display = options.quiet || open.length === 0 ? undefined : await poolDisplay(state);
    if (display && !slurm) say = () => display.stopping();
    const { workers, poll, setUp } = options;
    let seen = 0;
    const executor: Executor = slurm
      ? slurmExecutor({
          sbatch,
          onNotice: (text) => (display ? display.notice(text) : remark(text)),
          ...(setUp && { setUp }),
          ...(workers !== undefined && { workers }),
          ...(poll !== undefined && { poll }),
        })
      : localExecutor(workers === undefined ? {} : { workers });
    try {
      return await runSweep(plan, {
        store,
        executor,
        signal: stopping.stop,
        killSignal: stopping.kill,
        retry: options.retry === true,
        ...(options.saveEvery !== undefined && { saveEvery: options.saveEvery }),
        ...(display && {
          onEvent(event) {
            display.event(event);
            if (!slurm || workers !== undefined || event.kind !== 'started') return;
            const active = [...state.runs.values()].filter(({ status }) => status === 'starting' || status === 'running').length;
            seen = Math.max(seen, active);
            state.workers = seen;
          },
        }),
      });
    } finally {
      display?.close();
    }
  } finally {
    stopping.close();
  }
}

function printOutcome({ id, runs }: SweepPlan, report: SweepReport | undefined, { executor, json }: SweepStartOptions): number {
  const { done = runs.map(({ key }) => key), failed = [], blocked = [], stopped = [], started = 0 } = report ?? {};
  if (json) {
    const of = <T extends { key: string }>(list: readonly T[]): Map<string, T> => new Map(list.map((one) => [one.key, one]));
    const [byFailed, byBlocked, all] = [of(failed), of(blocked), new Set(done)];
    printJson({
      id,
      started,
      runs: runs.map(({ key, stage, label }) => {
        const status = all.has(key) ? 'done' : byFailed.has(key) ? 'failed' : byBlocked.has(key) ? 'blocked' : 'stopped';
        return { key, stage, label, status, reason: byFailed.get(key)?.reason ?? byBlocked.get(key)?.by ?? null };
      }),
    });
  } else
    print(
      `${done.length} of ${plural(runs.length, 'run')} done${failed.length + blocked.length === 0 ? '' : `, ${failed.length} failed, ${blocked.length} not started`}`,
    );
  const { red, yellow } = look().colors;
  const labels = new Map(runs.map(({ key, label }) => [key, label]));
  for (const { key, reason } of failed) remark(`${red('failed')} ${key} (${labels.get(key)}): ${reason}`);
  for (const { key, by } of blocked) remark(`${yellow('not started')} ${key} (${labels.get(key)}): it needs ${by}`);
  if (failed.length > 0) remark(`neoteny sweep log KEY says more, and neoteny sweep retry tries again`);
  if (stopped.length > 0) {
    remark(
      `stopped: ${plural(stopped.length, 'run')} ${stopped.length === 1 ? 'is' : 'are'} not done; the same command goes on${executor === 'slurm' ? '. Jobs of the cluster go on meanwhile; neoteny sweep cancel takes them back' : ''}`,
    );
    return exitCodes.interrupted;
  }
  return failed.length + blocked.length > 0 ? exitCodes.failed : exitCodes.done;
}

function previewText({ id, sweep, runs }: SweepPlan, cost: SweepCost, store: Store, { executor }: SweepStartOptions): string {
  const { colors } = look();
  const more = [
    cost.begun > 0 ? `${cost.begun} begun` : '',
    cost.failed > 0 ? `${cost.failed} failed` : '',
    cost.blocked > 0 ? `${cost.blocked} waiting for those` : '',
  ].filter((text) => text !== '');
  const lines = [
    `${colors.bold(`sweep ${id}`)}  ${plural(runs.length, 'run')} in ${plural(sweep.stages.length, 'stage')}: ${cost.done} done${more.map((text) => `, ${text}`).join('')}`,
  ];
  if (cost.updatesMissing > 0) {
    lines.push(`  ${count(cost.updatesMissing)} updates to go: ${workText(cost)}`);
    const where =
      executor === 'slurm' ? `if ${plural(cost.workers, 'task')} run at once on Slurm` : `with ${plural(cost.workers, 'worker')} here`;
    lines.push(cost.seconds === null ? `  ${where}` : `  ${where}: about ${about(cost.seconds)}`);
  }
  if (cost.parents > 0) lines.push(`  ${plural(cost.parents, 'run')} of them only because others need their tickets`);
  lines.push(colors.dim(`  runs are kept in ${store.root}`));
  return `${lines.join('\n')}\n`;
}

const bases: Readonly<Record<NonNullable<SweepCost['basis']>, string>> = {
  'runs like these here': 'as runs like these took here',
  'other runs here': 'as other runs took here',
  records: 'as on the machines of the records that came with the project',
};

function workText({ workSeconds, basis }: SweepCost): string {
  if (workSeconds === null || basis === null) return 'time unknown until a run of each experiment was timed here';
  const time = workSeconds < 360 ? about(workSeconds) : `${(workSeconds / 3600).toFixed(workSeconds < 36_000 ? 2 : 1)} hours`;
  return `${time} of one worker, ${bases[basis]}`;
}

/** A run's state for programs. */
export function stateJson({ run, status, reason, share }: SweepRunState): object {
  return { key: run.key, stage: run.stage, label: run.label, status, reason, share, updates: run.updates, after: run.after };
}

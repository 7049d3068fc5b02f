/** `neoteny sweep status`: how sweeps stand, as the run folders say. */
import { exitCodes } from '../../run/exitCode.js';
import { openStore } from '../../run/store.js';
import { listSweeps } from '../../run/sweep/sweepFolder.js';
import { type SweepRunState, sweepStatus } from '../../run/sweep/sweepStatus.js';
import { plural } from '../output/format.js';
import { look, print, printJson, remark } from '../output/print.js';
import { type Column, textTable } from '../output/textTable.js';
import { findSweep } from './findSweep.js';
import { stateJson } from './sweepStart.js';

export interface SweepStatusOptions {
  readonly set?: readonly string[];
  readonly runs?: boolean;
  readonly json?: boolean;
}

const order: readonly SweepRunState['status'][] = ['done', 'running', 'begun', 'waiting', 'failed', 'blocked'];

/** Prints how a sweep stands, or all sweeps. Returns the exit code. */
export function sweepStatusCommand(name: string | undefined, { set, runs: all, json }: SweepStatusOptions): number {
  const store = openStore({ records: [] });
  if (name === undefined)
    return printSweeps(
      listSweeps(store).map(({ plan, executor }) => ({ id: plan.id, executor, ...tally(sweepStatus(store, plan.runs)) })),
      store.root,
      json,
    );
  const { plan, executor } = findSweep(store, name, set);
  const states = sweepStatus(store, plan.runs);
  if (json) {
    printJson({ id: plan.id, executor: executor ?? null, ...tally(states), runs: states.map(stateJson) });
    return exitCodes.done;
  }
  const { colors, width } = look();
  const numbers = tally(states);
  print(
    `${colors.bold(plan.id)}  ${plural(states.length, 'run')}, ${Math.floor(100 * numbers.share)} %: ${order.flatMap((status) => (numbers[status] > 0 ? [`${numbers[status]} ${status}`] : [])).join(', ')}`,
  );
  const shown = states.filter(({ status }) => all || !['done', 'waiting'].includes(status));
  if (shown.length === 0) return exitCodes.done;
  const color = {
    done: colors.green,
    running: colors.cyan,
    begun: colors.yellow,
    waiting: colors.dim,
    failed: colors.red,
    blocked: colors.red,
  };
  const columns: Column[] = [
    { title: 'run' },
    { title: 'stage' },
    { title: 'status' },
    { title: '%', right: true },
    { title: 'what', stretch: 'cut' },
  ];
  const rows = shown.map(({ run, status, reason, share }) => [
    run.key,
    run.stage,
    status,
    String(Math.floor(100 * share)),
    reason === null ? run.label : status === 'blocked' ? `${run.label}: needs ${reason}` : `${run.label}: ${reason}`,
  ]);
  print(
    `\n${textTable(columns, rows, { width, colors, paint: (text, r, c) => (c === 2 ? color[shown[r]?.status ?? 'done'](text) : text) })}`,
  );
  return exitCodes.done;
}

type Tally = { readonly [status in SweepRunState['status']]: number } & { readonly share: number };

function tally(states: readonly SweepRunState[]): Tally {
  const counts = Object.fromEntries(order.map((status) => [status, states.filter((state) => state.status === status).length])) as Record<
    SweepRunState['status'],
    number
  >;
  const updates = states.reduce((sum, { run }) => sum + run.updates, 0);
  return { ...counts, share: updates === 0 ? 1 : states.reduce((sum, { run, share }) => sum + share * run.updates, 0) / updates };
}

function printSweeps(sweeps: readonly ({ id: string; executor: string } & Tally)[], root: string, json: boolean | undefined): number {
  if (json) printJson(sweeps);
  else if (sweeps.length === 0) remark(`no sweeps in ${root}; neoteny sweep FILE starts one`);
  else {
    const { colors, width } = look();
    const columns: Column[] = [
      { title: 'sweep' },
      { title: 'executor' },
      ...order.map((title) => ({ title, right: true })),
      { title: '%', right: true },
    ];
    const rows = sweeps.map((sweep) => [
      sweep.id,
      sweep.executor,
      ...order.map((status) => String(sweep[status])),
      String(Math.floor(100 * sweep.share)),
    ]);
    print(textTable(columns, rows, { width, colors }));
  }
  return exitCodes.done;
}

/** An experiment from the command line: plan, preview, run, results. */
import { lookUp, UserError } from '../../check.js';
import { exitCodes } from '../../run/exitCode.js';
import type { Experiment } from '../../run/experiments/experiment.js';
import { defaultsOf } from '../../run/experiments/experiments.js';
import { armOf, type PlannedRun, planRuns } from '../../run/experiments/planRuns.js';
import { isDone } from '../../run/isDone.js';
import { missingRuns } from '../../run/missingRuns.js';
import type { PoolReport } from '../../run/pool.js';
import { readRecord } from '../../run/readRecord.js';
import type { RunRecord } from '../../run/record.js';
import { runPlan } from '../../run/runPlan.js';
import { findRun, openStore, runFolder, type Store } from '../../run/store.js';
import { workerCount } from '../../run/workerCount.js';
import { type Options, setOption } from '../options/setOption.js';
import { about, clock, count, optionText, plural } from '../output/format.js';
import { look, print, printJson, remark } from '../output/print.js';
import { wrap } from '../output/wrap.js';
import { checkBackend } from './checkBackend.js';
import { listenForStop } from './stopping.js';
import { openPoolState } from '../progress/poolState.js';
import { poolDisplay } from '../progress/poolDisplay.js';
import { prepareData } from './prepareData.js';
import { type Preview, previewOf } from './preview.js';

export interface PlanOptions {
  readonly preset: string;
  readonly replicates?: number;
  readonly arms?: readonly string[];
  readonly workers?: number;
  readonly dryRun?: boolean;
  /** Whether finished records that came with the project are read instead of made again. */
  readonly records?: boolean;
  /** A file, or false for none. */
  readonly report?: string | boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly sets: readonly string[];
  readonly flags: Options;
}

/** Runs what is missing and shows what comes out. Returns the exit code. */
export async function runExperiment(experiment: Experiment, options: PlanOptions): Promise<number> {
  const began = performance.now();
  const preset = lookUp(`preset of '${experiment.name}'`, options.preset, experiment.presets);
  const standard = { ...defaultsOf(experiment.name), ...preset.options };
  const given = options.sets.reduce<Options>((before, text) => setOption(before, text, standard), { ...preset.options, ...options.flags });
  const arms = options.arms ?? preset.arms;
  const plan = planRuns({
    experiment: experiment.name,
    options: given,
    ...(arms && { arms }),
    replicates: options.replicates ?? preset.replicates,
  });
  for (const { spec } of plan) await experiment.check?.(spec);
  // A finished record that came with the project is no reason not to run, unless asked: whoever asks for a run gets one.
  const store = openStore({ records: [] });
  const library = openStore();
  const { runs, recorded } = options.records ? withRecords(library, plan) : { runs: plan, recorded: [] };
  const workers = options.workers ?? workerCount();
  const asPreset =
    options.sets.length === 0 && Object.keys(options.flags).length === 0 && arms === preset.arms && options.replicates === undefined;
  const preview = previewOf(store, library, runs, workers, asPreset ? preset : undefined);
  if (options.dryRun) {
    if (options.json)
      printJson({
        ...{ experiment: experiment.name, preset: options.preset, ...withoutShares(preview) },
        ...{ keys: runs.map(({ key }) => key), read: recorded.map(({ key }) => key) },
      });
    else print(previewText(experiment, options, preview, runs, recorded, store));
    return exitCodes.done;
  }
  checkBackend();
  if (!options.quiet) remark(previewText(experiment, options, preview, runs, recorded, store));

  const report = await runMissing(store, runs, preview, workers, options.quiet === true);
  const failed = [
    ...report.failed.map(({ key, reason }) => ({ key, reason })),
    ...report.blocked.map(({ key, by }) => ({ key, reason: `needs ${by}` })),
  ];
  if (report.stopped.length > 0) {
    const done = report.done.length;
    remark(
      `stopped: ${done} of ${plural(runs.length, 'run')} ${done === 1 ? 'is' : 'are'} done, the others keep what they have. The same command goes on.`,
    );
  }
  const read = new Set(recorded.map(({ key }) => key));
  const done = new Set(report.done.filter((key) => isDone(store, key)));
  const records = plan.flatMap(({ key }): RunRecord[] => {
    if (done.has(key)) return [readRecord(runFolder(store, key))];
    return read.has(key) ? [readRecord(findRun(library, key) as string)] : [];
  });
  const stopped = report.stopped.length > 0;
  const reports = records.length > 0 && options.report !== false && !stopped;
  const path = !reports ? null : await reportOn(experiment, records, options.records ? library : store, options);
  if (options.json) await printJsonResults(experiment, options, plan, read, report, records, path);
  else if (records.length > 0 && !stopped) await printAll(experiment, records, path, began);
  for (const { key, reason } of failed) remark(`${look().colors.red('failed')} ${key}: ${reason}`);
  if (failed.length > 0)
    remark(`${plural(failed.length, 'run')} failed; neoteny runs show KEY says more, and the same command tries again`);
  if (stopped) return exitCodes.interrupted;
  if (failed.length > 0) return exitCodes.failed;
  return reports && path === null ? exitCodes.disk : exitCodes.done;
}

/** What is to be made, and the finished records that stand for the rest. Parents that nobody asked for are made where their tickets are missing. */
function withRecords(library: Store, plan: readonly PlannedRun[]): { runs: PlannedRun[]; recorded: PlannedRun[] } {
  const missing = new Set(missingRuns(library, plan).map(({ key }) => key));
  const runs = plan.filter(({ key }) => missing.has(key) || isDone(library, key));
  return { runs, recorded: plan.filter((run) => run.asked && !runs.includes(run)) };
}

async function runMissing(
  store: Store,
  runs: readonly PlannedRun[],
  preview: Preview,
  workers: number,
  quiet: boolean,
): Promise<PoolReport> {
  if (preview.done === runs.length) return { done: runs.map(({ key }) => key), failed: [], blocked: [], stopped: [] };
  let say = (): void => remark('stopping: saving checkpoints (Ctrl-C again kills)');
  const stopping = listenForStop(() => say());
  try {
    await prepareData(
      runs
        .flatMap(({ spec }) => ['dataset', 'pretrainDataset'].map((name) => spec[name]))
        .filter((name): name is string => typeof name === 'string'),
    );
    const state = openPoolState({
      runs: runs.map(({ key, spec, updates }) => ({
        key,
        updates,
        label: labelOf(runs, spec),
        share: preview.shares[key] ?? 0,
        done: preview.shares[key] === 1,
      })),
      workers,
      now: performance.now(),
      ...(preview.speed && { expected: preview.speed.updatesPerSecond }),
    });
    const display = quiet ? undefined : await poolDisplay(state);
    if (display) say = () => display.stopping();
    try {
      return await runPlan(store, runs, {
        workers,
        signal: stopping.stop,
        killSignal: stopping.kill,
        ...(display && { onEvent: (event) => display.event(event) }),
      });
    } finally {
      display?.close();
    }
  } finally {
    stopping.close();
  }
}

/** What tells a run from the others of its plan. */
function labelOf(runs: readonly PlannedRun[], spec: PlannedRun['spec']): string {
  const arm = armOf(spec) || spec.experiment;
  return runs.some((run) => run.spec.replicate !== 1) ? `${arm} r${spec.replicate}` : arm;
}

async function reportOn(
  experiment: Experiment,
  records: readonly RunRecord[],
  store: Store,
  { report, preset }: PlanOptions,
): Promise<string | null> {
  const { writeReport } = await import('../results/writeReport.js');
  const { activity } = await import('../progress/poolDisplay.js');
  const file = typeof report === 'string' ? report : `out/${experiment.name}-${preset}.html`;
  try {
    return await activity('writing the report', () =>
      writeReport(experiment.name, records, { store, file, command: `neoteny ${process.argv.slice(2).join(' ')}` }),
    );
  } catch (error) {
    // The runs are safe, and their table is still to be shown.
    if (!(error instanceof UserError)) throw error;
    remark(`the report could not be written: ${error.message}`);
    return null;
  }
}

async function printAll(experiment: Experiment, records: readonly RunRecord[], path: string | null, began: number): Promise<void> {
  const { activity } = await import('../progress/poolDisplay.js');
  const { printResults } = await activity('reading the results', () => import('../results/printResults.js'));
  await printResults(experiment.name, records);
  const { colors } = look();
  if (path !== null) print(`report  ${colors.bold(path)}`);
  print(colors.dim(`${plural(records.length, 'run')}, ${clock((performance.now() - began) / 1000)}`));
}

async function printJsonResults(
  experiment: Experiment,
  { preset }: PlanOptions,
  runs: readonly PlannedRun[],
  read: ReadonlySet<string>,
  report: PoolReport,
  records: readonly RunRecord[],
  path: string | null,
): Promise<void> {
  const { resultsOf } = await import('../results/results.js');
  const results = await resultsOf(experiment.name);
  const statusOf = (key: string) => {
    const failure = report.failed.find((run) => run.key === key);
    if (failure !== undefined) return { status: 'failed', reason: failure.reason };
    const block = report.blocked.find((run) => run.key === key);
    if (block !== undefined) return { status: 'blocked', reason: `needs ${block.by}` };
    return { status: report.done.includes(key) ? 'done' : read.has(key) ? 'read' : 'stopped' };
  };
  printJson({
    experiment: experiment.name,
    preset,
    runs: runs.map(({ key, spec }) => ({ key, arm: armOf(spec), replicate: spec.replicate, ...statusOf(key) })),
    table: records.length === 0 ? [] : results.table(records).data,
    claims: records.length === 0 ? [] : results.claims(records),
    report: path,
  });
}

function previewText(
  { name, presets }: Experiment,
  { preset, sets, flags }: PlanOptions,
  preview: Preview,
  runs: readonly PlannedRun[],
  recorded: readonly PlannedRun[],
  store: Store,
): string {
  const { colors, prose } = look();
  const plan = [...runs, ...recorded];
  const arms = new Set(plan.map(({ spec }) => armOf(spec))).size;
  const replicates = new Set(plan.map(({ spec }) => spec.replicate)).size;
  const read = recorded.length === 0 ? '' : `, ${recorded.length} read from records that came with the project`;
  const changed = [...Object.entries(flags).map(([option, value]) => `${option}=${optionText(value)}`), ...sets];
  const lines = [`${colors.bold(`neoteny ${name}`)}, preset ${preset}: ${presets[preset]?.summary ?? ''}`];
  if (changed.length > 0) lines.push(`with ${changed.join(', ')}`);
  const begun = preview.begun === 0 ? '' : `, ${preview.begun} begun`;
  lines.push(
    `${plural(plan.length, 'run')}: ${plural(arms, 'arm')} x ${plural(replicates, 'replicate')}; ${preview.done} done${begun}${read}`,
  );
  if (preview.done < runs.length) {
    const basis = {
      'measured here': 'as runs like these took here',
      'other runs here': 'as other runs took here',
      'the preset': 'as on the machine of the README',
      records: 'as on the machines of the records that came with the project',
      'multiply-adds': 'guessed from the multiply-adds of the dense networks',
    };
    const time =
      preview.seconds === null || preview.basis === null
        ? 'time unknown until something has run'
        : `about ${about(preview.seconds)}, ${basis[preview.basis]}`;
    lines.push(`${count(preview.updatesMissing)} updates to go with ${plural(preview.workers, 'worker')}: ${time}`);
  }
  if (preview.parents > 0) lines.push(`${plural(preview.parents, 'run')} of them only because others need their tickets`);
  lines.push(colors.dim(`runs are kept in ${store.root}`));
  if (preview.recorded > 0)
    lines.push(
      colors.dim(`records of ${plural(preview.recorded, 'run')} came with the project: here they run again, --records reads them instead`),
    );
  return `${lines.map((line) => wrap(line, prose - 2, '').replaceAll('\n', '\n  ')).join('\n  ')}\n`;
}

function withoutShares({ shares: _, ...preview }: Preview): Omit<Preview, 'shares'> {
  return preview;
}

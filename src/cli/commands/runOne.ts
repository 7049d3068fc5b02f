/** One run in this process: what a worker of a pool or a cluster executes. */
import fs from 'node:fs';
import { join } from 'node:path';
import { lookUp, mismatched, missing, unknown } from '../../check.js';
import { readDecisions } from '../../run/engineDecisions.js';
import { exitCode, exitCodes } from '../../run/exitCode.js';
import { checkParents } from '../../run/experiments/checkParents.js';
import { experiments, keyOf, readSpec } from '../../run/experiments/experiments.js';
import { armOf } from '../../run/experiments/planRuns.js';
import { getOrRun } from '../../run/getOrRun.js';
import { isDone } from '../../run/isDone.js';
import { listRuns } from '../../run/listRuns.js';
import type { RunOptions } from '../../run/openRun.js';
import type { RunRecord, Spec } from '../../run/record.js';
import { checkKey } from '../../run/runKey.js';
import { findRun, openStore, runFolder, type Store } from '../../run/store.js';
import { openWorkerChannel, type WorkerEvent } from '../../run/workerChannel.js';
import { parseJson } from '../../ticket/parseJson.js';
import { printJson, remark } from '../output/print.js';
import { readTextFile } from '../readTextFile.js';
import { checkBackend } from './checkBackend.js';
import { prepareData } from './prepareData.js';
import { listenForStop } from './stopping.js';

export interface RunOneOptions {
  /** Lines of JSON for a driver; a number: at most one on progress in so many seconds, for drivers that keep them in a file. */
  readonly events?: boolean | string;
  /** Seconds between checkpoints. */
  readonly saveEvery?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Runs the run of a key, or of a spec in a file. Returns the exit code; throws what ended the run. */
export async function runOne(target: string, options: RunOneOptions): Promise<number> {
  oneThread();
  const store = openStore({ records: [] });
  const given = options.saveEvery === undefined ? {} : { saveEvery: options.saveEvery };
  if (options.events) return runForDriver(store, target, given, options.events === true ? 0 : Number(options.events));
  const { spec, key } = readTarget(store, target);
  const record = await runShown(store, spec, key, options.quiet === true, given);
  if (options.json) printJson(record);
  else {
    const [{ printTable }, { plainResults }] = await Promise.all([
      import('../results/printResults.js'),
      import('../results/plainResults.js'),
    ]);
    printTable(plainResults.table([record]));
    remark(`run '${key}' is done: ${runFolder(store, key)}`);
  }
  return exitCodes.done;
}

/** As in a pool: the number of threads can change the last bits of a sum, and a run must not depend on who started it. */
function oneThread(): void {
  for (const name of ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS']) process.env[name] ??= '1';
}

async function runForDriver(store: Store, target: string, given: RunOptions, interval: number): Promise<number> {
  const channel = openWorkerChannel();
  let last = Number.NEGATIVE_INFINITY;
  let withheld: WorkerEvent | undefined;
  const send = (event: WorkerEvent): void => {
    const now = performance.now();
    const tooSoon = event.event === 'progress' && now - last < 1000 * interval;
    if (event.event === 'level' && withheld !== undefined) channel.send(withheld);
    withheld = tooSoon ? event : undefined;
    if (tooSoon) return;
    if (event.event === 'progress') last = now;
    channel.send(event);
  };
  process.removeAllListeners('warning').on('warning', (warning) => {
    if (isOurs(warning)) channel.send({ event: 'notice', text: warning.message });
  });
  try {
    const { spec, key } = readTarget(store, target);
    await run(store, spec, key, { ...given, signal: channel.signal }, send);
    channel.send({ event: 'done', key });
    return exitCodes.done;
  } catch (error) {
    channel.send({ event: 'failed', reason: error instanceof Error ? error.message : String(error), code: exitCode(error) });
    throw error;
  } finally {
    channel.close();
  }
}

async function runShown(store: Store, spec: Spec, key: string, quiet: boolean, given: RunOptions): Promise<RunRecord> {
  checkBackend();
  if (!isDone(store, key) && typeof spec['dataset'] === 'string') await prepareData([spec['dataset']]);
  const { openPoolState } = await import('../progress/poolState.js');
  const { poolDisplay } = await import('../progress/poolDisplay.js');
  const updates = lookUp('experiment', spec.experiment, experiments).updates(spec);
  const label = `${armOf(spec) || spec.experiment} r${spec.replicate}`;
  const state = openPoolState({ runs: [{ key, label, updates, share: 0, done: false }], workers: 1, now: performance.now() });
  const display = quiet || isDone(store, key) ? undefined : await poolDisplay(state);
  const stopping = listenForStop(() => display?.stopping());
  stopping.kill.addEventListener('abort', () => process.exit(exitCodes.interrupted));
  display?.event({ kind: 'started', key });
  try {
    return await run(store, spec, key, { ...given, signal: stopping.stop }, (event) => display?.event({ kind: 'worker', key, event }));
  } finally {
    display?.close();
    stopping.close();
  }
}

async function run(store: Store, spec: Spec, key: string, options: RunOptions, send: (event: WorkerEvent) => void): Promise<RunRecord> {
  const experiment = lookUp('experiment', spec.experiment, experiments);
  if (!isDone(store, key)) {
    checkParents(store, spec);
    const { openTensorflow } = await import('../../model/tensorflow.js');
    send({ event: 'backend', backend: await openTensorflow() });
  }
  return getOrRun(store, spec, key, (own, context) => experiment.run(own, context, store), {
    ...options,
    ...enginesOfRecord(key),
    progress: (event) => send({ event: 'progress', ...event }),
    notice: (text) => send({ event: 'notice', text }),
    row(row) {
      if (row.kind !== 'level') return;
      const { kind: _, layers: __, ...summary } = row;
      send({ event: 'level', ...summary });
    },
  });
}

/** The engines that the record of this run took, where one came with the project: with them come its bits. */
function enginesOfRecord(key: string): Pick<RunOptions, 'engines'> {
  const folder = openStore()
    .records.map((records) => join(records, key))
    .find((record) => fs.existsSync(join(record, 'done.json')));
  const engines = folder === undefined ? {} : readDecisions(folder);
  return Object.keys(engines).length === 0 ? {} : { engines };
}

/** The spec that a key or a file stands for. */
function readTarget(store: Store, target: string): { spec: Spec; key: string } {
  const isKey = /^[a-z][a-zA-Z0-9]{0,39}-[0-9a-f]{12}-r[1-9][0-9]{0,8}$/.test(target);
  const path = isKey ? specOf(store, target) : target;
  if (!isKey && !fs.existsSync(path)) {
    const keys = listRuns(store).map(({ key }) => key);
    throw keys.length === 0 || target.includes('.') || target.includes('/')
      ? missing(`file '${target}'`, 'name a file with a spec, such as { "experiment": "imp" }, or a run\'s key (neoteny runs list)')
      : unknown('run', target, keys.slice(0, 20));
  }
  const found = readSpec(parseJson(readTextFile(path), `'${path}'`));
  // The default engine was called auto before that meant a measurement, which has keys of its own.
  const before = { ...found, engine: 'tensorflow' };
  const spec = isKey && found['engine'] === 'auto' && keyOf(before) === target ? before : found;
  const key = keyOf(spec);
  if (isKey && key !== target)
    throw mismatched(
      `spec in '${path}'`,
      `that of ${target}`,
      `that of ${key}`,
      'the file is altered, or a default was changed since: remove the run',
    );
  return { spec, key };
}

function specOf(store: Store, key: string): string {
  const own = join(runFolder(store, checkKey(key)), 'spec.json');
  if (fs.existsSync(own)) return own;
  const record = findRun(openStore(), key);
  if (record === undefined) throw missing(`run '${key}' in '${store.root}'`, 'start it with its experiment, or give a file with its spec');
  return join(record, 'spec.json');
}

/** Deprecations and experiments of Node are not the user's business. */
export function isOurs(warning: Error): boolean {
  return !/^(Deprecation|Experimental)Warning$/.test(warning.name) || Boolean(process.env['NEOTENY_DEBUG']);
}

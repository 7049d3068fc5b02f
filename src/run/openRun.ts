/** A run's folder, taken by this process: its stages are run or found again, and at the end it is closed as done. */
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { invalid, mismatched, UserError } from '../check.js';
import { canonicalJson, pretty, sha256 } from '../ticket/canonicalJson.js';
import type { KeepDecision } from '../train/autoTrainer.js';
import { checkSameSpec } from './checkSameSpec.js';
import { halfWritten, leftBehind, makeFolder, writeAtomically } from './disk.js';
import { decisionsFile, keepDecisions, type RunDecisions } from './engineDecisions.js';
import { readEnvironment, type Environment } from './environment.js';
import { Interrupted } from './exitCode.js';
import { takeLock } from './lock.js';
import { readSpec } from './readRecord.js';
import type { Row, Spec } from './record.js';
import type { Info } from './sealed.js';
import { type DoneStage, runStage, type StageBody, type StageResult } from './stage.js';
import { runFolder, type Store } from './store.js';

/** How a run is going, for displays. */
export interface ProgressEvent {
  readonly arm?: string;
  readonly stage?: string;
  readonly level?: number;
  readonly levels?: number;
  readonly step?: number;
  readonly steps?: number;
  /** In [0, 1]. */
  readonly accuracy?: number;
  readonly loss?: number;
  readonly stepsPerSecond?: number;
  /** Done share of the whole run, in [0, 1]. */
  readonly share?: number;
}

/** What an experiment gets besides its spec. */
export interface RunContext {
  readonly key: string;
  /**
   * Runs a stage, or finds its result. Stages follow one another, each with a name of its own, in the same order every time.
   * @throws UserError for a name that is taken or that stood elsewhere when this run began
   */
  stage(name: string, body: StageBody): Promise<StageResult>;
  /** For trainers with the engine `auto`: keeps what is chosen in a stage with the run. */
  readonly keepDecision: KeepDecision;
  readonly signal: AbortSignal;
  progress(event: ProgressEvent): void;
  /** A line in the run's log. */
  log(text: string): void;
  /** The same, for what whoever started the run should know while it works. */
  notice(text: string): void;
}

export interface RunOptions {
  /** Aborted: the run saves at its next step and throws `Interrupted`. */
  readonly signal?: AbortSignal;
  readonly progress?: (event: ProgressEvent) => void;
  /** Told of each row when it is written; rows of earlier attempts are in the run's files only. */
  readonly row?: (row: Row) => void;
  /** Told what whoever started the run should know, such as an engine that is not to be had. */
  readonly notice?: (text: string) => void;
  /** Seconds between checkpoints. Default 15. */
  readonly saveEvery?: number;
  /** Seconds to wait for another process that has the run. Default 0. */
  readonly wait?: number;
  /** With the engine `auto`: what a run of the same spec chose (`engines` of its record), to get its bits again. */
  readonly engines?: RunDecisions;
}

export interface OpenedRun {
  readonly folder: string;
  readonly context: RunContext;
  /** Puts the stages' rows and certificates together and marks the run as done. */
  finish(): void;
  /** Notes why the run ended without a result; an interruption is none. */
  fail(error: unknown): void;
  /** Gives the folder back. */
  close(): void;
}

/**
 * Takes the folder of a run, made if it is not there.
 * @throws NotNow if another live process has it; DiskError if it cannot be written;
 * UserError if it holds a run with other options under the same key (a default was changed)
 */
export async function openRun(store: Store, spec: Spec, key: string, options: RunOptions = {}): Promise<OpenedRun> {
  const {
    signal = new AbortController().signal,
    progress = () => {},
    row = () => {},
    notice = () => {},
    saveEvery = 15,
    wait = 0,
    engines,
  } = options;
  const { disk } = store;
  const folder = runFolder(store, key);
  makeFolder(join(folder, 'stages'), disk);
  const lock = await takeLock(folder, wait, disk);
  try {
    removeHalfWritten(folder);
    keepSpec(join(folder, 'spec.json'), spec, store);
    keepEnvironment(join(folder, 'environment.json'), store);
    if (engines !== undefined && !fs.existsSync(join(folder, decisionsFile)))
      writeAtomically(join(folder, decisionsFile), pretty(engines), disk);
    fs.rmSync(join(folder, 'failed.json'), { force: true });
  } catch (error) {
    lock.release();
    throw error;
  }

  const stages: (DoneStage & { name: string })[] = [];
  let current: string | null = null;
  const log = (text: string): void => appendLine(join(folder, 'log.txt'), `${new Date().toISOString()} ${text}`);
  const said = (text: string): void => {
    log(text);
    notice(text);
  };
  const time = (event: Info): void => appendLine(join(folder, 'timing.jsonl'), JSON.stringify({ ...event, at: new Date().toISOString() }));
  log(`opened by process ${process.pid}`);

  const stage = async (name: string, body: StageBody): Promise<StageResult> => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(name)) throw invalid('stage name', 'letters, digits, dots and dashes, at most 80', name);
    if (current !== null) throw invalid('start of a stage', `stage '${current}' to have ended`, name);
    if (stages.some((done) => done.name === name)) throw invalid('stage name', 'a name that was not used before in this run', name);
    const place = `${String(stages.length).padStart(3, '0')}-${name}`;
    checkPlace(join(folder, 'stages'), place);
    current = name;
    const done = await runStage(join(folder, 'stages', place), name, body, { signal, lock, disk, saveEvery, log, time, row });
    current = null;
    stages.push({ ...done, name });
    return { arrays: done.arrays, info: done.info };
  };

  return {
    folder,
    context: { key, stage, keepDecision: keepDecisions(folder, disk, () => current ?? 'run'), signal, progress, log, notice: said },
    finish() {
      lock.check();
      const parts = stages.map(({ name, rows }, i) =>
        readPart(join(folder, 'stages', `${String(i).padStart(3, '0')}-${name}`, 'rows.jsonl'), rows.bytes),
      );
      const rows = Buffer.concat(parts);
      const certificate = stages.flatMap(({ name, certificates }) => certificates.map((entry) => ({ stage: name, ...entry })));
      const done = {
        key,
        rows: { bytes: rows.length, sha256: sha256(rows) },
        stages: stages.map(({ name, seal }) => ({ name, sha256: seal })),
      };
      writeAtomically(join(folder, 'rows.jsonl'), rows, disk);
      writeAtomically(join(folder, 'certificate.json'), pretty(certificate), disk);
      writeAtomically(join(folder, 'done.json'), pretty(done), disk);
      log('done');
    },
    fail(error) {
      log(error instanceof UserError ? error.message : `${(error as Error | null)?.stack ?? error}`);
      if (error instanceof Interrupted) return;
      const reason = error instanceof Error ? error.message : String(error);
      writeAtomically(join(folder, 'failed.json'), pretty({ reason, stage: current }), disk);
    },
    close: () => lock.release(),
  };
}

/** The spec as first asked for stays. One that has another value for the same option is another run. */
function keepSpec(path: string, spec: Spec, { disk }: Store): void {
  if (!fs.existsSync(path)) {
    writeAtomically(path, pretty(spec), disk);
    return;
  }
  checkSameSpec(readSpec(path), spec, path);
}

/** One entry for each environment that worked on the run. */
function keepEnvironment(path: string, { disk }: Store): void {
  const now = readEnvironment();
  let before: Environment[] = [];
  try {
    before = JSON.parse(fs.readFileSync(path, 'utf8')) as Environment[];
  } catch {
    // Not there yet, or damaged: it is for people, and not worth a run.
  }
  const last = Array.isArray(before) ? before.at(-1) : undefined;
  if (last !== undefined && canonicalJson({ ...last, date: '' }) === canonicalJson({ ...now, date: '' })) return;
  writeAtomically(path, pretty([...(last === undefined ? [] : before), now]), disk);
}

function checkPlace(stages: string, place: string): void {
  const other = fs.readdirSync(stages).find((name) => name.slice(0, 4) === place.slice(0, 4) && name !== place);
  if (other !== undefined) {
    throw mismatched(
      `stage in '${stages}'`,
      `'${place}'`,
      `'${other}'`,
      'the run began with another version of the experiment: remove it and start again',
    );
  }
}

/**
 * What a killed process was writing and had not yet renamed into place. An announcement (`lock.ts`) may be another comer's who is
 * alive, perhaps on another machine: it counts as left behind after an hour.
 */
function removeHalfWritten(folder: string): void {
  for (const entry of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!halfWritten.test(entry)) continue;
    const path = join(folder, entry);
    const written = fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (basename(entry).startsWith('lock-') && Date.now() - written < leftBehind) continue;
    fs.rmSync(path, { force: true });
  }
}

function readPart(path: string, bytes: number): Uint8Array {
  return bytes === 0 ? new Uint8Array(0) : fs.readFileSync(path).subarray(0, bytes);
}

/** For people, and not part of the result: a full disk is reported by what is. */
function appendLine(path: string, line: string): void {
  try {
    fs.appendFileSync(path, `${line}\n`);
  } catch {
    // See above.
  }
}

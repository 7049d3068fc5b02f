/** A part of a run whose result is kept: it runs once, and an interruption costs what came after its last checkpoint. */
import fs from 'node:fs';
import { join } from 'node:path';
import type { Arrays, Values } from '../array.js';
import { missing, UserError } from '../check.js';
import { canonicalJson } from '../ticket/canonicalJson.js';
import { diskError, makeFolder, writeAtomically, type Disk } from './disk.js';
import { Interrupted } from './exitCode.js';
import type { Lock } from './lock.js';
import type { Row } from './record.js';
import { emptyExtent, type Extent, openRowFile, readRowBytes } from './rowFile.js';
import { decodeSealed, encodeSealed, type Info } from './sealed.js';

/** What a stage makes: arrays, and JSON about them. */
export interface StageResult {
  readonly arrays: Arrays<Values>;
  readonly info: Info;
}

/** What the body of a stage gets. */
export interface StageContext {
  /** The state at the last checkpoint, or null at the start. */
  readonly resume: Arrays<Values> | null;
  /** What was said about that state; empty at the start. */
  readonly info: Info;
  /**
   * Keeps a state to go on from, with the rows and certificates so far.
   * @throws Interrupted, once the state is safe, if the run was asked to stop
   */
  save(arrays: Arrays<Values>, info: Info): void;
  /** Whether `save` is due: some seconds have passed since the last one, or the run was asked to stop. Ask at every step. */
  saveDue(): boolean;
  /** Adds a measurement. @throws UserError if it holds NaN or Infinity */
  row(row: Row): void;
  /** Adds a finding to the run's certificate. */
  certificate(entry: Info): void;
  /** Asks the body to stop: it saves, and `save` throws. */
  readonly signal: AbortSignal;
}

export type StageBody = (context: StageContext) => StageResult | Promise<StageResult>;

/** What a stage needs of its run. */
export interface StageSettings {
  readonly signal: AbortSignal;
  readonly lock: Lock;
  readonly disk: Disk;
  /** Seconds between checkpoints, for `saveDue`. */
  readonly saveEvery: number;
  /** A line for people. */
  log(text: string): void;
  /** What happened when: written to a file that is not part of the result. */
  time(event: Info): void;
  /** Told of each row that was added. */
  row?(row: Row): void;
}

/** A stage that is done, as its file says. */
export interface DoneStage extends StageResult {
  readonly rows: Extent;
  readonly certificates: readonly Info[];
  readonly seal: string;
}

/**
 * The result of a stage: read if it is there and sound, else computed, from the last checkpoint if that is sound.
 * A damaged file is named in the log and not used.
 */
export async function runStage(folder: string, name: string, body: StageBody, settings: StageSettings): Promise<DoneStage> {
  const { signal, lock, disk, log, time } = settings;
  const files = stageFiles(folder);
  const done = sound(files.result, folder, log);
  if (done !== undefined) {
    fs.rmSync(files.checkpoint, { force: true });
    return done;
  }
  if (signal.aborted) throw new Interrupted();

  makeFolder(folder, disk);
  const start = sound(files.checkpoint, folder, log);
  const certificates: Info[] = [...(start?.certificates ?? [])];
  const rows = openRowFile(files.rows, `stage '${name}'`, start?.rows ?? emptyExtent, disk);
  const [began, used] = [performance.now(), process.cpuUsage()];
  // Beside the clock, the time of all of this process's threads: on a shared machine only that says what the work costs.
  const taken = (): Info => {
    const { user, system } = process.cpuUsage(used);
    return { seconds: Math.round(performance.now() - began) / 1000, processor: Math.round((user + system) / 1000) / 1000 };
  };
  let saved = began;
  time({ event: 'start', stage: name, resumed: start !== undefined });
  const keep = (path: string, arrays: Arrays<Values>, info: Info): Uint8Array => {
    lock.check();
    const bytes = encodeSealed(arrays, info, { rows: { ...rows.sync() }, certificates });
    writeAtomically(path, bytes, disk);
    return bytes;
  };
  try {
    const { arrays, info } = await body({
      resume: start?.arrays ?? null,
      info: start?.info ?? {},
      signal,
      row(row) {
        rows.append(row);
        settings.row?.(row);
      },
      certificate(entry) {
        certificates.push(JSON.parse(canonicalJson(entry, `certificate of stage '${name}'`)) as Info);
      },
      saveDue: () => signal.aborted || performance.now() - saved >= 1000 * settings.saveEvery,
      save(arrays, info) {
        keep(files.checkpoint, arrays, info);
        saved = performance.now();
        time({ event: 'save', stage: name, ...taken() });
        if (signal.aborted) throw new Interrupted();
      },
    });
    const bytes = keep(files.result, arrays, info);
    time({ event: 'end', stage: name, ...taken() });
    fs.rmSync(files.checkpoint, { force: true });
    // Read back, so that the stages after this one see the same whether it ran just now or long ago.
    return open(bytes);
  } finally {
    rows.close();
  }
}

/** The files of a stage. */
export function stageFiles(folder: string): { rows: string; checkpoint: string; result: string } {
  return {
    rows: join(folder, 'rows.jsonl'),
    checkpoint: join(folder, 'checkpoint.safetensors'),
    result: join(folder, 'result.safetensors'),
  };
}

/** A result or checkpoint as it was written. @throws UserError if a bit has changed, or the rows that belong to it are not there */
export function readStageFile(path: string, folder: string): DoneStage {
  const stage = open(fs.readFileSync(path));
  readRowBytes(stageFiles(folder).rows, stage.rows);
  return stage;
}

function open(bytes: Uint8Array): DoneStage {
  const { arrays, info, about, seal } = decodeSealed(bytes);
  const { rows, certificates } = about as unknown as { rows?: Extent; certificates?: readonly Info[] };
  if (typeof rows?.bytes !== 'number' || typeof rows.sha256 !== 'string' || !Array.isArray(certificates)) {
    throw missing('rows or certificates in the file', 'it was not written by a run');
  }
  return { arrays, info, seal, rows, certificates };
}

function sound(path: string, folder: string, log: (text: string) => void): DoneStage | undefined {
  if (!fs.existsSync(path)) return undefined;
  try {
    return readStageFile(path, folder);
  } catch (error) {
    if (!(error instanceof UserError)) throw diskError(error, path);
    log(`'${path}' is damaged and was not used: ${error.message}`);
    fs.rmSync(path, { force: true });
    return undefined;
  }
}

/** A run as analysis reads it, done or under way. */
import fs from 'node:fs';
import { join } from 'node:path';
import { invalid, mismatched, missing } from '../check.js';
import { isPlainObject, sha256 } from '../ticket/canonicalJson.js';
import { parseJson } from '../ticket/parseJson.js';
import { readDecisions } from './engineDecisions.js';
import type { Json, Row, RunRecord, Spec } from './record.js';
import { readRows } from './rowFile.js';
import { readStageFile, stageFiles, type StageResult } from './stage.js';

/**
 * The record in a run's folder. A run under way gives the rows so far.
 * @throws UserError if there is no run, or a file of it is damaged
 */
export function readRecord(folder: string): RunRecord {
  const spec = readSpec(join(folder, 'spec.json'));
  const status = statusOf(folder);
  const key = folder.split(/[\\/]/).filter(Boolean).at(-1) as string;
  const engines = readDecisions(folder);
  return {
    ...{ key, spec, rows: status === 'done' ? finalRows(folder) : rowsSoFar(folder), status },
    ...(Object.keys(engines).length > 0 && { engines }),
  };
}

/** Whether a run is done, failed (and not tried again since), or neither yet. */
export function statusOf(folder: string): RunRecord['status'] {
  if (fs.existsSync(join(folder, 'done.json'))) return 'done';
  return fs.existsSync(join(folder, 'failed.json')) ? 'failed' : 'partial';
}

/** The spec in a file. @throws UserError unless it has an experiment and a replicate */
export function readSpec(path: string): Spec {
  const spec = readObject(path);
  if (typeof spec['experiment'] !== 'string') throw invalid(`experiment in '${path}'`, 'a name', spec['experiment']);
  if (!Number.isSafeInteger(spec['replicate'])) throw invalid(`replicate in '${path}'`, 'a whole number', spec['replicate']);
  return spec as unknown as Spec;
}

/** The arrays and info that a stage of a run left. @throws UserError if the stage is not done or its file is damaged */
export function readStage(folder: string, name: string): StageResult {
  const place = stageFolders(folder).find((stage) => stage.slice(4) === name);
  const path = place === undefined ? undefined : stageFiles(join(folder, 'stages', place)).result;
  if (path === undefined || !fs.existsSync(path)) {
    const there = stageFolders(folder).map((stage) => stage.slice(4));
    throw missing(`result of stage '${name}' in '${folder}'`, `run it first; begun so far: ${there.join(', ') || 'none'}`);
  }
  const { arrays, info } = readStageFile(path, join(folder, 'stages', place as string));
  return { arrays, info };
}

/** The findings that the stages certified, or null before the run is done. */
export function readCertificate(folder: string): readonly Readonly<Record<string, Json>>[] | null {
  const path = join(folder, 'certificate.json');
  if (!fs.existsSync(path)) return null;
  const value = parseJson(fs.readFileSync(path, 'utf8'), `'${path}'`);
  if (!Array.isArray(value) || !value.every(isPlainObject)) throw invalid(`'${path}'`, 'a list of findings', value);
  return value as readonly Readonly<Record<string, Json>>[];
}

/** Why a run failed, and in which stage; null if it did not. */
export function readFailure(folder: string): { readonly reason: string; readonly stage: string | null } | null {
  const path = join(folder, 'failed.json');
  if (!fs.existsSync(path)) return null;
  const { reason, stage } = readObject(path);
  return { reason: String(reason), stage: typeof stage === 'string' ? stage : null };
}

/**
 * Seconds of work on each stage, all attempts together; work that a kill took away counts up to the last checkpoint.
 * @param clock `seconds`: of the wall's clock; `processor`: of all threads of the run's process, which other work on the machine does
 * not lengthen. Records of before that was measured have none of it.
 */
export function readTiming(folder: string, clock: 'seconds' | 'processor' = 'seconds'): Readonly<Record<string, number>> {
  const path = join(folder, 'timing.jsonl');
  const seconds: Record<string, number> = Object.create(null);
  let attempt = 0;
  for (const line of fs.existsSync(path) ? fs.readFileSync(path, 'utf8').split('\n') : []) {
    let event: { event?: unknown; stage?: unknown; seconds?: unknown; processor?: unknown };
    try {
      event = JSON.parse(line) ?? {};
    } catch {
      continue;
    }
    if (event.event === 'start') attempt = 0;
    const measured = event[clock];
    if (typeof event.stage !== 'string' || typeof measured !== 'number') continue;
    seconds[event.stage] = (seconds[event.stage] ?? 0) + measured - attempt;
    attempt = measured;
  }
  return { ...seconds };
}

function finalRows(folder: string): Row[] {
  const done = readObject(join(folder, 'done.json'));
  const path = join(folder, 'rows.jsonl');
  const expected = isPlainObject(done['rows']) ? done['rows']['sha256'] : undefined;
  const found = fs.existsSync(path) ? sha256(fs.readFileSync(path)) : 'no file';
  if (found !== expected) throw mismatched(`SHA-256 of '${path}'`, String(expected), found, 'the record is damaged: get or make it again');
  return readRows(path);
}

function rowsSoFar(folder: string): Row[] {
  return stageFolders(folder).flatMap((stage) => readRows(stageFiles(join(folder, 'stages', stage)).rows));
}

/** In the order in which they ran. */
function stageFolders(folder: string): string[] {
  const stages = join(folder, 'stages');
  return fs.existsSync(stages)
    ? fs
        .readdirSync(stages)
        .filter((name) => /^\d{3}-/.test(name))
        .sort()
    : [];
}

function readObject(path: string): Readonly<Record<string, unknown>> {
  if (!fs.existsSync(path)) throw missing(`'${path}'`, 'there is no run in this folder');
  const value = parseJson(fs.readFileSync(path, 'utf8'), `'${path}'`);
  if (!isPlainObject(value)) throw invalid(`'${path}'`, 'an object', value);
  return value;
}

/** Which engines a run with `engine: 'auto'` chose: a file in its folder, so that a run that goes on or is made again takes the same. */
import fs from 'node:fs';
import { join } from 'node:path';
import { invalid } from '../check.js';
import { isPlainObject, pretty } from '../ticket/canonicalJson.js';
import { parseJson } from '../ticket/parseJson.js';
import type { KeepDecision } from '../train/autoTrainer.js';
import type { EngineDecision } from '../train/sparse/chooseEngine.js';
import { type Disk, writeAtomically } from './disk.js';

/** A decision, and the masks that it is for: those of so many kept weights. */
export interface RunDecision extends EngineDecision {
  readonly kept: number;
  readonly prunable: number;
}

/** By stage, in the order in which they were made. */
export type RunDecisions = Readonly<Record<string, readonly RunDecision[]>>;

/**
 * File name in a run's folder. It is no part of the run's digest, which holds what was computed and not how long it took; but the digest
 * depends on it, as it does on the spec.
 */
export const decisionsFile = 'engines.json';

/** What the file in a run's folder says; nothing if there is none. @throws UserError if it is damaged */
export function readDecisions(folder: string): RunDecisions {
  const path = join(folder, decisionsFile);
  if (!fs.existsSync(path)) return {};
  const value = parseJson(fs.readFileSync(path, 'utf8'), `'${path}'`);
  const sound = isPlainObject(value) && Object.values(value).every((list) => Array.isArray(list) && list.every(isDecision));
  if (!sound) throw invalid(`'${path}'`, 'lists of engines by stage; a copy of the file of another run, or no file to choose anew', value);
  return value as unknown as RunDecisions;
}

/**
 * Looks decisions up in the run's file, and adds what is decided now before anything is computed with it.
 * @param stageNow name of the stage under way
 */
export function keepDecisions(folder: string, disk: Disk, stageNow: () => string): KeepDecision {
  return (kept, prunable, measure) => {
    const decisions = readDecisions(folder);
    const stage = stageNow();
    const own = Object.hasOwn(decisions, stage) ? (decisions[stage] as readonly RunDecision[]) : [];
    const known = own.find((one) => one.kept === kept && one.prunable === prunable);
    if (known !== undefined) return known;
    const made: RunDecision = { kept, prunable, ...measure() };
    writeAtomically(join(folder, decisionsFile), pretty({ ...decisions, [stage]: [...own, made] }), disk);
    return made;
  };
}

function isDecision(value: unknown): boolean {
  return (
    isPlainObject(value) &&
    ['compiled', 'eager', 'sparse'].includes(String(value['engine'])) &&
    [value['kept'], value['prunable']].every(Number.isSafeInteger) &&
    typeof value['density'] === 'number' &&
    typeof value['reason'] === 'string' &&
    isPlainObject(value['milliseconds']) &&
    Object.values(value['milliseconds']).every((time) => typeof time === 'number')
  );
}

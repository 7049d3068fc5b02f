/** What runs there are. */
import fs from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../check.js';
import { lockHolder } from './lock.js';
import { readFailure, readSpec, statusOf } from './readRecord.js';
import type { RunRecord, Spec } from './record.js';
import { checkKey } from './runKey.js';
import { stageFiles } from './stage.js';
import type { Store } from './store.js';

export interface RunEntry {
  readonly key: string;
  readonly folder: string;
  /** null if its file is damaged. */
  readonly spec: Spec | null;
  readonly status: RunRecord['status'] | 'damaged';
  /** Id of the process that works on it now, or null. */
  readonly process: number | null;
  /** Stages that have a result. */
  readonly stages: number;
  /** Whether it has something to go on from: a finished stage, or a checkpoint in one. */
  readonly begun: boolean;
  /** Why it failed or what is damaged, or null. */
  readonly reason: string | null;
  /** Whether it came with a project and is only read. */
  readonly record: boolean;
}

/** The runs of a store, by key; then the records that the store's own runs do not hide. */
export function listRuns(store: Store): RunEntry[] {
  const own = entriesOf(store.root, false);
  const seen = new Set(own.filter(({ status }) => status === 'done').map(({ key }) => key));
  const records = store.records.flatMap((folder) =>
    entriesOf(folder, true).filter(({ key }) => {
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    }),
  );
  return [...own, ...records];
}

function entriesOf(root: string, record: boolean): RunEntry[] {
  const names = fs.existsSync(root) ? fs.readdirSync(root).filter(isKey).sort() : [];
  return names
    .filter((key) => fs.existsSync(join(root, key, 'spec.json')))
    .map((key) => {
      const folder = join(root, key);
      const entry = { key, folder, record, process: record ? null : (lockHolder(folder)?.pid ?? null), ...progressOf(folder) };
      try {
        return {
          ...entry,
          spec: readSpec(join(folder, 'spec.json')),
          status: statusOf(folder),
          reason: readFailure(folder)?.reason ?? null,
        };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return { ...entry, spec: null, status: 'damaged', reason: error.message };
      }
    });
}

function progressOf(folder: string): Pick<RunEntry, 'stages' | 'begun'> {
  const place = join(folder, 'stages');
  const stages = (fs.existsSync(place) ? fs.readdirSync(place) : []).map((name) => stageFiles(join(place, name)));
  const done = stages.filter(({ result }) => fs.existsSync(result)).length;
  return { stages: done, begun: done > 0 || stages.some(({ checkpoint }) => fs.existsSync(checkpoint)) };
}

function isKey(name: string): boolean {
  try {
    checkKey(name);
    return true;
  } catch {
    return false;
  }
}

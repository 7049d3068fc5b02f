/** Where runs are kept. */
import fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Disk } from './disk.js';
import { checkKey } from './runKey.js';

/**
 * A folder of run folders, and folders of finished records that came with a project, which are only read. A run's folder:
 * `spec.json`, `stages/NNN-name/{rows.jsonl, checkpoint.safetensors, result.safetensors}` and, at the end, `rows.jsonl`,
 * `certificate.json` and `done.json` (or `failed.json`): these hold the same bytes whether or not the run was interrupted.
 * What the engine `auto` took is in `engines.json` (see `engineDecisions`). Dates, seconds and machines are in `environment.json`, `timing.jsonl` and `log.txt` only.
 */
export interface Store {
  readonly root: string;
  /** Searched in this order, after the root. */
  readonly records: readonly string[];
  /** Stands in for the file system where a test needs a full disk. */
  readonly disk: Disk;
}

export interface StoreOptions {
  /** Default: the environment's NEOTENY_RUNS, else `data/runs` of the project around the current folder (the one with a `package.json`). */
  readonly root?: string;
  /** Default: `data/records` of that project, and of this library. */
  readonly records?: readonly string[];
  readonly disk?: Disk;
}

/** The store of this project. Makes no folder: the first run does. */
export function openStore({ root, records, disk = fs }: StoreOptions = {}): Store {
  const project = projectOf(process.cwd()) ?? process.cwd();
  const library = projectOf(dirname(fileURLToPath(import.meta.url))) ?? project;
  const named = root ?? process.env['NEOTENY_RUNS'];
  return {
    root: resolve(named === undefined || named === '' ? join(project, 'data', 'runs') : named),
    records: records?.map((folder) => resolve(folder)) ?? [...new Set([project, library])].map((folder) => join(folder, 'data', 'records')),
    disk,
  };
}

/** The folder of a run, there or not. @throws UserError unless the key has the form of one */
export function runFolder(store: Store, key: string): string {
  return join(store.root, checkKey(key));
}

/** The folder in which a run is found: its own if that is done, else a record if there is one, else its own if that exists. */
export function findRun(store: Store, key: string): string | undefined {
  const own = runFolder(store, key);
  const folders = [own, ...store.records.map((folder) => join(folder, key))];
  return folders.find((folder) => fs.existsSync(join(folder, 'done.json'))) ?? (fs.existsSync(join(own, 'spec.json')) ? own : undefined);
}

/** The nearest folder with a `package.json`, from here upwards. */
function projectOf(folder: string): string | undefined {
  if (fs.existsSync(join(folder, 'package.json'))) return folder;
  return dirname(folder) === folder ? undefined : projectOf(dirname(folder));
}

/** A finished run as a record to commit: the small files, without tickets and checkpoints. */
import fs from 'node:fs';
import { join } from 'node:path';
import { missing } from '../check.js';
import { diskError, makeFolder, writeAtomically } from './disk.js';
import { decisionsFile } from './engineDecisions.js';
import { readRecord } from './readRecord.js';
import { runFolder, type Store } from './store.js';

const files = ['spec.json', 'rows.jsonl', 'certificate.json', decisionsFile, 'environment.json', 'timing.jsonl', 'done.json'];

/**
 * Copies a finished run's spec, rows, certificate, environment and timing to a folder of records; returns the new folder.
 * An earlier copy is replaced.
 * @throws UserError if the run is not done or its rows are damaged
 */
export function publish(store: Store, key: string, recordsFolder: string): string {
  const from = runFolder(store, key);
  if (!fs.existsSync(join(from, 'done.json'))) throw missing(`finished run '${key}' in '${store.root}'`, 'run it to the end first');
  readRecord(from);
  const to = join(recordsFolder, key);
  makeFolder(to, store.disk);
  // `done.json` goes first and comes last: without it, nobody takes the folder for a record.
  fs.rmSync(join(to, 'done.json'), { force: true });
  for (const name of files) {
    const path = join(from, name);
    try {
      if (fs.existsSync(path)) writeAtomically(join(to, name), fs.readFileSync(path), store.disk);
    } catch (error) {
      throw diskError(error, path);
    }
  }
  return to;
}

/** Whether a run needs no process any more. */
import fs from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../check.js';
import { readRecord } from './readRecord.js';
import { runFolder, type Store } from './store.js';

/** Whether the store's own run is finished and its rows are what they should be; a damaged one is not done, and is put together again. */
export function isDone(store: Store, key: string): boolean {
  const folder = runFolder(store, key);
  if (!fs.existsSync(join(folder, 'done.json'))) return false;
  try {
    return readRecord(folder).status === 'done';
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

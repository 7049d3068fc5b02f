/** A run's folder, gone. */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { missing } from '../check.js';
import { diskError } from './disk.js';
import { takeLock } from './lock.js';
import { runFolder, type Store } from './store.js';

/**
 * Removes a run of the store. Records that came with a project stay.
 * @throws UserError if there is no such run; NotNow if a process works on it
 */
export async function removeRun(store: Store, key: string): Promise<void> {
  const folder = runFolder(store, key);
  if (!fs.existsSync(folder)) throw missing(`run '${key}' in '${store.root}'`, 'list the runs to see which there are');
  const lock = await takeLock(folder, 0, store.disk);
  // Renamed first: a removal that is cut short leaves no half run under the key.
  const aside = join(store.root, `.removed-${randomUUID()}`);
  try {
    store.disk.renameSync(folder, aside);
  } catch (error) {
    throw diskError(error, folder);
  } finally {
    lock.release();
  }
  fs.rmSync(aside, { recursive: true, force: true });
}

/** Removes what removals and copies left that were cut short. Returns how many folders. */
export function collectGarbage(store: Store): number {
  const names = fs.existsSync(store.root) ? fs.readdirSync(store.root).filter((name) => name.startsWith('.removed-')) : [];
  for (const name of names) fs.rmSync(join(store.root, name), { recursive: true, force: true });
  return names.length;
}

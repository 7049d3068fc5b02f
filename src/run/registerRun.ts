/** A run that is to be made: its spec under its key, so that any process can be told to run the key. */
import fs from 'node:fs';
import { join } from 'node:path';
import { pretty } from '../ticket/canonicalJson.js';
import { checkSameSpec } from './checkSameSpec.js';
import { makeFolder, writeAtomically } from './disk.js';
import { readSpec } from './readRecord.js';
import type { Spec } from './record.js';
import { runFolder, type Store } from './store.js';

/**
 * Writes the spec of a run that is not there yet. What is there stays: whoever registers the same run again changes nothing.
 * @returns the run's folder
 * @throws UserError if the key holds another spec (a default was changed); DiskError if it cannot be written
 */
export function registerRun(store: Store, spec: Spec, key: string): string {
  const folder = runFolder(store, key);
  const path = join(folder, 'spec.json');
  if (fs.existsSync(path)) {
    checkSameSpec(readSpec(path), spec, path);
    return folder;
  }
  makeFolder(folder, store.disk);
  writeAtomically(path, pretty(spec), store.disk);
  return folder;
}

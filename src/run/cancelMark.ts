/** Whether work in a folder was asked to stop, by whoever: a file that drivers look for, as they may be on another machine. */
import fs from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './disk.js';

const place = (folder: string): string => join(folder, 'cancel.json');

export function isCancelled(folder: string): boolean {
  return fs.existsSync(place(folder));
}

/** @throws DiskError */
export function markCancelled(folder: string): void {
  writeAtomically(place(folder), '{}\n');
}

export function unmarkCancelled(folder: string): void {
  fs.rmSync(place(folder), { force: true });
}

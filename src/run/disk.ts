/** Writing that is whole or not at all, and says in one sentence what the disk refused. */
import fs from 'node:fs';
import { dirname } from 'node:path';
import { DiskError } from './exitCode.js';

/** The calls that write. An argument, so that a test can be a full disk. */
export type Disk = Pick<typeof fs, 'openSync' | 'writeSync' | 'fsyncSync' | 'closeSync' | 'renameSync' | 'mkdirSync'>;

/** Names of files that `writeAtomically` has not yet put in place. */
export const halfWritten = /\.\d+\.tmp$/;

/**
 * After so many milliseconds whoever left a file unfinished or a lock untouched is dead, on whatever machine: a write takes moments, and
 * a lock is touched every few seconds.
 */
export const leftBehind = 3_600_000;

/**
 * Puts content in place: written beside, forced to the disk, then renamed. Whoever reads, and whoever comes after a crash,
 * finds the old content or the new.
 * @throws DiskError
 */
export function writeAtomically(path: string, content: string | Uint8Array, disk: Disk = fs): void {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    const file = disk.openSync(beside, 'w');
    try {
      writeWhole(file, typeof content === 'string' ? Buffer.from(content) : content, disk);
      disk.fsyncSync(file);
    } finally {
      disk.closeSync(file);
    }
    disk.renameSync(beside, path);
    syncFolder(dirname(path), disk);
  } catch (error) {
    try {
      fs.rmSync(beside, { force: true });
    } catch {
      // The first error says more.
    }
    throw diskError(error, path);
  }
}

/** Writes all bytes to an open file: one call may take only a part of them. */
export function writeWhole(file: number, bytes: Uint8Array, disk: Disk = fs): void {
  for (let done = 0; done < bytes.length; ) done += disk.writeSync(file, bytes, done);
}

/** Makes a folder and those above it. @throws DiskError */
export function makeFolder(path: string, disk: Disk = fs): void {
  try {
    // One by one: node's own recursive way never ends under /proc, where a folder is refused as if its parent were missing.
    if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    if (dirname(path) !== path) makeFolder(dirname(path), disk);
    disk.mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && fs.statSync(path).isDirectory()) return;
    if (code === 'ENOENT') throw new DiskError(`'${path}' could not be made; name another folder in NEOTENY_RUNS`);
    throw diskError(error, path);
  }
}

/** The error of a file call as one sentence that says what to do; an error of another kind as it is. */
export function diskError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DiskError(`the disk is full: '${path}' could not be written; free some space and run again, finished work is kept`);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new DiskError(`'${path}' is not writable (${code}); make it so, or name another folder in NEOTENY_RUNS`);
  }
  if (code === 'EISDIR') return new DiskError(`'${path}' could not be written (EISDIR): it is a folder; name a file in it`);
  if (code === 'ENOTDIR' || code === 'EEXIST' || code === 'ENAMETOOLONG' || code === 'EIO' || code === 'EMFILE' || code === 'EFBIG') {
    return new DiskError(`'${path}' could not be written (${code}); check the folder, or name another in NEOTENY_RUNS`);
  }
  return error;
}

/** A rename is on the disk only once its folder is. */
function syncFolder(path: string, disk: Disk): void {
  const folder = disk.openSync(path, 'r');
  try {
    disk.fsyncSync(folder);
  } finally {
    disk.closeSync(folder);
  }
}

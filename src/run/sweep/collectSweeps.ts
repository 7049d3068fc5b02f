/** Removing what nobody needs any more. */
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { listRuns } from '../listRuns.js';
import { halfWritten, leftBehind } from '../disk.js';
import { readJobs } from '../executors/slurm/jobsFile.js';
import { announcement } from '../lock.js';
import { collectGarbage } from '../removeRun.js';
import type { Store } from '../store.js';
import { listSweeps, sweepFolder } from './sweepFolder.js';
import { sweepStatus } from './sweepStatus.js';

export interface Collected {
  /** Folders of removals that were cut short. */
  readonly folders: number;
  /** Files that killed processes were writing, and locks of other machines that gave no sign of life. */
  readonly files: number;
  /** Sweeps that are done, whose notes and logs went. Their runs stay. */
  readonly sweeps: number;
}

/**
 * Removes what killed processes left in a store, and the notes and logs of sweeps that are done.
 * @param now in milliseconds since 1970
 */
export function collectSweeps(store: Store, now: number): Collected {
  const folders = collectGarbage(store);
  let files = 0;
  for (const { folder, process } of listRuns({ ...store, records: [] })) {
    if (process !== null) continue;
    for (const entry of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!halfWritten.test(entry) && !announcement.test(basename(entry))) continue;
      const path = join(folder, entry);
      const stats = fs.statSync(path, { throwIfNoEntry: false });
      if (stats === undefined || now - stats.mtimeMs < leftBehind) continue;
      fs.rmSync(path, { force: true });
      files++;
    }
  }
  let sweeps = 0;
  for (const { plan } of listSweeps(store)) {
    const folder = sweepFolder(store, plan.id);
    if (readJobs(folder).length > 0 || !sweepStatus(store, plan.runs).every(({ status }) => status === 'done')) continue;
    fs.rmSync(folder, { recursive: true, force: true });
    sweeps++;
  }
  return { folders, files, sweeps };
}

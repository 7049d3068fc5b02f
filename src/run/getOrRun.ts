/** A run's record: found if it is done, else made. */
import fs from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../check.js';
import { checkSameSpec } from './checkSameSpec.js';
import { DiskError, NotNow } from './exitCode.js';
import { lockHolder } from './lock.js';
import { openRun, type RunContext, type RunOptions } from './openRun.js';
import { readRecord } from './readRecord.js';
import type { RunRecord, Spec } from './record.js';
import { findRun, runFolder, type Store } from './store.js';

/** An experiment: it runs its stages. The same spec must give the same stages, rows and results, bit by bit. */
export type RunBody = (spec: Spec, context: RunContext) => Promise<void>;

/**
 * The record of a run. Done: read, nothing runs. Begun: goes on from the last checkpoint. Else: runs.
 * A run that failed is tried again, from its last checkpoint. A finished run with damaged rows is put together again.
 * @param spec with all defaults filled in
 * @param key of that spec, by `runKey`
 * @throws Interrupted, NotNow or DiskError where going on later will help; UserError with the reason (also in `failed.json`) else
 */
export async function getOrRun(store: Store, spec: Spec, key: string, body: RunBody, options: RunOptions = {}): Promise<RunRecord> {
  const found = findDone(store, key, spec);
  if (found !== undefined) return found;
  const run = await openRun(store, spec, key, options);
  try {
    // Whoever had the run while this process waited may have finished it.
    const finished = findDone(store, key, spec);
    if (finished !== undefined) return finished;
    await body(spec, run.context);
    run.finish();
    return readRecord(run.folder);
  } catch (error) {
    // A failure is on record only if it is the run's own; a fault of the program or the disk may be gone next time.
    if (error instanceof UserError && !(error instanceof NotNow || error instanceof DiskError)) run.fail(error);
    else run.context.log(String((error as Error | null)?.stack ?? error));
    throw error;
  } finally {
    run.close();
  }
}

function findDone(store: Store, key: string, spec: Spec): RunRecord | undefined {
  const folder = findRun(store, key);
  if (folder === undefined || !fs.existsSync(join(folder, 'done.json'))) return undefined;
  const own = folder === runFolder(store, key);
  // Removes what a process left that was killed after its last file.
  if (own) lockHolder(folder);
  let record: RunRecord;
  try {
    record = readRecord(folder);
  } catch (error) {
    // What is damaged here can be made again from the stages; a record that came with a project cannot.
    if (own && error instanceof UserError) return undefined;
    throw error;
  }
  checkSameSpec(record.spec, spec, folder);
  return record;
}

/** What a sweep left, as digests to compare. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { experiments } from '../../src/run/experiments/experiments.js';
import { getOrRun } from '../../src/run/getOrRun.js';
import { openStore, runFolder, type Store } from '../../src/run/store.js';
import type { SweepRun } from '../../src/run/sweep/planSweep.js';

/** SHA-256 of every file of a run; of those that tell when and where it ran only the names, which must be the same too. */
export function digestsOf(store: Store, key: string): Record<string, string> {
  const folder = runFolder(store, key);
  const apart = /(environment\.json|timing\.jsonl|log\.txt)$/;
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => fs.statSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.sort().map((name) => [
      name,
      apart.test(name)
        ? ''
        : createHash('sha256')
            .update(fs.readFileSync(join(folder, name)))
            .digest('hex'),
    ]),
  );
}

/** One digest for all runs of a sweep. */
export function sweepDigest(store: Store, runs: readonly SweepRun[]): string {
  const hash = createHash('sha256');
  for (const key of runs.map((run) => run.key).sort()) hash.update(`${key} ${JSON.stringify(digestsOf(store, key))}\n`);
  return hash.digest('hex');
}

/** Makes the runs one after the other in this process, without pool, cluster, checkpoints or interruptions. */
export async function recompute(root: string, runs: readonly SweepRun[]): Promise<Store> {
  // As in a worker: the number of threads can change the last bits of a sum.
  for (const name of ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS']) process.env[name] = '1';
  const store = openStore({ root, records: [] });
  for (const { spec, key } of runs) {
    await getOrRun(
      store,
      spec,
      key,
      (own, context) => (experiments[spec.experiment] as (typeof experiments)[string]).run(own, context, store),
      { saveEvery: 1e6 },
    );
  }
  return store;
}

/** Whether a run went on from a checkpoint within a stage, as its times say. */
export function wasResumed(store: Store, key: string): boolean {
  return /"resumed":true/.test(fs.readFileSync(join(runFolder(store, key), 'timing.jsonl'), 'utf8'));
}

/** Files that a killed process was writing, in all folders of a store. */
export function halfWritten(store: Store): string[] {
  return fs.readdirSync(store.root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tmp$|(^|\/)\.removed-/.test(name));
}

/** What a sweep keeps beside its runs: nothing that results depend on. */
import fs from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../check.js';
import { pretty } from '../../ticket/canonicalJson.js';
import { parseJson } from '../../ticket/parseJson.js';
import { makeFolder, writeAtomically } from '../disk.js';
import type { Store } from '../store.js';
import { planSweep, type SweepPlan } from './planSweep.js';

/** The folder of all sweeps of a store. */
export function sweepsFolder(store: Store): string {
  return join(store.root, 'sweeps');
}

/**
 * The folder of a sweep, by its id: `sweep.json` (what was asked for), `jobs.json` (what a cluster was given), `log/` (what jobs printed),
 * `cancel.json` (while it is to stop). A sweep whose folder is removed loses its logs and nothing else.
 */
export function sweepFolder(store: Store, id: string): string {
  return join(sweepsFolder(store), id);
}

/** Makes the folder of a sweep and keeps there what was asked for. Returns it. */
export function keepSweep(store: Store, { id, sweep }: SweepPlan, executor: string): string {
  const folder = sweepFolder(store, id);
  makeFolder(join(folder, 'log'), store.disk);
  writeAtomically(join(folder, 'sweep.json'), pretty({ executor, sweep }), store.disk);
  return folder;
}

/** The sweeps that a store has seen, by id; those that can no longer be read are left out. */
export function listSweeps(store: Store): { readonly plan: SweepPlan; readonly executor: string }[] {
  const root = sweepsFolder(store);
  const ids = fs.existsSync(root) ? fs.readdirSync(root).sort() : [];
  return ids.flatMap((id) => {
    const found = readKept(join(root, id, 'sweep.json'));
    // An option that was added or a default that was changed since may have given its runs other keys.
    return found?.plan.id === id ? [found] : [];
  });
}

function readKept(path: string): { plan: SweepPlan; executor: string } | undefined {
  if (!fs.existsSync(path)) return undefined;
  try {
    const { executor, sweep } = parseJson(fs.readFileSync(path, 'utf8'), `'${path}'`) as { executor: string; sweep: unknown };
    return { plan: planSweep(sweep), executor };
  } catch (error) {
    // Of another version, or damaged: it is a convenience, and not worth an error.
    if (error instanceof UserError || error instanceof TypeError) return undefined;
    throw error;
  }
}

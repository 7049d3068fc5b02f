/** Whether a run can start. */
import fs from 'node:fs';
import { join } from 'node:path';
import { lookUp } from '../../check.js';
import { NotNow } from '../exitCode.js';
import type { Spec } from '../record.js';
import { findRun, type Store } from '../store.js';
import { armOf } from './planRuns.js';
import { experiments, keyOf } from './experiments.js';

/**
 * Whoever starts a run may be wrong about its parents: a cluster forgets jobs, and takes one it does not know for done.
 * @throws NotNow if a run whose tickets this one reads is not done
 */
export function checkParents(store: Store, spec: Spec): void {
  for (const parent of lookUp('experiment', spec.experiment, experiments).parents(spec)) {
    const key = keyOf(parent);
    const folder = findRun(store, key);
    if (folder !== undefined && fs.existsSync(join(folder, 'done.json'))) continue;
    throw new NotNow(
      `missing parent run '${key}'${armOf(parent) === '' ? '' : ` (arm '${armOf(parent)}')`}: it is not done yet, and its tickets are needed; run it first`,
    );
  }
}

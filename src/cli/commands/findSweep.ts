/** The sweep that a file or an id stands for. */
import fs from 'node:fs';
import { missing, unknown } from '../../check.js';
import type { Store } from '../../run/store.js';
import { overrideSweep } from '../../run/sweep/overrideSweep.js';
import { planSweep, type SweepPlan } from '../../run/sweep/planSweep.js';
import { readSweepFile } from '../../run/sweep/readSweepFile.js';
import type { SweepInput } from '../../run/sweep/sweep.js';
import { listSweeps } from '../../run/sweep/sweepFolder.js';

/** The plan of a file with values set. @throws UserError */
export function planFile(path: string, sets: readonly string[] = []): SweepPlan {
  const input = readSweepFile(path);
  return planSweep(sets.reduce((sweep, text) => overrideSweep(sweep, text), input));
}

/** The plan of a file, or of a sweep of the store by its id or the beginning of one. @throws UserError if there is none */
export function findSweep(
  store: Store,
  text: string,
  sets: readonly string[] = [],
): { readonly plan: SweepPlan; readonly executor: string | undefined } {
  const known = listSweeps(store);
  if (fs.existsSync(text)) {
    const plan = planFile(text, sets);
    return { plan, executor: known.find((one) => one.plan.id === plan.id)?.executor };
  }
  const like = known.filter(({ plan }) => plan.id.startsWith(text));
  const found = known.find(({ plan }) => plan.id === text) ?? (like.length === 1 ? like[0] : undefined);
  if (found === undefined) {
    if (known.length === 0 || /[./\\]/.test(text))
      throw missing(`file '${text}'`, 'name the file of a sweep, or the id of one that was started (neoteny sweep status)');
    throw unknown(
      'sweep',
      text,
      known.map(({ plan }) => plan.id),
    );
  }
  if (sets.length === 0) return found;
  return {
    ...found,
    plan: planSweep(sets.reduce<SweepInput>((sweep, set) => overrideSweep(sweep, set), found.plan.sweep as unknown as SweepInput)),
  };
}

/** The sweep that a file or an id stands for. */
import fs from 'node:fs';
import { missing, unknown, UserError } from '../../check.js';
import type { Store } from '../../run/store.js';
import { overrideSweep } from '../../run/sweep/overrideSweep.js';
import { planSweep, type SweepPlan } from '../../run/sweep/planSweep.js';
import { readSweepFile } from '../../run/sweep/readSweepFile.js';
import type { SweepInput } from '../../run/sweep/sweep.js';
import { listSweeps } from '../../run/sweep/sweepFolder.js';

/** The plan of a file with values set. @throws UserError */
export function planFile(path: string, sets: readonly string[] = []): SweepPlan {
  return planSet(readSweepFile(path), sets);
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
    plan: planSet(found.plan.sweep as unknown as SweepInput, sets),
  };
}

function planSet(input: SweepInput, sets: readonly string[]): SweepPlan {
  const sweep = sets.reduce((before, text) => overrideSweep(before, text), input);
  try {
    return planSweep(sweep);
  } catch (error) {
    // What all stages were given may not suit the experiment of one.
    const forAll = sets.some((text) => !/^[A-Za-z0-9_-]+:/.test(text));
    if (!(error instanceof UserError) || !forAll || !/^stage '[^']*': /.test(error.message)) throw error;
    throw new UserError(`${error.message}; an option for one stage only is set by --set STAGE:name=value`);
  }
}

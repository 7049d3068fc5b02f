/** Whether a run that was found under a key is the run that was asked for. */
import { mismatched } from '../check.js';
import { canonicalJson } from '../ticket/canonicalJson.js';
import { compareSpecs } from './compareSpecs.js';
import type { Spec } from './record.js';

/**
 * Throws if an option has another value in the run that is there. An option that only one of the two has was added or removed
 * since; its default changed nothing, or the key would differ.
 * @param place of the run that is there, for the message
 */
export function checkSameSpec(there: Spec, asked: Spec, place: string): void {
  const difference = compareSpecs(there, asked).find(({ path, a, b }) => a !== undefined && b !== undefined && !renamed(path, a, b));
  if (difference === undefined) return;
  throw mismatched(
    `option '${difference.path}' of the run in '${place}'`,
    canonicalJson(difference.b),
    canonicalJson(difference.a),
    'its default was changed since that run; remove the run, or give the option another value',
  );
}

/** The default engine was called `auto` before that meant a measurement; a spec that asks for one has another key. */
function renamed(path: string, there: unknown, asked: unknown): boolean {
  return path === 'engine' && there === 'auto' && asked === 'tensorflow';
}

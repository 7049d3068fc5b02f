/** The name of a run, made of what it was asked to do. */
import { checkCount, invalid } from '../check.js';
import { canonicalJson, isPlainObject, sha256 } from '../ticket/canonicalJson.js';
import type { Json, Spec } from './record.js';

/**
 * `experiment-hash-rN`: the experiment's name, 12 hexadecimal digits of a SHA-256, the replicate. Hashed is the canonical JSON
 * of the options that differ from their defaults, so an option that is added later, with a default that changes nothing,
 * renames no run. The replicate stays outside: replicates of one spec share the hash.
 *
 * Absent means the default, at any depth; so an option's "off" must be a value of its own (null, false, 0). Lists count as a whole.
 * A default whose value changes would give old runs the name of new ones: `openRun` notices and refuses.
 * @param defaults what the experiment's schema makes of an empty spec
 * @throws UserError for a name or replicate that cannot be part of a folder's name, or a value that is not JSON
 * @example runKey({ experiment: 'imp', replicate: 2, levels: 5 }, { levels: 5 }) // => 'imp-a0ff2c43c526-r2'
 */
export function runKey(spec: Spec, defaults: { readonly [option: string]: Json }): string {
  const { experiment, replicate, ...options } = spec;
  if (typeof experiment !== 'string' || !/^[a-z][a-zA-Z0-9]{0,39}$/.test(experiment)) {
    throw invalid('experiment', 'letters and digits, at most 40, a small letter first', experiment);
  }
  checkCount('replicate', replicate, 1);
  const different = withoutDefaults(options, defaults) ?? {};
  const hash = sha256(canonicalJson({ ...(different as object), experiment }, 'spec')).slice(0, 12);
  return `${experiment}-${hash}-r${replicate}`;
}

/** Throws unless `key` has the form of a run's key (so it is safe as a folder's name). Returns it. */
export function checkKey(key: string): string {
  if (!/^[a-z][a-zA-Z0-9]{0,39}-[0-9a-f]{12}-r[1-9][0-9]{0,8}$/.test(key))
    throw invalid('run key', "text such as 'imp-0a1b2c3d4e5f-r1'", key);
  return key;
}

/** What differs from the default, or undefined if nothing does. */
function withoutDefaults(value: unknown, standard: unknown): unknown {
  if (isPlainObject(value) && isPlainObject(standard)) {
    const rest = Object.entries(value)
      .map(([name, inner]) => [name, withoutDefaults(inner, Object.hasOwn(standard, name) ? standard[name] : undefined)] as const)
      .filter(([, inner]) => inner !== undefined);
    return rest.length === 0 ? undefined : Object.fromEntries(rest);
  }
  if (value === undefined) return undefined;
  return standard !== undefined && canonicalJson(value, 'option') === canonicalJson(standard, 'default') ? undefined : value;
}

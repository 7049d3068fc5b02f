/** What two runs were asked to do differently. */
import { canonicalJson, isPlainObject } from '../ticket/canonicalJson.js';
import type { Json } from './record.js';

export interface Difference {
  /** Names from the outside in, joined by dots: `train.learningRate`. Lists are compared as a whole. */
  readonly path: string;
  /** undefined: this spec does not have it. */
  readonly a: Json | undefined;
  readonly b: Json | undefined;
}

/**
 * The options in which two specs differ, in order of their paths.
 * @example compareSpecs({ depth: 3, train: { rate: 0.1 } }, { depth: 3, train: { rate: 0.2 } }) // => [{ path: 'train.rate', a: 0.1, b: 0.2 }]
 */
export function compareSpecs(a: { readonly [name: string]: Json }, b: { readonly [name: string]: Json }): Difference[] {
  return differences(a, b, '');
}

function differences(a: Json | undefined, b: Json | undefined, path: string): Difference[] {
  if (isPlainObject(a) && isPlainObject(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
    return names.flatMap((name) => differences(own(a, name), own(b, name), path === '' ? name : `${path}.${name}`));
  }
  const same = a === undefined || b === undefined ? a === b : canonicalJson(a, path) === canonicalJson(b, path);
  return same ? [] : [{ path, a, b }];
}

function own(value: Readonly<Record<string, unknown>>, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? (value[name] as Json) : undefined;
}

/** One text for each JSON value, so that equal values have equal hashes. */
import { createHash } from 'node:crypto';
import { invalid } from '../check.js';

/**
 * JSON with the keys of every object sorted (by UTF-16 unit) and no spaces. Keys whose value is undefined are left out; -0 is 0.
 * @throws UserError that names the place of a value that JSON cannot hold: NaN, Infinity, undefined in an array, functions, class instances
 * @example canonicalJson({ b: [1, 2], a: { d: null, c: 'x' } }) // => '{"a":{"c":"x","d":null},"b":[1,2]}'
 */
export function canonicalJson(value: unknown, place = 'value'): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid(place, 'a finite number', value);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item, i) => canonicalJson(item, `${place}[${i}]`)).join(',')}]`;
  if (!isPlainObject(value)) throw invalid(place, 'a JSON value', typeof value === 'object' ? value?.constructor.name : typeof value);
  const fields = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name], `${place}.${name}`)}`);
  return `{${fields.join(',')}}`;
}

/** JSON for files that people read: names sorted, two spaces, a line end. @throws UserError as `canonicalJson` does */
export function pretty(value: unknown): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`;
}

/**
 * The SHA-256 of some bytes or of a text in UTF-8, as 64 hexadecimal digits.
 * @example sha256('').slice(0, 12) // => 'e3b0c44298fc'
 */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Whether a value is an object that was written as `{ ... }` (or parsed from JSON): no array, no class instance. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

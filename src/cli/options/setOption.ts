/** Values of options as they are typed. */
import { invalid, lookUp, UserError } from '../../check.js';
import { isPlainObject } from '../../ticket/canonicalJson.js';
import type { SchemaOption } from './schemaOptions.js';

export type Options = Readonly<Record<string, unknown>>;

/** Names that would change what all objects are. */
const refused = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Options with one more set: `name=value`, or `name.inner=value` for a part of an object. The value is JSON; what is not JSON is text.
 * @param standard the options' defaults: a part that is set keeps the other parts of its default
 * @throws UserError for a text of another form, or a name that the plan sets
 * @example setOption({}, 'levels=5') // => { levels: 5 }
 * @example setOption({}, 'learningRate.rate=0.1', { learningRate: { rate: 1, decay: 'x' } }) // => { learningRate: { rate: 0.1, decay: 'x' } }
 */
export function setOption(options: Options, text: string, standard: Options = {}): Options {
  const at = text.indexOf('=');
  const path = text.slice(0, at).split('.');
  if (at < 1 || path.some((name) => name === ''))
    throw invalid('--set', "name=value, such as 'levels=5' or 'learningRate.rate=0.01'", text);
  const [first = ''] = path;
  if (first === 'arm') throw new UserError('the arm is not an option of --set; use --arms');
  if (first === 'replicate') throw new UserError('the replicate is not an option of --set; use --replicates');
  if (first === 'experiment') throw new UserError('the experiment is not an option of --set; it is the command');
  const bad = path.find((name) => refused.has(name));
  if (bad !== undefined) throw invalid('name in --set', 'the name of an option', bad);
  return place(options, path, readValue(text.slice(at + 1), text), standard);
}

function place(options: Options, [name = '', ...rest]: readonly string[], value: unknown, standard: Options): Options {
  if (rest.length === 0) return { ...options, [name]: value };
  const below = own(standard, name);
  const inside = own(options, name) ?? below;
  return { ...options, [name]: place(isPlainObject(inside) ? inside : {}, rest, value, isPlainObject(below) ? below : {}) };
}

function own(options: Options, name: string): unknown {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}

function readValue(text: string, whole: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (/^\s*[[{"]/.test(text)) throw invalid(`value in --set '${whole}'`, 'JSON', text);
    return text;
  }
}

/**
 * The value that a flag was given, by the kind of its option. Ranges are the schema's business.
 * @throws UserError
 */
export function readFlag({ flag, kind, nullable, choices }: SchemaOption, text: string): unknown {
  if (nullable && text === 'null') return null;
  if (kind === 'number') {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) throw invalid(`--${flag}`, nullable ? 'a number or null' : 'a number', text);
    return value;
  }
  if (kind === 'boolean') {
    if (text !== 'true' && text !== 'false') throw invalid(`--${flag}`, 'true or false', text);
    return text === 'true';
  }
  if (choices !== undefined) lookUp(`value of --${flag}`, text, Object.fromEntries(choices.map((choice) => [choice, true])));
  return text;
}

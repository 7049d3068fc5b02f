/** Setting an option that may lie inside another. */
import { isPlainObject } from '../../ticket/canonicalJson.js';
import type { Json } from '../record.js';

type Values = Readonly<Record<string, Json>>;

/**
 * Options with one more set. A dot reaches inside an object, whose other parts stay as they are, or as by default.
 * @param standard what the options are where nothing is set
 * @example placeOption({}, 'levels', 5) // => { levels: 5 }
 * @example placeOption({}, 'learningRate.rate', 0.1, { learningRate: { rate: 1, warmup: 'x' } }) // => { learningRate: { rate: 0.1, warmup: 'x' } }
 */
export function placeOption(options: Values, path: string, value: Json, standard: Values = {}): Values {
  return place(options, path.split('.'), value, standard);
}

function place(options: Values, [name = '', ...rest]: readonly string[], value: Json, standard: Values): Values {
  if (rest.length === 0) return { ...options, [name]: value };
  const below = own(standard, name);
  const inside = own(options, name) ?? below;
  return { ...options, [name]: place(objectOf(inside), rest, value, objectOf(below)) };
}

function own(values: Values, name: string): Json | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function objectOf(value: Json | undefined): Values {
  return isPlainObject(value) ? (value as Values) : {};
}

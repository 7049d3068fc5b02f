import { type Arrays, get, type Values } from '../../array.js';
import type { ParameterSource } from './parameterSources.js';

/** For each target parameter a copy of its source's array. @throws UserError if the arrays lack one */
export function carryArrays<V extends Values>(arrays: Arrays<V>, sources: Readonly<Record<string, ParameterSource>>): Arrays<V> {
  return Object.fromEntries(
    Object.entries(sources).map(([target, { name }]) => {
      const { shape, values } = get(arrays, name);
      return [target, { shape, values: values.slice() as V }];
    }),
  );
}

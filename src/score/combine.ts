import { type Arrays, get, mapEach, sameShape } from '../array.js';
import { mismatched } from '../check.js';

/**
 * f(a, b) for each pair of values in two sets of arrays, by the names of `a`; `b` may hold more. Cost O(n).
 * @param what names `b` in messages
 * @throws UserError if `b` lacks an array of `a` or has another shape
 */
export function combine(a: Arrays, b: Arrays, what: string, f: (x: number, y: number) => number): Arrays {
  return mapEach(a, ({ shape, values }, name) => {
    const other = get(b, name);
    if (!sameShape(shape, other.shape)) {
      throw mismatched(`${what} '${name}'`, `shape [${shape}]`, `[${other.shape}]`, 'score the arrays of one architecture');
    }
    return { shape, values: values.map((x, i) => f(x, other.values[i] as number)) };
  });
}

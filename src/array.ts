/** The arrays that cross folder borders: a shape and its values in row-major order, held by parameter name. */
import { invalid, mismatched, missing } from './check.js';

export type Values = Float32Array | Uint8Array | Int32Array;

/** An n-dimensional array in row-major order. Treated as immutable: whoever changes values makes a copy. */
export interface NdArray<V extends Values = Float32Array> {
  readonly shape: readonly number[];
  readonly values: V;
}

/** Arrays by parameter name, such as `dense1/kernel`. The order of the names is the order of the layers. */
export type Arrays<V extends Values = Float32Array> = Readonly<Record<string, NdArray<V>>>;

/**
 * The number of elements of an array of this shape: the product of its sizes.
 * @example size([2, 3, 4]) // => 24
 * @example size([]) // => 1
 */
export function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/**
 * An array of the given shape. Plain numbers become float32.
 * @throws UserError if the number of values is not the size of the shape
 * @example ndArray([2, 2], [1, 2, 3, 4]).values.length // => 4
 */
export function ndArray(shape: readonly number[], values: ArrayLike<number> = new Float32Array(size(shape))): NdArray {
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  if (floats.length !== size(shape)) throw invalid(`array of shape [${shape}]`, `${size(shape)} values`, floats.length);
  return { shape, values: floats };
}

/** The array of that name. @throws UserError that says which names there are */
export function get<V extends Values>(arrays: Arrays<V>, name: string): NdArray<V> {
  const found = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
  if (found === undefined) throw missing(`array '${name}'`, `there are: ${Object.keys(arrays).join(', ')}`);
  return found;
}

/** Each value transformed; shapes and names stay. Cost O(n). */
export function mapArrays(arrays: Arrays, f: (value: number, index: number, name: string) => number): Arrays {
  return mapEach(arrays, ({ shape, values }, name) => ({ shape, values: values.map((v, i) => f(v, i, name)) }));
}

/** Each named array transformed as a whole. */
export function mapEach<V extends Values, W extends Values>(
  arrays: Arrays<V>,
  f: (array: NdArray<V>, name: string) => NdArray<W>,
): Arrays<W> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, f(array, name)]));
}

/** The arrays of the given names, in that order. */
export function pick<V extends Values>(arrays: Arrays<V>, names: readonly string[]): Arrays<V> {
  return Object.fromEntries(names.map((name) => [name, get(arrays, name)]));
}

/** How many values all arrays hold together. */
export function totalSize(arrays: Arrays<Values>): number {
  return Object.values(arrays).reduce((sum, { values }) => sum + values.length, 0);
}

/** A copy that shares no memory with the original. */
export function copyArrays<V extends Values>(arrays: Arrays<V>): Arrays<V> {
  return mapEach(arrays, ({ shape, values }) => ({ shape: [...shape], values: values.slice() as V }));
}

/** Throws unless `b` has the names and shapes of `a`. `what` names `b` in the message. */
export function checkSameShapes(what: string, a: Arrays<Values>, b: Arrays<Values>, remedy: string): void {
  for (const [name, { shape }] of Object.entries(a)) {
    const other = Object.hasOwn(b, name) ? b[name] : undefined;
    if (other === undefined) throw missing(`'${name}' in ${what}`, remedy);
    if (!sameShape(shape, other.shape)) throw mismatched(`${what} '${name}'`, `shape [${shape}]`, `[${other.shape}]`, remedy);
  }
  for (const name of Object.keys(b)) {
    if (!Object.hasOwn(a, name)) throw mismatched(what, `only ${Object.keys(a).join(', ')}`, `also '${name}'`, remedy);
  }
}

/** Whether two shapes are the same. @example sameShape([2, 3], [2, 3]) // => true */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/**
 * The name of the first array that differs in any bit (names, shapes, values; -0 differs from 0), or undefined when all are equal.
 */
export function firstDifference(a: Arrays<Values>, b: Arrays<Values>): string | undefined {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const name of names) {
    const x = a[name];
    const y = b[name];
    if (x === undefined || y === undefined || !sameShape(x.shape, y.shape) || !sameBytes(x.values, y.values)) return name;
  }
  return undefined;
}

function sameBytes(a: Values, b: Values): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}

/** A basis in the file of a ticket: a line of JSON in the header, and its matrices as arrays beside the coefficients. */
import { type Arrays, get, type NdArray, size, type Values } from '../array.js';
import { invalid, mismatched } from '../check.js';
import type { Coordinates } from '../model/bases/coordinates.js';
import type { NetworkBasis } from '../model/bases/networkBasis.js';
import { isPlainObject } from './canonicalJson.js';

/** Beyond what float32 rounds, a basis is not orthonormal, and coefficients do not mean what they should. */
const TOLERANCE = 1e-4;
const remedy = 'the file is altered, or not a ticket: get it again';

/** What the header says: the name, and for each kernel its view and which axes have a matrix. */
export function basisHeader({ name, adaptive, coordinates }: NetworkBasis): Readonly<Record<string, unknown>> {
  const kernels = Object.fromEntries(
    Object.entries(coordinates).map(([kernel, { view, matrices, offset }]) => [
      kernel,
      { view, matrices: matrices.map((matrix) => matrix !== null), offset: offset !== undefined },
    ]),
  );
  return { name, adaptive, kernels };
}

/** The matrices as `dense1/kernel.basis0`, one for each axis that has one, and offsets as `dense1/kernel.offset`. */
export function basisArrays({ coordinates }: NetworkBasis): Arrays {
  return Object.fromEntries(
    Object.entries(coordinates).flatMap(([kernel, { matrices, offset }]) => [
      ...matrices.flatMap((matrix, axis) => (matrix === null ? [] : [[`${kernel}.basis${axis}`, matrix] as const])),
      ...(offset === undefined ? [] : [[`${kernel}.offset`, offset] as const]),
    ]),
  );
}

/** Whether an array of a ticket's file belongs to its basis. */
export function isBasisArray(name: string): boolean {
  return /\/kernel\.(basis\d+|offset)$/.test(name);
}

/**
 * The basis that header and arrays describe.
 * @throws UserError unless all parts are there, fit their kernels, and every matrix is orthonormal
 */
export function readBasis(header: unknown, arrays: Arrays<Values>, weights: Arrays): NetworkBasis {
  const kernels = isPlainObject(header) ? header['kernels'] : undefined;
  if (!isPlainObject(header) || typeof header['name'] !== 'string' || typeof header['adaptive'] !== 'boolean' || !isPlainObject(kernels))
    throw invalid('basis of the ticket file', 'a name, whether it is adaptive, and kernels', header);
  const coordinates = Object.fromEntries(
    Object.entries(kernels).map(([kernel, own]) => [kernel, readCoordinates(kernel, own, arrays, weights)]),
  );
  const basis = { name: header['name'], adaptive: header['adaptive'], coordinates };
  const expected = Object.keys(basisArrays(basis)).length;
  if (expected !== Object.keys(arrays).length)
    throw mismatched('basis of the ticket file', `${expected} arrays`, `${Object.keys(arrays).length}`, remedy);
  return basis;
}

function readCoordinates(kernel: string, header: unknown, arrays: Arrays<Values>, weights: Arrays): Coordinates {
  const what = `basis of '${kernel}' in the ticket file`;
  const { shape } = get(weights, kernel);
  const own = isPlainObject(header) ? header : {};
  const [view, has] = [own['view'], own['matrices']];
  const sound =
    Array.isArray(view) &&
    Array.isArray(has) &&
    view.length === has.length &&
    view.every((n) => Number.isSafeInteger(n) && (n as number) > 0) &&
    has.every((bit) => typeof bit === 'boolean') &&
    typeof own['offset'] === 'boolean';
  if (!sound) throw invalid(what, 'view, matrices and offset', header);
  if (size(view as number[]) !== size(shape)) throw mismatched(what, `a view of ${size(shape)} weights`, `[${view}]`, remedy);
  const matrices = (view as number[]).map((n, axis) =>
    has[axis] === true ? orthonormal(get(arrays, `${kernel}.basis${axis}`), n, what) : null,
  );
  if (own['offset'] !== true) return { view: view as number[], matrices };
  const offset = floats(get(arrays, `${kernel}.offset`), what);
  if (offset.shape.join() !== shape.join()) throw mismatched(what, `an offset of shape [${shape}]`, `[${offset.shape}]`, remedy);
  return { view: view as number[], matrices, offset };
}

function floats({ shape, values }: NdArray<Values>, what: string): NdArray {
  if (!(values instanceof Float32Array)) throw mismatched(what, 'float32 values', 'whole numbers', remedy);
  return { shape, values };
}

function orthonormal(array: NdArray<Values>, n: number, what: string): NdArray {
  const matrix = floats(array, what);
  if (matrix.shape.join() !== `${n},${n}`) throw mismatched(what, `a matrix of shape [${n},${n}]`, `[${matrix.shape}]`, remedy);
  const { values } = matrix;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let product = 0;
      for (let k = 0; k < n; k++) product += (values[i * n + k] as number) * (values[j * n + k] as number);
      // Written so that NaN fails too.
      if (!(Math.abs(product - (i === j ? 1 : 0)) < TOLERANCE))
        throw mismatched(what, 'orthonormal rows', `rows ${j} and ${i} with product ${product}`, remedy);
    }
  }
  return matrix;
}

/** A kernel in another basis: small matrices that act on its axes, one after another. */
import { type NdArray, sameShape, size } from '../../array.js';
import { mismatched } from '../../check.js';

/**
 * Coordinates of one kernel: w = offset + B^T c, where B is the Kronecker product of the axes' matrices. B itself is never made: the
 * kernel is viewed as an array of `view` and each matrix acts along its axis, so that a kernel of 28 x 28 pixels and 300 units costs two
 * products with 28 x 28 matrices. B is orthonormal because each matrix is.
 */
export interface Coordinates {
  /** Sizes whose product is the number of weights, in row-major order. */
  readonly view: readonly number[];
  /** For each size n an orthonormal matrix [n, n] whose rows are basis vectors; null where the axis stays as it is. */
  readonly matrices: readonly (NdArray | null)[];
  /** Weights at which all coefficients are 0. Default 0. */
  readonly offset?: NdArray;
}

/** Whether coefficients are the weights themselves. */
export function isCanonical({ matrices, offset }: Coordinates): boolean {
  return offset === undefined && matrices.every((matrix) => matrix === null);
}

/**
 * c = B (w - offset): a kernel's coefficients, in an array of the kernel's shape. Sums are made in float64.
 * @throws UserError if kernel and coordinates do not fit
 * @example toCoefficients({ shape: [2], values: Float32Array.of(3, 1) }, { view: [2], matrices: [{ shape: [2, 2], values: Float32Array.of(0.6, 0.8, -0.8, 0.6) }] }).values[1] // => Math.fround(-1.8)
 */
export function toCoefficients(kernel: NdArray, coordinates: Coordinates): NdArray {
  const { offset } = coordinates;
  checkFit(kernel, coordinates);
  if (isCanonical(coordinates)) return kernel;
  const start = offset === undefined ? kernel.values : kernel.values.map((w, i) => w - (offset.values[i] as number));
  return { shape: kernel.shape, values: Float32Array.from(transformed(start, coordinates, 'analyse')) };
}

/**
 * w = offset + B^T c: the kernel that coefficients stand for.
 * @throws UserError if coefficients and coordinates do not fit
 * @example toKernel({ shape: [2], values: Float32Array.of(2.6, -1.8) }, { view: [2], matrices: [{ shape: [2, 2], values: Float32Array.of(0.6, 0.8, -0.8, 0.6) }] }).values[0] // => 3
 */
export function toKernel(coefficients: NdArray, coordinates: Coordinates): NdArray {
  const { offset } = coordinates;
  checkFit(coefficients, coordinates);
  if (isCanonical(coordinates)) return coefficients;
  const values = transformed(coefficients.values, coordinates, 'synthesise');
  if (offset !== undefined) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + (offset.values[i] as number);
  return { shape: coefficients.shape, values: Float32Array.from(values) };
}

function checkFit({ shape, values }: NdArray, { view, offset }: Coordinates): void {
  const remedy = 'open the basis for this architecture';
  if (size(view) !== values.length) throw mismatched('coordinates of a kernel', `${size(view)} weights`, `shape [${shape}]`, remedy);
  if (offset !== undefined && !sameShape(offset.shape, shape))
    throw mismatched('offset of a kernel', `shape [${shape}]`, `[${offset.shape}]`, remedy);
}

/** All axes in turn. Cost: the number of weights times the sum of the axes' sizes. */
function transformed(start: ArrayLike<number>, { view, matrices }: Coordinates, way: 'analyse' | 'synthesise'): Float64Array {
  let values = Float64Array.from(start);
  let before = 1;
  view.forEach((n, axis) => {
    const matrix = matrices[axis];
    const after = values.length / before / n;
    if (matrix) values = along(values, matrix.values, { before, n, after }, way) as typeof values;
    before *= n;
  });
  return values;
}

interface Place {
  readonly before: number;
  readonly n: number;
  readonly after: number;
}

/** One matrix along one axis of [before, n, after]. */
function along(values: Float64Array, matrix: Float32Array, { before, n, after }: Place, way: 'analyse' | 'synthesise'): Float64Array {
  const result = new Float64Array(values.length);
  for (let b = 0; b < before; b++) {
    for (let to = 0; to < n; to++) {
      const target = result.subarray((b * n + to) * after, (b * n + to + 1) * after);
      for (let from = 0; from < n; from++) {
        const factor = matrix[way === 'analyse' ? to * n + from : from * n + to] as number;
        if (factor === 0) continue;
        const source = (b * n + from) * after;
        for (let i = 0; i < after; i++) target[i] = (target[i] as number) + factor * (values[source + i] as number);
      }
    }
  }
  return result;
}

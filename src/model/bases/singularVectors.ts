import { invalid } from '../../check.js';

/** A = sum over k of values[k] left[k] right[k]^T; values fall, vectors have norm 1. */
export interface SingularVectors {
  readonly values: Float64Array;
  /** Of length rows each. */
  readonly left: readonly Float64Array[];
  /** Of length columns each. */
  readonly right: readonly Float64Array[];
}

const TOLERANCE = 1e-13;
const SWEEPS = 60;

/**
 * The singular value decomposition of a matrix [rows, columns] in row-major order, by one-sided Jacobi rotations (Hestenes 1958):
 * pairs of columns are rotated until all are orthogonal. The sign of each pair of vectors makes the largest entry of the right one
 * positive. There are min(rows, columns) triples; a vector that belongs to a value of 0 is 0. Cost O(rows columns min(rows, columns)) a
 * sweep, of which there are about ten.
 * @throws UserError for entries that are not finite
 */
export function singularVectors(matrix: ArrayLike<number>, rows: number, columns: number): SingularVectors {
  for (let i = 0; i < rows * columns; i++)
    if (!Number.isFinite(matrix[i])) throw invalid(`matrix entry ${i}`, 'a finite number', matrix[i]);
  const wide = columns > rows;
  // Rotations act on the columns of the side that has fewer of them.
  const [length, count] = wide ? [columns, rows] : [rows, columns];
  const a = Array.from({ length: count }, (_, j) =>
    Float64Array.from({ length }, (_, i) => matrix[wide ? j * columns + i : i * columns + j] as number),
  );
  const v = Array.from({ length: count }, (_, j) => Float64Array.from({ length: count }, (_, i) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEPS; sweep++) if (!rotateAll(a, v)) break;

  const norms = a.map((column) => Math.sqrt(dot(column, column)));
  const order = [...norms.keys()].sort((i, j) => (norms[j] as number) - (norms[i] as number) || i - j);
  // Below this, a column is rounding, and its direction means nothing.
  const floor = (norms[order[0] as number] ?? 0) * 1e-13;
  const values = Float64Array.from(order, (i) => ((norms[i] as number) > floor ? (norms[i] as number) : 0));
  const long = order.map((i, k) => (a[i] as Float64Array).map((x) => (values[k] === 0 ? 0 : x / (values[k] as number))));
  const short = order.map((i, k) => (v[i] as Float64Array).map((x) => (values[k] === 0 ? 0 : x)));
  const [left, right] = wide ? [short, long] : [long, short];
  right.forEach((vector, k) => {
    const largest = vector.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
    if (largest >= 0) return;
    for (const each of [vector, left[k] as Float64Array])
      each.forEach((x, i) => {
        each[i] = -x;
      });
  });
  return { values, left, right };
}

/** One sweep over all pairs of columns; false when all were orthogonal already. */
function rotateAll(a: readonly Float64Array[], v: readonly Float64Array[]): boolean {
  let rotated = false;
  // Squared norms follow each rotation, so that a pair costs one product; taken anew in each sweep, they do not drift.
  const squares = a.map((column) => dot(column, column));
  for (let p = 0; p < a.length - 1; p++) {
    for (let q = p + 1; q < a.length; q++) {
      const [x, y] = [a[p] as Float64Array, a[q] as Float64Array];
      const [alpha, beta] = [squares[p] as number, squares[q] as number];
      const gamma = dot(x, y);
      if (gamma === 0 || Math.abs(gamma) <= TOLERANCE * Math.sqrt(Math.max(0, alpha * beta))) continue;
      rotated = true;
      const zeta = (beta - alpha) / (2 * gamma);
      const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
      const c = 1 / Math.sqrt(1 + t * t);
      rotate(x, y, c, c * t);
      rotate(v[p] as Float64Array, v[q] as Float64Array, c, c * t);
      squares[p] = alpha - t * gamma;
      squares[q] = beta + t * gamma;
    }
  }
  return rotated;
}

function rotate(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let i = 0; i < x.length; i++) {
    const [xi, yi] = [x[i] as number, y[i] as number];
    x[i] = c * xi - s * yi;
    y[i] = s * xi + c * yi;
  }
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) * (y[i] as number);
  return sum;
}

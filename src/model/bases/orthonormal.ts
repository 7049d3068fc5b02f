/** Orthonormal vectors by Gram and Schmidt's method, every projection made twice, which is as exact as can be (Giraud et al. 2005). */
import { type NdArray, ndArray } from '../../array.js';
import { UserError } from '../../check.js';
import type { Random } from '../../random.js';

/**
 * A random orthonormal matrix [n, n], all directions equally likely: the Q of the QR factorisation of a Gaussian matrix, with the signs
 * that make R's diagonal positive (Stewart 1980). Cost O(n^3).
 */
export function randomOrthonormal(n: number, random: Random): NdArray {
  const rows: Float64Array[] = [];
  while (rows.length < n) {
    const row = Float64Array.from({ length: n }, () => random.normal());
    if (orthogonalise(row, rows) > 1e-9) rows.push(row);
  }
  return matrixOf(rows, n);
}

/**
 * A matrix [n, n] that begins with the given orthonormal vectors of length n and goes on with others, made from the axes in order.
 * Cost O(n^3).
 */
export function completed(vectors: readonly Float64Array[], n: number): NdArray {
  const rows: Float64Array[] = [];
  for (const vector of vectors) {
    const row = Float64Array.from(vector);
    if (orthogonalise(row, rows) > 1e-6) rows.push(row);
  }
  for (let axis = 0; axis < n && rows.length < n; axis++) {
    const row = new Float64Array(n);
    row[axis] = 1;
    // The parts of all axes outside the span sum to its codimension, so this leaves out too little to end before n are found.
    if (orthogonalise(row, rows) > 1e-4) rows.push(row);
  }
  if (rows.length !== n) throw new UserError(`${rows.length} of ${n} orthonormal vectors found; this is a bug, please report it`);
  return matrixOf(rows, n);
}

/** Takes the rows' parts out of the vector and makes its length 1; returns the length that was left. */
function orthogonalise(vector: Float64Array, rows: readonly Float64Array[]): number {
  let length = 0;
  for (let pass = 0; pass < 3; pass++) {
    if (pass < 2) {
      for (const row of rows) {
        let product = 0;
        for (let i = 0; i < row.length; i++) product += (row[i] as number) * (vector[i] as number);
        if (product === 0) continue;
        for (let i = 0; i < row.length; i++) vector[i] = (vector[i] as number) - product * (row[i] as number);
      }
    }
    const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    if (pass === 0) length = norm;
    if (!(norm > 1e-9)) return 0;
    for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / norm;
  }
  return length;
}

function matrixOf(rows: readonly Float64Array[], n: number): NdArray {
  const values = new Float32Array(n * n);
  rows.forEach((row, k) => values.set(row, k * n));
  return ndArray([n, n], values);
}

/** A network whose derivatives are known in closed form: y = x A B, loss = |x A B - t|^2 / 2n, with its Hessian products. */
import { type Arrays, get, ndArray } from '../../src/array.js';
import type { Derivatives } from '../../src/score/criterion.js';

export type Matrix = readonly (readonly number[])[];

export function times(a: Matrix, b: Matrix): number[][] {
  return a.map((row) =>
    (b[0] as readonly number[]).map((_, j) => row.reduce((sum, v, k) => sum + v * ((b[k] as readonly number[])[j] as number), 0)),
  );
}

export function transposed(a: Matrix): number[][] {
  return (a[0] as readonly number[]).map((_, j) => a.map((row) => row[j] as number));
}

const plus = (a: Matrix, b: Matrix): number[][] => a.map((row, i) => row.map((v, j) => v + ((b[i] as readonly number[])[j] as number)));
const scaled = (a: Matrix, s: number): number[][] => a.map((row) => row.map((v) => v * s));

export function fromMatrices(a: Matrix, b: Matrix): Arrays {
  const array = (m: Matrix) => ndArray([m.length, (m[0] as readonly number[]).length], m.flat());
  return { 'a/kernel': array(a), 'b/kernel': array(b) };
}

function toMatrix(arrays: Arrays, name: string): number[][] {
  const { shape, values } = get(arrays, name);
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: rows }, (_, i) => [...values.slice(i * columns, (i + 1) * columns)]);
}

/** Derivatives at the given weights, for inputs x [n, inputs] and targets t [n, outputs]. */
export function derivativesOf(weights: Arrays, x: Matrix, t: Matrix): Derivatives {
  const n = x.length;
  const at = (w: Arrays) => {
    const [a, b] = [toMatrix(w, 'a/kernel'), toMatrix(w, 'b/kernel')];
    const hidden = times(x, a);
    return { a, b, hidden, error: plus(times(hidden, b), scaled(t, -1)) };
  };
  return {
    async gradient(w = weights) {
      const { b, hidden, error } = at(w);
      const ga = times(transposed(x), times(error, transposed(b)));
      return fromMatrices(scaled(ga, 1 / n), scaled(times(transposed(hidden), error), 1 / n));
    },
    async hessianProduct(direction) {
      const { b, hidden, error } = at(weights);
      const [va, vb] = [toMatrix(direction, 'a/kernel'), toMatrix(direction, 'b/kernel')];
      const change = plus(times(times(x, va), b), times(hidden, vb));
      const ha = times(transposed(x), plus(times(change, transposed(b)), times(error, transposed(vb))));
      const hb = plus(times(transposed(times(x, va)), error), times(transposed(hidden), change));
      return fromMatrices(scaled(ha, 1 / n), scaled(hb, 1 / n));
    },
    async synapticFlow(absolute) {
      const [a, b] = [toMatrix(absolute, 'a/kernel'), toMatrix(absolute, 'b/kernel')];
      const rowSums = b.map((row) => row.reduce((sum, v) => sum + v, 0));
      const columnSums = transposed(a).map((column) => column.reduce((sum, v) => sum + v, 0));
      return fromMatrices(
        a.map(() => rowSums),
        columnSums.map((sum) => (b[0] as readonly number[]).map(() => sum)),
      );
    },
  };
}

/** Sharpness against matrices with known eigenvalues, and against the dense Hessian of a tiny network. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Arrays, get, ndArray, pick } from '../../src/array.js';
import { denseMask, type Mask, mask } from '../../src/mask.js';
import { initialise } from '../../src/model/initialise.js';
import { prunable } from '../../src/model/shapes.js';
import { openTensorflow } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { derivatives } from '../../src/train/derivatives.js';
import { topEigenvalue } from '../../src/train/topEigenvalue.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

before(() => openTensorflow().then(() => undefined));

const times = (matrix: readonly (readonly number[])[]) => (direction: Arrays) => {
  const { values } = get(direction, 'w');
  return Promise.resolve({
    w: ndArray(
      [values.length],
      Float32Array.from(matrix, (row) => row.reduce((sum, a, i) => sum + a * (values[i] as number), 0)),
    ),
  });
};
const all = (n: number): Mask => denseMask({ w: ndArray([n], new Float32Array(n)) });
const options = (matrix: readonly (readonly number[])[]) => ({
  ...{ product: times(matrix), mask: all(matrix.length), random: stream(1, 'power'), iterations: 200, tolerance: 1e-7 },
});

test('a matrix by hand: [[2, 1], [1, 2]] has the eigenvalues 3 and 1', async () => {
  const { value, dominant } = await topEigenvalue(
    options([
      [2, 1],
      [1, 2],
    ]),
  );
  assert.ok(Math.abs(value - 3) < 1e-4 && Math.abs(dominant - 3) < 1e-4, `${value}`);
});

test('the largest, not the one of largest magnitude: diag(-5, 2, 1) has 2', async () => {
  const { value, dominant } = await topEigenvalue(
    options([
      [-5, 0, 0],
      [0, 2, 0],
      [0, 0, 1],
    ]),
  );
  assert.ok(Math.abs(dominant + 5) < 1e-4 && Math.abs(value - 2) < 1e-3, `${dominant} ${value}`);
});

test('pruned weights are no part of the matrix: diag(9, 2) without its first entry has 2; the zero matrix has 0', async () => {
  const half = mask({ w: { shape: [2], values: [0, 1] } });
  const matrix = [
    [9, 0],
    [0, 2],
  ];
  const { value } = await topEigenvalue({ ...options(matrix), mask: half });
  assert.ok(Math.abs(value - 2) < 1e-5);
  const none = await topEigenvalue(
    options([
      [0, 0],
      [0, 0],
    ]),
  );
  assert.equal(none.value, 0);
});

/** Eigenvalues of a symmetric matrix by two-sided Jacobi rotations, written for this test. */
function eigenvalues(matrix: number[][]): number[] {
  const a = matrix.map((row) => [...row]);
  const at = (i: number, j: number): number => a[i]?.[j] as number;
  const set = (i: number, j: number, v: number): void => void ((a[i] as number[])[j] = v);
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < a.length; p++) {
      for (let q = p + 1; q < a.length; q++) {
        if (Math.abs(at(p, q)) < 1e-14) continue;
        const angle = 0.5 * Math.atan2(2 * at(p, q), at(q, q) - at(p, p));
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < a.length; k++) {
          const [x, y] = [at(k, p), at(k, q)];
          set(k, p, c * x - s * y);
          set(k, q, s * x + c * y);
        }
        for (let k = 0; k < a.length; k++) {
          const [x, y] = [at(p, k), at(q, k)];
          set(p, k, c * x - s * y);
          set(q, k, s * x + c * y);
        }
      }
    }
  }
  return a.map((_, i) => at(i, i)).sort((x, y) => y - x);
}

test('a tiny network: the largest eigenvalue of its dense Hessian, column by column', async () => {
  const dataset = tinyDataset({ shape: [2, 2, 1], classes: 3, train: 60 });
  const architecture = {
    name: 'tiny',
    input: [2, 2, 1],
    layers: [
      { type: 'flatten' },
      { type: 'dense', name: 'dense1', units: 3 },
      { type: 'activation', function: 'tanh' },
      { type: 'dense', name: 'output', units: 3 },
    ],
  } as const;
  const weights = initialise(architecture, 5, 'heNormal');
  const names = prunable(architecture).map(({ name }) => name);
  const kept = denseMask(pick(weights, names));
  const { hessianProduct } = await derivatives({ architecture, weights, mask: kept, dataset, examples: 60, random: stream(1, 'sample') });
  const columns: number[][] = [];
  for (const name of names) {
    for (let i = 0; i < get(weights, name).values.length; i++) {
      const direction = Object.fromEntries(
        names.map((other) => {
          const { shape, values } = get(weights, other);
          return [
            other,
            ndArray(
              shape,
              Float32Array.from(values, (_, k) => Number(other === name && k === i)),
            ),
          ];
        }),
      );
      const product = await hessianProduct(direction);
      columns.push(names.flatMap((other) => [...get(product, other).values]));
    }
  }
  assert.equal(columns.length, 21);
  const symmetric = columns.map((column, i) => column.map((v, j) => (v + (columns[j]?.[i] as number)) / 2));
  const [largest = 0] = eigenvalues(symmetric);
  const found = await topEigenvalue({ product: hessianProduct, mask: kept, random: stream(3, 'power'), iterations: 500, tolerance: 1e-6 });
  assert.ok(largest > 0.05);
  assert.ok(Math.abs(found.value - largest) < 1e-3 * largest, `${found.value} against ${largest}`);
});

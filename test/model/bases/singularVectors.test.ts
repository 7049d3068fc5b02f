import assert from 'node:assert/strict';
import { test } from 'node:test';
import { singularVectors } from '../../../src/model/bases/singularVectors.js';
import { stream } from '../../../src/random.js';

const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-12): void => {
  assert.equal(a.length, b.length);
  for (let i = 0; i < a.length; i++) assert.ok(Math.abs((a[i] as number) - (b[i] as number)) <= tolerance, `at ${i}: ${a[i]} and ${b[i]}`);
};

// numpy 2.4.6, numpy.linalg.svd(A, full_matrices=False) with A[i, j] = (7 i + 3 j) mod 11 - 5, signs made as stated.
const tall = Float64Array.from({ length: 15 }, (_, k) => ((7 * Math.floor(k / 3) + 3 * (k % 3)) % 11) - 5);
const values = [9.56037141, 7.1110332, 3.74599859];
const left = [
  [0.47228466907655997, -0.6074504343136833, 0.30450374423837423, -0.10512138088583414, -0.5515234593676214],
  [-0.34875752313488756, -0.2677144763728246, -0.2555309012220262, 0.8075429607474764, -0.2987900170104451],
  [-0.4967225501825181, 0.21511212773808164, 0.8107280282117771, 0.03166964327976156, -0.2207047317266835],
];
const right = [
  [-0.5504453584396634, -0.5824091160159514, 0.5981718222666036],
  [0.7675882114481433, -0.6348412478151352, 0.08823223740992978],
  [0.32835688666155705, 0.5077166647393412, 0.7964957898996634],
];

test('the values and vectors of numpy for a tall matrix', () => {
  const found = singularVectors(tall, 5, 3);
  close(found.values, values, 1e-8);
  for (let k = 0; k < 3; k++) {
    close(found.left[k] as Float64Array, left[k] as number[]);
    close(found.right[k] as Float64Array, right[k] as number[]);
  }
});

test('and for its transpose, where the sign is made by the other side', () => {
  const wide = Float64Array.from({ length: 15 }, (_, k) => tall[(k % 5) * 3 + Math.floor(k / 5)] as number);
  const found = singularVectors(wide, 3, 5);
  close(found.values, values, 1e-8);
  for (let k = 0; k < 3; k++) {
    // The first pair's largest entry of the now right vector is negative in numpy's.
    const sign = k === 0 ? -1 : 1;
    close(
      found.left[k] as Float64Array,
      (right[k] as number[]).map((x) => sign * x),
    );
    close(
      found.right[k] as Float64Array,
      (left[k] as number[]).map((x) => sign * x),
    );
  }
});

test('a matrix of rank 2 has two values', () => {
  // numpy: 13.297190420205354, 3.0306314406075416, 4e-16 for the sum of two outer products.
  const rows = [
    [1, -1, 2],
    [4, -1, 4],
    [3, -3, 6],
    [2, -5, 8],
  ];
  const found = singularVectors(rows.flat(), 4, 3);
  close(found.values, [13.297190420205354, 3.0306314406075416, 0]);
  assert.deepEqual([...(found.left[2] as Float64Array)], [0, 0, 0, 0]);
  assert.deepEqual([...singularVectors(new Float64Array(6), 2, 3).values], [0, 0]);
});

test('a larger random matrix is the sum of its parts, with orthonormal vectors', () => {
  const random = stream(1, 'matrix');
  const [rows, columns] = [40, 90];
  const matrix = Float64Array.from({ length: rows * columns }, () => random.normal());
  const found = singularVectors(matrix, rows, columns);
  const sum = new Float64Array(rows * columns);
  found.values.forEach((s, k) => {
    for (let i = 0; i < sum.length; i++) {
      sum[i] =
        (sum[i] as number) +
        s *
          ((found.left[k] as Float64Array)[Math.floor(i / columns)] as number) *
          ((found.right[k] as Float64Array)[i % columns] as number);
    }
  });
  close(sum, matrix, 1e-10);
  for (const vectors of [found.left, found.right]) {
    for (let p = 0; p < rows; p++) {
      for (let q = 0; q < rows; q++) {
        const product = (vectors[p] as Float64Array).reduce((total, x, i) => total + x * ((vectors[q] as Float64Array)[i] as number), 0);
        assert.ok(Math.abs(product - Number(p === q)) < 1e-10);
      }
    }
  }
  assert.ok(found.values.every((s, k) => k === 0 || s <= (found.values[k - 1] as number)));
});

test('a value that is not a number is named', () => {
  assert.throws(() => singularVectors([1, Number.NaN], 1, 2), /invalid matrix entry 1: expected a finite number, found NaN/);
});

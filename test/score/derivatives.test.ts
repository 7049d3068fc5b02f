/** The criteria that need derivatives, on networks whose derivatives can be worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrays, get, mapArrays } from '../../src/array.js';
import { applyMask, denseMask, mask as maskOf } from '../../src/mask.js';
import { stream } from '../../src/random.js';
import { grasp } from '../../src/score/grasp.js';
import { snip } from '../../src/score/snip.js';
import { synflow } from '../../src/score/synflow.js';
import { taylor } from '../../src/score/taylor.js';
import { evidence } from '../toy/evidence.js';
import { derivativesOf, fromMatrices, type Matrix, times } from '../toy/twoLayerLinear.js';

const values = (arrays: Arrays, name: string): number[] => [...get(arrays, name).values];

// y = x A B with one example x = (1, 2), A = ((1, -2), (3, 0)), B = (2, -1)^T, t = 10.
// hidden = x A = (7, -2), y = 14 + 2 = 16, error = 6.
// dL/dA = x^T error B^T = ((12, -6), (24, -12)); dL/dB = hidden^T error = (42, -12).
const [x, t]: [Matrix, Matrix] = [[[1, 2]], [[10]]];
const weights = fromMatrices(
  [
    [1, -2],
    [3, 0],
  ],
  [[2], [-1]],
);
const known = evidence(weights, { derivatives: derivativesOf(weights, x, t) });

test('snip is |w dL/dw| of a linear network in closed form', async () => {
  const scores = await snip.score(known);
  assert.deepEqual(values(scores, 'a/kernel'), [12, 12, 72, 0]);
  assert.deepEqual(values(scores, 'b/kernel'), [84, 12]);
});

test('taylor is the square of snip', async () => {
  const scores = await taylor.score(known);
  assert.deepEqual(values(scores, 'a/kernel'), [144, 144, 5184, 0]);
  assert.deepEqual(values(scores, 'b/kernel'), [7056, 144]);
});

test('snip of a linear layer with one output: |w (X^T (X w - t))|, in words of the normal equations', async () => {
  // B = (1) passes the single hidden unit on, so A is a linear regression. X = I: gradient of L is (w - t) / n.
  const a = [[3], [-1], [0.5]];
  const w = fromMatrices(a, [[1]]);
  const identity = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const scores = await snip.score(evidence(w, { derivatives: derivativesOf(w, identity, [[1], [1], [1]]) }));
  // |3 * 2 / 3|, |-1 * -2 / 3|, |0.5 * -0.5 / 3|
  const expected = [2, 2 / 3, 0.25 / 3];
  values(scores, 'a/kernel').forEach((score, i) => {
    assert.ok(Math.abs(score - (expected[i] as number)) < 1e-6);
  });
});

test('grasp of a quadratic: the share of the gradient flow that goes with a weight', async () => {
  // One layer, X = diag(1, 2), t = 0, n = 2: L = (w1^2 + 4 w2^2) / 4, g = (w1 / 2, 2 w2), H = diag(1/2, 2).
  // At w = (4, 1): g = (2, 2), H g = (1, 4), scores w H g = (4, 4). |g|^2 = 8 = half the sum of scores, since g is linear in w.
  const w = fromMatrices([[4], [1]], [[1]]);
  const derivatives = derivativesOf(
    w,
    [
      [1, 0],
      [0, 2],
    ],
    [[0], [0]],
  );
  // B is held: its entries of the direction are 0.
  const held = {
    ...derivatives,
    gradient: async () => mapArrays(await derivatives.gradient(), (g, _, name) => (name === 'a/kernel' ? g : 0)),
  };
  assert.deepEqual(values(await grasp.score(evidence(w, { derivatives: held })), 'a/kernel'), [4, 4]);
});

test('grasp is larger where removal costs gradient flow: it follows the derivative of |g|^2 over the kept weights', async () => {
  // d|g|^2 / ds at w_i (1 - s) is -2 w_i (H g)_i: a positive score must mean that |g|^2 falls.
  const draws = stream(4, 'grasp');
  const matrix = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => draws.normal()));
  const [xs, ts] = [matrix(6, 3), matrix(6, 2)];
  const all = fromMatrices(matrix(3, 4), matrix(4, 2));
  const some = maskOf(mapArrays(all, (_, i) => Number(i % 3 !== 0)));
  for (const mask of [denseMask(all), some]) {
    const w = applyMask(all, mask);
    const derivatives = derivativesOf(w, xs, ts);
    const scores = await grasp.score(evidence(w, { derivatives, mask }));
    const flow = async (at: Arrays) =>
      Object.values(applyMask(await derivatives.gradient(at), mask)).reduce((sum, g) => sum + g.values.reduce((a, b) => a + b * b, 0), 0);
    let negative = 0;
    for (const name of Object.keys(w)) {
      for (let i = 0; i < get(w, name).values.length; i++) {
        const shrunk = (s: number) => mapArrays(w, (v, j, other) => (other === name && j === i ? v * (1 - s) : v));
        const slope = ((await flow(shrunk(1e-2))) - (await flow(shrunk(-1e-2)))) / 2e-2;
        const score = get(scores, name).values[i] as number;
        assert.ok(Math.abs(slope + 2 * score) < 1e-2 * Math.max(1, Math.abs(score)), `${name} at ${i}: slope ${slope}, score ${score}`);
        if (score < 0) negative++;
      }
    }
    assert.ok(negative > 0, 'some scores are negative');
  }
});

test('synflow of a two-layer network by hand', async () => {
  // |A| = ((1, 2), (3, 0)), |B| = (2, 1): R = (1 + 3) 2 + (2 + 0) 1 = 10.
  const scores = await synflow.score(known);
  assert.deepEqual(values(scores, 'a/kernel'), [2, 2, 6, 0]);
  assert.deepEqual(values(scores, 'b/kernel'), [8, 2]);
});

test('synflow is conserved: the scores of each layer sum to R, and so do those into and out of each hidden unit', async () => {
  const draws = stream(9, 'synflow');
  const matrix = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => draws.normal()));
  const [a, b] = [matrix(6, 5), matrix(5, 4)];
  const w = fromMatrices(a, b);
  const scores = await synflow.score(evidence(w, { derivatives: derivativesOf(w, [[0]], [[0]]) }));
  const absolute = (m: Matrix) => m.map((row) => row.map(Math.abs));
  const flow = times([Array(6).fill(1)], times(absolute(a), absolute(b)))
    .flat()
    .reduce((sum, v) => sum + v, 0);
  const [into, out] = [values(scores, 'a/kernel'), values(scores, 'b/kernel')];
  const sum = (list: number[]) => list.reduce((total, v) => total + v, 0);
  assert.ok(Math.abs(sum(into) - flow) < 1e-4 * flow);
  assert.ok(Math.abs(sum(out) - flow) < 1e-4 * flow);
  for (let unit = 0; unit < 5; unit++) {
    const entering = sum(into.filter((_, i) => i % 5 === unit));
    const leaving = sum(out.slice(unit * 4, unit * 4 + 4));
    assert.ok(Math.abs(entering - leaving) < 1e-4 * flow);
  }
});

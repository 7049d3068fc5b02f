import assert from 'node:assert/strict';
import test from 'node:test';
import { stream } from '../../../src/random.js';
import { bestSubset, subsetMembers, subsetSolver } from '../../../src/ticket/strong/subsetSolver.js';

/** Every subset, one after the other. */
function bruteForce(values: ArrayLike<number>, target: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let bits = 0; bits < 2 ** values.length; bits++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) if ((bits >> i) & 1) sum += values[i] as number;
    least = Math.min(least, Math.abs(sum - target));
  }
  return least;
}

test('the nearest subset is the nearest of all subsets, and its members add up to its sum', () => {
  const random = stream(1, 'subsets');
  for (let n = 1; n <= 13; n++) {
    const solver = subsetSolver(n);
    for (let list = 0; list < 20; list++) {
      const values = Float64Array.from({ length: n }, () => 2 * random.uniform() - 1);
      solver.load(values);
      for (let k = 0; k < 3; k++) {
        const target = 3 * random.uniform() - 1.5;
        const found = solver.nearest(target);
        assert.ok(Math.abs(found.error - bruteForce(values, target)) < 1e-12, `${n} values`);
        const members = subsetMembers(found, n);
        const sum = members.reduce((total, member, i) => total + (member ? (values[i] as number) : 0), 0);
        assert.ok(Math.abs(sum - found.sum) < 1e-12);
        assert.equal(
          found.size,
          members.reduce((a, b) => a + b, 0),
        );
      }
    }
  }
});

test('equal values, zeros, an exact hit and a target that nothing comes near', () => {
  assert.equal(bestSubset([0.5, 0.5, 0.5, 0.5], 1.5).sum, 1.5);
  assert.equal(bestSubset([0, 0, 0], 0.25).sum, 0);
  assert.deepEqual({ ...bestSubset([1], 0.4) }, { sum: 0, error: 0.4, low: 0, high: 0, size: 0 });
  assert.equal(bestSubset([1, -2, 3], 100).sum, 4);
  assert.equal(bestSubset([1, -2, 3], -100).sum, -2);
});

test('forty values: every power of two finds any whole number', () => {
  const powers = Array.from({ length: 40 }, (_, i) => 2 ** i);
  const { sum, error, low, high } = bestSubset(powers, 0xabcde12345);
  assert.deepEqual([sum, error, low, high], [0xabcde12345, 0, 0x12345, 0xabcde]);
});

test('sizes are checked', () => {
  assert.throws(() => subsetSolver(0), /number of coefficients/);
  assert.throws(() => subsetSolver(41), /at most 40/);
  assert.throws(() => subsetSolver(3).load([1, 2]), /3 values/);
  assert.throws(() => bestSubset([], 0.5), /number of coefficients: expected a whole number of at least 1, found 0/);
});

test('numbers that are none are refused, not carried into sums', () => {
  assert.throws(() => bestSubset([1, Number.NaN], 0.5), /coefficient 2 of 2: expected a finite number, found NaN/);
  assert.throws(() => bestSubset([Number.POSITIVE_INFINITY], 0.5), /coefficient 1 of 1: expected a finite number, found Infinity/);
  assert.throws(() => bestSubset([1, 2], Number.NaN), /target of a subset sum: expected a finite number, found NaN/);
});

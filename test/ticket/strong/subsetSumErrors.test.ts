import assert from 'node:assert/strict';
import test from 'node:test';
import { stream } from '../../../src/random.js';
import { coefficientLaws } from '../../../src/ticket/strong/coefficientLaws.js';
import { subsetSumErrors } from '../../../src/ticket/strong/subsetSumErrors.js';

const middle = (values: Float64Array): number => values[Math.floor(values.length / 2)] as number;
const errorsOf = (law: keyof typeof coefficientLaws, count: number, choice: 'subset' | 'single' = 'subset', trials = 2000): Float64Array =>
  subsetSumErrors({ count, trials, law: coefficientLaws[law], choice, random: stream(3, law, choice, count) });

// An independent NumPy program's medians of 400 trials with one seed, so within 30 % (their own 95 % interval is about +-20 %).
const uniform: readonly [count: number, median: number, near: number][] = [
  [2, 1.3e-1, 0.05],
  [4, 4.6e-2, 0.12],
  [6, 1.8e-2, 0.33],
  [8, 4.4e-3, 0.73],
  [10, 1.2e-3, 0.94],
  [12, 3.6e-4, 0.988],
  [14, 9.5e-5, 0.998],
  [16, 2.6e-5, 1],
  [18, 7.3e-6, 1],
];
for (const [count, median, near] of uniform) {
  test(`uniform coefficients, ${count}: median error and share within 0.01`, () => {
    const errors = errorsOf('uniform', count);
    assert.ok(Math.abs(Math.log(middle(errors) / median)) < 0.3, `${middle(errors)} against ${median}`);
    const share = errors.filter((error) => error <= 0.01).length / errors.length;
    assert.ok(Math.abs(share - near) < 0.07, `${share} against ${near}`);
  });
}

const product: readonly [count: number, median: number][] = [
  [4, 4.1e-2],
  [8, 3.2e-3],
  [12, 1.8e-4],
  [16, 1.5e-5],
];
for (const [count, median] of product) {
  test(`products of two, ${count}: median error`, () => {
    assert.ok(
      Math.abs(Math.log(middle(errorsOf('product', count)) / median)) < 0.35,
      `${middle(errorsOf('product', count))} against ${median}`,
    );
  });
}

test('the best single uniform coefficient has the median 1 - 2^(-1/n), exactly', () => {
  // P(|a - w| > x) = 1 - x for |w| <= 1/2 and x <= 1/2, for each of n independent coefficients.
  for (const count of [2, 6, 12, 24]) {
    const exact = 1 - 2 ** (-1 / count);
    assert.ok(Math.abs(Math.log(middle(errorsOf('uniform', count, 'single', 20_000)) / exact)) < 0.05);
  }
});

test('the laws stay in [-1, 1], on both sides', () => {
  for (const [name, law] of Object.entries(coefficientLaws)) {
    const random = stream(4, name);
    const values = Array.from({ length: 2000 }, () => law.draw(random));
    assert.ok(
      values.every((value) => Math.abs(value) <= 1),
      name,
    );
    const positive = values.filter((value) => value > 0).length / values.length;
    assert.ok(Math.abs(positive - 0.5) < 0.05, name);
  }
  // Density 1/|a| between 0.001 and 1: a third of the magnitudes in each decade.
  const random = stream(5, 'hyperbolic');
  const decade = Array.from({ length: 3000 }, () => Math.floor(Math.log10(Math.abs(coefficientLaws.hyperbolic.draw(random)))));
  for (const d of [-1, -2, -3]) assert.ok(Math.abs(decade.filter((found) => found === d).length / 3000 - 1 / 3) < 0.04, `decade ${d}`);
});

test('a list without coefficients, and no trials, are refused', () => {
  const errors = (more: object) => () =>
    subsetSumErrors({ count: 2, trials: 2, law: coefficientLaws.uniform, choice: 'single', random: stream(1, 'x'), ...more });
  assert.throws(errors({ count: 0 }), /number of coefficients/);
  assert.throws(errors({ trials: 0 }), /number of trials/);
});

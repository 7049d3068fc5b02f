/** Where weights start: moments against their formulas, limits, and a stream for each parameter. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get } from '../../src/array.js';
import type { Architecture, InitialiserName, Layer } from '../../src/model/architecture.js';
import { identity, initialise, initialisers } from '../../src/model/initialise.js';

const dense = (inputs: number, units: number, initialiser?: InitialiserName): Architecture => ({
  name: 'one',
  input: [inputs],
  layers: [{ type: 'dense', name: 'd', units, ...(initialiser && { initialiser }) }],
});
const values = (architecture: Architecture, seed: number, name: InitialiserName, parameter = 'd/kernel'): Float32Array =>
  get(initialise(architecture, seed, name), parameter).values;

function moments(list: Float32Array): { mean: number; std: number; largest: number; fourth: number } {
  const mean = list.reduce((sum, x) => sum + x, 0) / list.length;
  // About 0, which is the mean of all these distributions.
  const variance = list.reduce((sum, x) => sum + x ** 2, 0) / list.length;
  const fourth = list.reduce((sum, x) => sum + x ** 4, 0) / list.length;
  return {
    mean,
    std: Math.sqrt(variance),
    largest: list.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    fourth: fourth / variance ** 2,
  };
}

describe('on 400 x 300 weights', () => {
  // Kurtosis: 3 for a normal distribution, 9/5 for a uniform one. For a normal one cut at two deviations, with p = phi(2) /
  // (Phi(2) - Phi(-2)) = 0.056565: m2 = 1 - 4 p = 0.77374, m4 = 3 m2 - 16 p = 1.41618, and m4 / m2^2 = 2.366.
  const expected: [InitialiserName, number, number, number][] = [
    ['glorotNormal', Math.sqrt(2 / 700), (2 * Math.sqrt(2 / 700)) / 0.8796256610342398, 2.366],
    ['glorotUniform', Math.sqrt(2 / 700), Math.sqrt(6 / 700), 1.8],
    ['heNormal', Math.sqrt(2 / 400), Infinity, 3],
    ['heUniform', Math.sqrt(2 / 400), Math.sqrt(6 / 400), 1.8],
    ['signedConstant', Math.sqrt(2 / 400), Math.sqrt(2 / 400), 1],
  ];
  for (const [name, std, limit, kurtosis] of expected) {
    test(`${name}: mean 0, std, limit and shape of the distribution, within four standard errors`, () => {
      const list = values(dense(400, 300), 5, name);
      const n = list.length;
      const found = moments(list);
      assert.ok(Math.abs(found.mean) < (4 * std) / Math.sqrt(n), `mean ${found.mean}`);
      // Standard error of a standard deviation: std sqrt((kurtosis - 1) / 4n); 1e-6 for rounding where it is 0.
      assert.ok(Math.abs(found.std / std - 1) < 4 * Math.sqrt((kurtosis - 1) / (4 * n)) + 1e-5, `std ${found.std}, expected ${std}`);
      // Standard error of the kurtosis of a normal sample, the largest of these: sqrt(24 / n).
      assert.ok(Math.abs(found.fourth - kurtosis) < 4 * Math.sqrt(24 / n), `kurtosis ${found.fourth}`);
      assert.ok(found.largest <= limit * (1 + 1e-6), `largest ${found.largest}`);
      if (Number.isFinite(limit)) assert.ok(found.largest > 0.99 * limit, 'the limit is reached');
    });
  }
});

test('fans of a convolution count its window: 3 x 3 x 64 inputs, 3 x 3 x 128 outputs', () => {
  const layers: Layer[] = [{ type: 'convolution', name: 'c', filters: 128, size: 3 }];
  const architecture: Architecture = { name: 'one', input: [8, 8, 64], layers };
  const within = 4 / Math.sqrt(2 * 73_728);
  assert.ok(Math.abs(moments(values(architecture, 1, 'heNormal', 'c/kernel')).std / Math.sqrt(2 / 576) - 1) < within);
  assert.ok(Math.abs(moments(values(architecture, 1, 'glorotUniform', 'c/kernel')).std / Math.sqrt(2 / (576 + 1152)) - 1) < within);
});

test('identity: ones from input i to output i, at the centre of a convolution', () => {
  assert.deepEqual([...identity([2, 3])], [1, 0, 0, 0, 1, 0]);
  assert.deepEqual([...identity([3, 2])], [1, 0, 0, 1, 0, 0]);
  const dirac = identity([3, 3, 2, 2]);
  assert.equal(
    dirac.reduce((a, b) => a + b),
    2,
  );
  // Row 1, column 1 of the window: place 4 of 9, four values each.
  assert.deepEqual([...dirac.slice(16, 20)], [1, 0, 0, 1]);
});

test('zeros, and what is not a kernel: biases 0, gamma as declared, statistics 0 and 1', () => {
  const layers: Layer[] = [
    { type: 'dense', name: 'd', units: 2 },
    { type: 'batchNorm', name: 'n', gamma: 0 },
    { type: 'batchNorm', name: 'm' },
  ];
  const found = initialise({ name: 'one', input: [2], layers }, 0, 'zeros');
  const list = Object.fromEntries(Object.entries(found).map(([name, array]) => [name, [...array.values]]));
  assert.deepEqual(list, {
    'd/kernel': [0, 0, 0, 0],
    'd/bias': [0, 0],
    'n/gamma': [0, 0],
    'n/beta': [0, 0],
    'n/mean': [0, 0],
    'n/variance': [1, 1],
    'm/gamma': [1, 1],
    'm/beta': [0, 0],
    'm/mean': [0, 0],
    'm/variance': [1, 1],
  });
});

describe('streams', () => {
  const three = (names: readonly string[]): Architecture => ({
    name: 'n',
    input: [4],
    layers: names.map((name) => ({ type: 'dense', name, units: 4 })),
  });
  test('a layer that is added or left out changes no other start', () => {
    const [a, b] = [initialise(three(['a', 'b', 'c']), 7), initialise(three(['a', 'new', 'c']), 7)];
    assert.deepEqual(a['a/kernel'], b['a/kernel']);
    assert.deepEqual(a['c/kernel'], b['c/kernel']);
    assert.notDeepEqual(a['a/kernel'], a['b/kernel']);
  });
  test('the same seed gives the same weights, another seed others', () => {
    assert.deepEqual(initialise(three(['a']), 7), initialise(three(['a']), 7));
    assert.notDeepEqual(initialise(three(['a']), 7), initialise(three(['a']), 8));
  });
});

test("a layer's own initialiser goes before the network's", () => {
  assert.deepEqual([...values(dense(2, 2, 'identity'), 0, 'heNormal')], [1, 0, 0, 1]);
});

test('an unknown initialiser is refused, with the known ones', () => {
  assert.throws(() => initialise(dense(2, 2), 0, 'henormal' as never), /unknown initialiser: 'henormal'. Did you mean 'heNormal'\?/);
  assert.throws(() => initialise(dense(2, 2), 0, 'toString' as never), /unknown initialiser/);
  assert.ok(Object.keys(initialisers).length >= 7);
});

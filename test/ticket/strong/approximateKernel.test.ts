import assert from 'node:assert/strict';
import test from 'node:test';
import { ndArray } from '../../../src/array.js';
import { stream } from '../../../src/random.js';
import { type ApproximationOptions, approximateKernel } from '../../../src/ticket/strong/approximateKernel.js';

const random = stream(1, 'target');
const target = ndArray(
  [30, 4],
  Float32Array.from({ length: 120 }, () => 0.3 * random.normal()),
);
const options = (more: Partial<ApproximationOptions> = {}): ApproximationOptions => ({
  ...{ count: 12, sharing: 'weight', choice: 'subset', range: [-0.7, 0.7], random: stream(2, 'coefficients') },
  ...more,
});

test('errors are the distances from the target, and fall with the number of coefficients', () => {
  const medians = [4, 8, 12].map((count) => {
    const { kernel, errors } = approximateKernel(target, options({ count }));
    assert.deepEqual(kernel.shape, [30, 4]);
    errors.forEach((error, i) => assert.ok(Math.abs(error - Math.abs((kernel.values[i] as number) - (target.values[i] as number))) < 1e-6));
    return errors.slice().sort()[60] as number;
  });
  assert.ok((medians[0] as number) > 5 * (medians[1] as number) && (medians[1] as number) > 5 * (medians[2] as number), medians.join());
});

test('one coefficient a row: each output unit knows two values, each weight its nearer one', () => {
  const { kernel, kept } = approximateKernel(target, options({ count: 1, sharing: 'row' }));
  for (let unit = 0; unit < 4; unit++) {
    const own = [...kernel.values.filter((_, i) => i % 4 === unit)];
    const [value] = own.filter((v) => v !== 0);
    assert.ok(own.every((v) => v === 0 || v === value));
    own.forEach((v, row) => {
      const wanted = target.values[4 * row + unit] as number;
      assert.equal(v !== 0, Math.abs(wanted - (value as number)) < Math.abs(wanted));
    });
  }
  assert.equal(kept, kernel.values.filter((v) => v !== 0).length);
});

test('of one coefficient, a subset and a single one are the same', () => {
  const [subset, single] = (['subset', 'single'] as const).map((choice) => approximateKernel(target, options({ count: 1, choice })));
  assert.deepEqual(subset, single);
});

test('weights up to the threshold become 0 and keep nothing', () => {
  const { kernel, errors } = approximateKernel(target, options({ threshold: 0.1 }));
  const small = [...target.values].map((w) => Math.abs(w) <= 0.1);
  assert.ok(small.filter(Boolean).length > 20);
  small.forEach((is, i) => {
    if (is) assert.deepEqual([kernel.values[i], errors[i]], [0, Math.abs(target.values[i] as number)]);
  });
  assert.equal(approximateKernel(target, options({ threshold: 10 })).kept, 0);
});

test('an empty range is refused', () => {
  assert.throws(() => approximateKernel(target, options({ range: [0.5, 0.5] })), /ascending/);
  assert.throws(() => approximateKernel(target, options({ range: [0, Number.POSITIVE_INFINITY] })), /range of coefficients.*finite/);
  for (const choice of ['subset', 'single'] as const) {
    const broken = ndArray([1, 2], [0.1, Number.NaN]);
    assert.throws(() => approximateKernel(broken, options({ choice })), /weight to approximate: expected a finite number, found NaN/);
    assert.throws(() => approximateKernel(target, options({ choice, count: 0 })), /at least 1, found 0/);
  }
});

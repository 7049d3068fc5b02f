import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalise } from '../../src/dataset/dataset.js';

const part = { pixels: Uint8Array.of(0, 255, 51, 102, 255, 0), labels: Uint8Array.of(0, 1, 0), count: 3 };
const dataset = {
  name: 'x',
  shape: [1, 1, 2],
  classes: ['a', 'b'],
  mean: [0.5, 0.2],
  std: [0.25, 0.4],
  train: part,
  validation: part,
  test: part,
} as const;

test('normalised is (pixel / 255 - mean) / std, channel by channel', () => {
  // By hand: 51 / 255 = 0.2 and 102 / 255 = 0.4.
  const expected = [(0 - 0.5) / 0.25, (1 - 0.2) / 0.4, (0.2 - 0.5) / 0.25, (0.4 - 0.2) / 0.4, (1 - 0.5) / 0.25, (0 - 0.2) / 0.4];
  assert.deepEqual(normalise(dataset, part), Float32Array.from(expected));
  assert.deepEqual(normalise(dataset, part, 1, 2), Float32Array.from(expected.slice(2, 4)));
  assert.equal(normalise(dataset, part, 3, 3).length, 0);
});

test('a range outside the part is refused', () => {
  assert.throws(() => normalise(dataset, part, 0, 4), { name: 'UserError', message: /within 0 to 3/ });
  assert.throws(() => normalise(dataset, part, 2, 1), { name: 'UserError' });
});

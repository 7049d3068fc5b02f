/** Activations of hidden units against hand-worked values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ndArray } from '../../src/array.js';
import { hiddenActivations, silentUnits } from '../../src/train/hiddenActivations.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

test('relu(x W + b) of two images, by hand', async () => {
  const base = tinyDataset({ shape: [1, 1, 1], classes: 2, train: 2 });
  const dataset = { ...base, mean: [0], std: [1], train: { pixels: Uint8Array.of(0, 255), labels: Uint8Array.of(0, 1), count: 2 } };
  const architecture = {
    name: 'two',
    input: [1, 1, 1],
    layers: [
      { type: 'flatten' },
      { type: 'dense', name: 'dense1', units: 3 },
      { type: 'activation', function: 'relu' },
      { type: 'dense', name: 'output', units: 2 },
    ],
  } as const;
  const weights = {
    'dense1/kernel': ndArray([1, 3], [2, -1, -3]),
    'dense1/bias': ndArray([3], [0.5, -0.25, 1]),
    'output/kernel': ndArray([3, 2], [1, 1, 1, 1, 1, 1]),
    'output/bias': ndArray([2], [0, 0]),
  };
  const found = await hiddenActivations({ architecture, weights, dataset });
  assert.deepEqual([...found.keys()], [2]);
  const activations = found.get(2);
  // Inputs 0 and 1: (0.5, -0.25, 1) and (2.5, -1.25, -2) before the ReLU.
  assert.deepEqual(activations, { shape: [2, 3], values: Float32Array.of(0.5, 0, 1, 2.5, 0, 0) });
  assert.deepEqual(silentUnits(activations as NonNullable<typeof activations>), { silent: 1, units: 3 });
});

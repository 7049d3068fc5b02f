import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mask as maskOf } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { collapse } from '../../src/prune/collapse.js';
import { deadLayers } from '../../src/prune/deadLayers.js';
import { deadUnits } from '../../src/prune/deadUnits.js';

const architecture: Architecture = {
  name: 'small',
  input: [2, 2, 1],
  layers: [
    { type: 'convolution', name: 'conv', filters: 2, size: 1 },
    { type: 'activation', function: 'relu' },
    { type: 'maxPool', size: 2 },
    { type: 'flatten' },
    { type: 'dense', name: 'hidden', units: 3 },
    { type: 'dense', name: 'output', units: 2 },
  ],
};
const masks = (conv: number[], hidden: number[], output: number[]) =>
  maskOf({
    'conv/kernel': { shape: [1, 1, 1, 2], values: conv },
    'hidden/kernel': { shape: [2, 3], values: hidden },
    'output/kernel': { shape: [3, 2], values: output },
  });

test('a dense mask cuts nothing off', () => {
  assert.deepEqual(collapse(architecture, masks([1, 1], Array(6).fill(1), Array(6).fill(1))), {
    deadLayers: [],
    deadUnits: {},
    outputs: { reached: 2, total: 2 },
    brokenAt: null,
  });
});

test('dead units and filters have no kept incoming weight', () => {
  const mask = masks([0, 1], [0, 1, 0, 0, 0, 1], [1, 0, 0, 1, 0, 0]);
  assert.deepEqual(deadUnits(mask), { 'conv/kernel': [0], 'hidden/kernel': [0], 'output/kernel': [] });
  // Filter 1 reaches hidden unit 2 alone, and nothing leaves it; output 1 hangs on unit 1, which hangs on the dead filter.
  assert.deepEqual(collapse(architecture, mask), {
    deadLayers: [],
    deadUnits: { 'conv/kernel': 1, 'hidden/kernel': 1 },
    outputs: { reached: 0, total: 2 },
    brokenAt: 'output',
  });
});

test('a dead layer is named, and where the signal ends', () => {
  const mask = masks([1, 1], Array(6).fill(0), Array(6).fill(1));
  assert.deepEqual(deadLayers(mask), ['hidden/kernel']);
  const found = collapse(architecture, mask);
  assert.deepEqual([found.deadLayers, found.brokenAt, found.deadUnits], [['hidden/kernel'], 'hidden', { 'hidden/kernel': 3 }]);
});

test('one output of two can be cut off without a collapse', () => {
  const found = collapse(architecture, masks([1, 1], Array(6).fill(1), [1, 0, 1, 0, 1, 0]));
  assert.deepEqual([found.outputs, found.brokenAt, found.deadUnits], [{ reached: 1, total: 2 }, null, { 'output/kernel': 1 }]);
});

test('a parameter without values is not dead', () => {
  assert.deepEqual(deadLayers(maskOf({ a: { shape: [0], values: [] }, b: { shape: [1], values: [0] } })), ['b']);
});

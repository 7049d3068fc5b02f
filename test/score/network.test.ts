/** The criteria on a real network, with derivatives from TensorFlow: laws that hold whatever the weights are. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Arrays, copyArrays, get, mapArrays, ndArray, pick } from '../../src/array.js';
import type { Dataset, Examples } from '../../src/dataset/dataset.js';
import { denseMask, density } from '../../src/mask.js';
import type { Architecture, Layer } from '../../src/model/architecture.js';
import { parameters, prunable } from '../../src/model/shapes.js';
import { openTensorflow } from '../../src/model/tensorflow.js';
import { deadLayers } from '../../src/prune/deadLayers.js';
import { hasPath } from '../../src/prune/hasPath.js';
import { synflowPrune } from '../../src/prune/synflowPrune.js';
import { stream } from '../../src/random.js';
import { criteria } from '../../src/score/criteria.js';
import type { Criterion } from '../../src/score/criterion.js';
import { derivatives } from '../../src/train/derivatives.js';
import { evidence } from '../toy/evidence.js';

const relu: Layer = { type: 'activation', function: 'relu' };
const convolutional: Architecture = {
  name: 'convolutional',
  input: [8, 8, 1],
  layers: [
    { type: 'convolution', name: 'c1', filters: 4, size: 3 },
    relu,
    { type: 'maxPool', size: 2 },
    { type: 'convolution', name: 'c2', filters: 6, size: 3, stride: 2 },
    relu,
    { type: 'flatten' },
    { type: 'dense', name: 'd1', units: 12 },
    relu,
    { type: 'dense', name: 'output', units: 3 },
  ],
};
const draws = stream(21, 'network');
const examples = (count: number): Examples => ({
  count,
  pixels: Uint8Array.from({ length: count * 64 }, () => draws.integer(256)),
  labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
});
const dataset: Dataset = {
  name: 'noise',
  shape: [8, 8, 1],
  classes: ['a', 'b', 'c'],
  mean: [0.5],
  std: [0.25],
  train: examples(30),
  validation: examples(3),
  test: examples(3),
};
const mlp: Architecture = {
  name: 'mlp',
  input: [8, 8, 1],
  layers: [{ type: 'flatten' }, { type: 'dense', name: 'd1', units: 12 }, relu, { type: 'dense', name: 'output', units: 3 }],
};
const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);

before(() => openTensorflow());

/** The architecture with random weights, and what criteria may ask of it. */
async function known(of: Architecture) {
  const everything: Arrays = Object.fromEntries(
    parameters(of).map(({ name, shape, fanIn }) => [
      name,
      ndArray(
        shape,
        ndArray(shape).values.map(() => draws.normal() / Math.sqrt(fanIn || 4)),
      ),
    ]),
  );
  const names = prunable(of).map(({ name }) => name);
  const weights = pick(everything, names);
  const found = await derivatives({
    architecture: of,
    weights: everything,
    mask: denseMask(weights),
    dataset,
    examples: 30,
    random: stream(1, 'sample'),
  });
  return { names, weights, derivatives: found, given: evidence(weights, { derivatives: found }) };
}

test('synflow: the scores of each layer sum to the same flow through convolutions, pooling, flatten and dense layers', async () => {
  const { names, given } = await known(convolutional);
  const scores = await criteria.synflow.score(given);
  const flows = names.map((name) => sum(get(scores, name).values));
  for (const flow of flows) assert.ok(flow > 0 && Math.abs(flow / (flows[0] as number) - 1) < 1e-4, flows.join(' '));
});

test('synflowPrune: a hundredth of the weights still joins input and output, and no layer dies', async () => {
  const { given } = await known(convolutional);
  const mask = await synflowPrune(given, { density: 0.01 });
  assert.equal(density(mask).toFixed(2), '0.01');
  assert.deepEqual(deadLayers(mask), []);
  assert.equal(hasPath(convolutional, mask), true);
});

test('snip is |w g|, and taylor its square, with the gradient of the loss', async () => {
  const { names, weights, derivatives, given } = await known(convolutional);
  const gradient = await derivatives.gradient();
  const [snip, taylor] = [await criteria.snip.score(given), await criteria.taylor.score(given)];
  for (const name of names) {
    get(weights, name).values.forEach((w, i) => {
      const product = w * (get(gradient, name).values[i] as number);
      assert.equal(get(snip, name).values[i], Math.fround(Math.abs(product)));
      assert.equal(get(taylor, name).values[i], Math.fround(product * product));
    });
  }
});

// Without kinks, so that differences of gradients are exact to the square of the step.
const smooth: Architecture[] = [
  {
    name: 'smooth dense layers',
    input: [8, 8, 1],
    layers: [
      { type: 'flatten' },
      { type: 'dense', name: 'd1', units: 12 },
      { type: 'activation', function: 'tanh' },
      { type: 'dense', name: 'd2', units: 8 },
      { type: 'activation', function: 'sigmoid' },
      { type: 'dense', name: 'output', units: 3 },
    ],
  },
  {
    name: 'smooth convolutions',
    input: [8, 8, 1],
    layers: [
      { type: 'convolution', name: 'c1', filters: 4, size: 3, stride: 2 },
      { type: 'activation', function: 'tanh' },
      { type: 'averagePool', size: 2 },
      { type: 'flatten' },
      { type: 'dense', name: 'output', units: 3 },
    ],
  },
];
for (const architecture of smooth) {
  test(`grasp, ${architecture.name}: all scores sum to g . H w, the change of the gradient along w`, async () => {
    // H is symmetric, so the sum of w (H g) is g . H w; H w is the central difference of g at w (1 + s) and w (1 - s).
    const { names, weights, derivatives, given } = await known(architecture);
    const at = (scale: number) => derivatives.gradient(mapArrays(weights, (w) => w * scale));
    const [plain, up, down] = [await at(1), await at(1.01), await at(0.99)];
    const dot = (a: Arrays, b: Arrays): number =>
      names.reduce((total, name) => total + get(a, name).values.reduce((t, v, i) => t + v * (get(b, name).values[i] as number), 0), 0);
    const expected = (dot(up, plain) - dot(down, plain)) / 0.02;
    const scores = await criteria.grasp.score(given);
    const found = names.reduce((total, name) => total + sum(get(scores, name).values), 0);
    assert.ok(Math.abs(found - expected) < 0.01 * Math.abs(expected), `${found} and ${expected}`);
  });
}

test('every criterion gives a finite score for each weight of the network, and changes none', async () => {
  const { names, weights, given } = await known(mlp);
  const earlier = copyArrays(weights);
  for (const [name, criterion] of Object.entries(criteria) as [string, Criterion][]) {
    const scores = await criterion.score(given);
    for (const parameter of names) {
      assert.deepEqual(get(scores, parameter).shape, get(weights, parameter).shape, name);
      assert.ok(get(scores, parameter).values.every(Number.isFinite), name);
    }
  }
  assert.deepEqual(weights, earlier);
});

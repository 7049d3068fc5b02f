/** Layers that detectors need: upsampling and heads, by hand and by finite differences; and the detector's architecture. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs';
import type { Architecture, Layer } from '../../src/model/architecture.js';
import { detector, detectorOutputs } from '../../src/model/families/detector.js';
import { architecture } from '../../src/model/families/families.js';
import { forward } from '../../src/model/forward.js';
import { initialise } from '../../src/model/initialise.js';
import { mapNested, nested } from '../../src/model/nested.js';
import { depth, multiplyAdds, outputShape, parameters } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';

await openTensorflow();

const run = (layers: readonly Layer[], x: Tensor, weights: Record<string, Tensor> = {}): Tensor =>
  forward({ name: 'under test', input: x.shape.slice(1), layers }, weights, x);

test('upsampling: each pixel becomes four, image by image and channel by channel', () => {
  const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, 7, 70, 8, 80], [2, 2, 2, 2]);
  const y = run([{ type: 'upsample' }], x);
  assert.deepEqual(y.shape, [2, 4, 4, 2]);
  const first = [1, 10, 1, 10, 2, 20, 2, 20];
  const second = [3, 30, 3, 30, 4, 40, 4, 40];
  assert.deepEqual([...y.dataSync()].slice(0, 32), [...first, ...first, ...second, ...second]);
  assert.deepEqual([...y.dataSync()].slice(32, 40), [5, 50, 5, 50, 6, 60, 6, 60]);
});

test('the gradient of upsampling adds the four pixels up', () => {
  const weight = tf.range(0, 16).reshape([1, 4, 4, 1]);
  const gradient = tf.grad((x: Tensor) => tf.sum(tf.mul(run([{ type: 'upsample' }], x), weight)))(tf.ones([1, 2, 2, 1]));
  assert.deepEqual([...gradient.dataSync()], [0 + 1 + 4 + 5, 2 + 3 + 6 + 7, 8 + 9 + 12 + 13, 10 + 11 + 14 + 15]);
});

test('heads read the same features, and their outputs stand beside one another', () => {
  const head = (name: string, filters: number): { name: string; layers: Layer[] } => ({
    name,
    layers: [{ type: 'convolution', name, filters, size: 1, bias: false }],
  });
  const layers: Layer[] = [{ type: 'heads', heads: [head('a', 1), head('b', 2)] }];
  const weights = { 'a/kernel': tf.tensor4d([2], [1, 1, 1, 1]), 'b/kernel': tf.tensor4d([3, -1], [1, 1, 1, 2]) };
  assert.deepEqual([...run(layers, tf.tensor4d([1, 5], [1, 1, 2, 1]), weights).dataSync()], [2, 3, -1, 10, 15, -5]);
  const network: Architecture = { name: 'two heads', input: [1, 2, 1], layers };
  assert.deepEqual(
    parameters(network).map((p) => p.name),
    ['a/kernel', 'b/kernel'],
  );
  assert.deepEqual([outputShape(network), multiplyAdds(network), depth(network)], [[1, 2, 3], 6, 1]);
});

test('heads stand last, have names, and agree in their places', () => {
  const head = (name: string, stride = 1) => ({
    name,
    layers: [{ type: 'convolution', name: `${name}${stride}`, filters: 1, size: 1, stride } as Layer],
  });
  const network = (layers: Layer[]): Architecture => ({ name: 'n', input: [4, 4, 1], layers });
  const two: Layer = { type: 'heads', heads: [head('a'), head('b')] };
  assert.throws(() => parameters(network([two, { type: 'activation', function: 'relu' }])), /heads of 'n'.*last layer/);
  assert.throws(() => parameters(network([{ type: 'residual', name: 'r', body: [two] }])), /last layer/);
  assert.throws(() => outputShape(network([{ type: 'heads', heads: [head('a'), head('b', 2)] }])), /head 'b'/);
  assert.throws(() => outputShape(network([{ type: 'heads', heads: [head('a'), head('a')] }])), /two named 'a'/);
  assert.throws(() => outputShape(network([{ type: 'heads', heads: [] }])), /at least one/);
});

test('nested lists are found and edited, an absent shortcut stays absent', () => {
  const inner: Layer = { type: 'flatten' };
  const block: Layer = { type: 'residual', name: 'r', body: [inner] };
  assert.deepEqual(nested(block), [[inner], []]);
  assert.deepEqual(
    mapNested(block, () => []),
    { type: 'residual', name: 'r', body: [] },
  );
  assert.deepEqual(
    mapNested({ type: 'heads', heads: [{ name: 'h', layers: [inner] }] }, (layers) => [...layers, inner]),
    {
      type: 'heads',
      heads: [{ name: 'h', layers: [inner, inner] }],
    },
  );
  assert.equal(
    mapNested(inner, () => []),
    inner,
  );
});

test('a detector: outputs at stride 4, module names, the backbone of the classifier', () => {
  const options = { width: 4, categories: 3, prototypes: 2, keypoints: 5 };
  const network = detector('d', [64, 32, 3], options);
  assert.deepEqual(outputShape(network), [16, 8, 3 + 4 + 2 + 2 + 10]);
  assert.deepEqual(detectorOutputs(options), {
    classes: [0, 3],
    boxes: [3, 4],
    prototypes: [7, 2],
    coefficients: [9, 2],
    keypoints: [11, 10],
  });
  assert.deepEqual(new Set(parameters(network).map(({ name }) => name.split('.')[0])), new Set(['backbone', 'neck', 'heads']));
  const own = parameters(architecture('backbone-4', [28, 28, 3], 10)).filter(({ name }) => name.startsWith('backbone.'));
  const shared = new Map(parameters(network).map((p) => [p.name, p.shape]));
  for (const { name, shape } of own) assert.deepEqual(shared.get(name), shape, name);
  assert.equal([...shared.keys()].filter((name) => name.startsWith('backbone.')).length, own.length);
  assert.throws(() => detector('d', [60, 64, 3], options), /16 divides/);
  assert.throws(() => detector('d', [64, 64, 3], { width: 4, categories: 0 }), /categories/);
  // Before training each class has probability 0.05 wherever features are 0.
  const bias = initialise(network, 1)['heads.classes.output/bias']?.values[0] as number;
  assert.ok(Math.abs(1 / (1 + Math.exp(-bias)) - 0.05) < 1e-6);
});

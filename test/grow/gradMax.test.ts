/** GradMax against its own claim: the true gradient of the new weights, by TensorFlow, is as large as it can be. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs';
import { get, type NdArray, ndArray, size } from '../../src/array.js';
import { gradMax, type GradMaxOptions } from '../../src/grow/gradMax.js';
import type { Network } from '../../src/grow/growthOperator.js';
import { singularVectors } from '../../src/model/bases/singularVectors.js';
import type { Architecture, Layer } from '../../src/model/architecture.js';
import { forward } from '../../src/model/forward.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { gradMaxEvidence } from '../../src/train/gradMaxEvidence.js';
import { losses } from '../../src/train/losses.js';
import { architectures, difference, images, outputs, randomNetwork } from './networks.js';

before(() => openTensorflow().then(() => undefined));

const relu: Layer = { type: 'activation', function: 'relu' };
const tanh: Layer = { type: 'activation', function: 'tanh' };
const COUNT = 24;

/** Two kernels in a row with `between` them. */
function dense(between: readonly Layer[]): Architecture {
  const layers: Layer[] = [
    { type: 'flatten' },
    { type: 'dense', name: 'a', units: 5 },
    ...between,
    { type: 'dense', name: 'output', units: 3 },
  ];
  return { name: 'dense', input: [2, 4, 1], layers };
}

function convolutional(between: readonly Layer[], stride = 1): Architecture {
  const layers: Layer[] = [
    { type: 'convolution', name: 'a', filters: 4, size: 3, stride },
    ...between,
    { type: 'convolution', name: 'b', filters: 5, size: 3, stride: 2, padding: 'valid' },
    relu,
    { type: 'globalAveragePool' },
    { type: 'dense', name: 'output', units: 3 },
  ];
  return { name: 'convolutional', input: [7, 7, 2], layers };
}

function dataOf(architecture: Architecture): { images: NdArray; labels: number[] } {
  return {
    images: ndArray([COUNT, ...architecture.input], images(architecture, COUNT)),
    labels: Array.from({ length: COUNT }, (_, i) => i % 3),
  };
}

/** Squared norm of the gradient of a kernel's entries that belong to units from `first` on. */
function gradientSquare({ architecture, weights }: Network, kernel: string, first: number, side: 'in' | 'out'): number {
  const data = dataOf(architecture);
  return tf.tidy(() => {
    const tensors = Object.fromEntries(Object.entries(weights).map(([name, a]) => [name, tf.tensor(a.values, [...a.shape])]));
    const x = tf.tensor(data.images.values, [...data.images.shape]);
    const labels = tf.tensor1d(data.labels, 'int32');
    const lossOf = (w: Tensor) => losses.crossEntropy({ logits: forward(architecture, { ...tensors, [kernel]: w }, x), labels });
    const gradient = tf.grad(lossOf)(tensors[kernel] as Tensor);
    const [inputs, units] = gradient.shape.slice(-2) as [number, number];
    return (gradient.dataSync() as Float32Array).reduce((sum, g, i) => {
      const unit = side === 'out' ? i % units : Math.floor(i / units) % inputs;
      return unit >= first ? sum + g * g : sum;
    }, 0);
  });
}

/** The same network with the new units' other side at random directions of the same norm. */
function scrambled(network: Network, kernel: string, first: number, side: 'in' | 'out', norm: number, seed: number): Network {
  const random = stream(seed, 'direction');
  const { shape, values } = get(network.weights, kernel);
  const [inputs, units] = shape.slice(-2) as [number, number];
  const unitOf = (i: number) => (side === 'out' ? i % units : Math.floor(i / units) % inputs);
  const drawn = values.map((w, i) => (unitOf(i) < first ? w : random.normal()));
  const squares = new Map<number, number>();
  for (const [i, w] of drawn.entries()) squares.set(unitOf(i), (squares.get(unitOf(i)) ?? 0) + w * w);
  const scaled = drawn.map((w, i) => (unitOf(i) < first ? w : (w * norm) / Math.sqrt(squares.get(unitOf(i)) as number)));
  return { ...network, weights: { ...network.weights, [kernel]: { shape, values: scaled } } };
}

const settings: { name: string; architecture: Architecture; next: string; zero: 'incoming' | 'outgoing'; exact: boolean }[] = [
  { name: 'dense, linear, outgoing 0', architecture: dense([]), next: 'output', zero: 'outgoing', exact: true },
  { name: 'dense, linear, incoming 0', architecture: dense([]), next: 'output', zero: 'incoming', exact: true },
  { name: 'dense, tanh, incoming 0', architecture: dense([tanh]), next: 'output', zero: 'incoming', exact: true },
  { name: 'convolutions with stride, linear, outgoing 0', architecture: convolutional([]), next: 'b', zero: 'outgoing', exact: true },
  {
    name: 'convolutions with two strides, linear, incoming 0',
    architecture: convolutional([], 2),
    next: 'b',
    zero: 'incoming',
    exact: true,
  },
  { name: 'convolutions, tanh, incoming 0', architecture: convolutional([tanh]), next: 'b', zero: 'incoming', exact: true },
  { name: 'dense, ReLU, outgoing 0', architecture: dense([relu]), next: 'output', zero: 'outgoing', exact: false },
  { name: 'convolutions, ReLU, outgoing 0', architecture: convolutional([relu]), next: 'b', zero: 'outgoing', exact: false },
];

for (const { name, architecture, next, zero, exact } of settings) {
  test(`${name}: the gradient is what the singular values say, and no random direction has a larger one`, async () => {
    const network = randomNetwork(architecture, 0.8);
    const crossCovariance = gradMaxEvidence({ architecture, weights: network.weights, ...dataOf(architecture), layer: 'a', next });
    const [rows, columns] = crossCovariance.shape as [number, number];
    const options: GradMaxOptions = { layer: 'a', count: 2, crossCovariance, zero, norm: 0.7 };
    const grown = gradMax.grow(network, options, stream(1, 'grow'));
    const pixels = images(architecture);
    assert.ok(difference(await outputs(network, pixels), await outputs(grown, pixels)) < 1e-6);

    const first = get(network.weights, 'a/bias').values.length;
    const [still, drawn] = zero === 'outgoing' ? ([`${next}/kernel`, 'a/kernel'] as const) : (['a/kernel', `${next}/kernel`] as const);
    const [stillSide, drawnSide] = zero === 'outgoing' ? (['in', 'out'] as const) : (['out', 'in'] as const);
    const reached = gradientSquare(grown, still, first, stillSide);
    const others = Array.from({ length: 30 }, (_, seed) =>
      gradientSquare(scrambled(grown, drawn, first, drawnSide, 0.7, seed), still, first, stillSide),
    );
    if (exact) {
      const { values } = singularVectors(crossCovariance.values, rows, columns);
      const expected = 0.7 ** 2 * ((values[0] as number) ** 2 + (values[1] as number) ** 2);
      assert.ok(Math.abs(reached / expected - 1) < 1e-4, `${reached} and ${expected}`);
      // Each random unit alone is below the first singular vector, so two of them are below twice that.
      for (const other of others) assert.ok(other <= 2 * 0.7 ** 2 * (values[0] as number) ** 2 * (1 + 1e-5));
    }
    const mean = others.reduce((sum, g) => sum + g, 0) / others.length;
    assert.ok(reached > mean, `${reached} and ${mean} on average`);
    if (exact) {
      const alone = gradMax.grow(network, { ...options, count: 1 }, stream(1, 'grow'));
      const one = gradientSquare(alone, still, first, stillSide);
      for (let seed = 0; seed < 30; seed++) {
        const other = gradientSquare(scrambled(alone, drawn, first, drawnSide, 0.7, seed), still, first, stillSide);
        assert.ok(other <= one * (1 + 1e-5), `${other} at random, ${one} by GradMax`);
      }
    }
  });
}

test('the evidence of a block inside a ResNet has the shape that gradMax wants', async () => {
  const network = randomNetwork(architectures.resnet8, 0.5);
  const given = { images: ndArray([4, 8, 8, 3], images(architectures.resnet8, 4)), labels: [0, 1, 2, 3], weights: network.weights };
  const [layer, next] = ['stage2.block1.conv1', 'stage2.block1.conv2'];
  const crossCovariance = gradMaxEvidence({ architecture: network.architecture, ...given, layer, next });
  assert.deepEqual(crossCovariance.shape, [9 * 8, 9 * 4]);
  const grown = gradMax.grow(network, { layer, count: 3, crossCovariance }, stream(1, 'grow'));
  assert.equal(get(grown.weights, `${layer}/kernel`).shape[3], 11);
  const norm = (unit: number) =>
    Math.sqrt(get(grown.weights, `${layer}/kernel`).values.reduce((sum, w, i) => (i % 11 === unit ? sum + w * w : sum), 0));
  const old = [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, unit) => sum + norm(unit), 0) / 8;
  for (const unit of [8, 9, 10]) assert.ok(Math.abs(norm(unit) / old - 1) < 1e-5, 'the mean norm of the old filters');
  const tensors = tf.memory().numTensors;
  gradMaxEvidence({ architecture: network.architecture, ...given, layer, next });
  assert.equal(tf.memory().numTensors, tensors);
});

test('what GradMax cannot do is said', () => {
  const network = randomNetwork(architectures.mlp, 0.5);
  const crossCovariance = ndArray([9, 16], new Float32Array(144).fill(1));
  const options = { layer: 'dense1', count: 1, crossCovariance };
  const grow = (more: Partial<GradMaxOptions>) => gradMax.grow(network, { ...options, ...more }, stream(1, 'grow'));
  assert.throws(() => grow({ zero: 'incoming' }), /before relu: they would stay 0; use zero: 'outgoing'/);
  assert.throws(() => grow({ count: 2 }), /at most 1, the rank of crossCovariance, found 2/);
  assert.throws(() => grow({ layer: 'output' }), /invalid layer for gradMax/);
  assert.throws(() => grow({ layer: 'dense9' }), /unknown layer of 'mlp-12-9': 'dense9'/);
  assert.throws(() => grow({ crossCovariance: ndArray([2, 2]) }), /expected shape \[9, 16\], found \[2,2\]/);
  assert.throws(() => grow({ norm: 0 }), /norm of new units/);
  const conv2 = randomNetwork(architectures.conv2, 1);
  assert.throws(() => gradMax.grow(conv2, { ...options, layer: 'conv2' }, stream(1, 'grow')), /invalid layer for gradMax/);
  const pictures = ndArray([2, 4, 4, 1], images(architectures.mlp, 2));
  assert.throws(
    () =>
      gradMaxEvidence({
        architecture: architectures.mlp,
        weights: network.weights,
        images: pictures,
        labels: [0, 1],
        layer: 'dense1',
        next: 'nowhere',
      }),
    /needs two dense layers or two convolutions, 'nowhere' after 'dense1'/,
  );
  assert.equal(size(crossCovariance.shape), 144);
});

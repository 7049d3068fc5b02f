/**
 * Forward passes against numbers worked out by hand and, where marked, against PyTorch 2.15 on a processor in double precision.
 * Inputs there are waves, a sin(s (i + 1)), in this project's order [batch, height, width, channels], kernels [h, w, in, out].
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs';
import { size } from '../../src/array.js';
import type { Architecture, Layer, Residual } from '../../src/model/architecture.js';
import { basicBlock } from '../../src/model/families/resnet.js';
import { forward, type ForwardOptions } from '../../src/model/forward.js';
import { parameters } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';

await openTensorflow();

const wave = (count: number, a = 1, s = 1): number[] => Array.from({ length: count }, (_, i) => a * Math.sin(s * (i + 1)));

/** Output of layers for one batch, as [shape, values]. */
function run(layers: readonly Layer[], x: Tensor, weights: Record<string, number[]> = {}, options: ForwardOptions = {}): Tensor {
  const architecture: Architecture = { name: 'under test', input: x.shape.slice(1), layers };
  const tensors = Object.fromEntries(parameters(architecture).map((p) => [p.name, tf.tensor(weights[p.name] as number[], [...p.shape])]));
  return forward(architecture, tensors, x, options);
}

function near(found: Tensor | undefined, shape: readonly number[], expected: readonly number[], within = 2e-6): void {
  assert.deepEqual(found?.shape, shape);
  const values = [...(found as Tensor).dataSync()];
  for (const [i, value] of values.entries())
    assert.ok(Math.abs(value - (expected[i] as number)) < within, `at ${i}: ${value}, expected ${expected[i]}; all ${values}`);
}

const convolution = (layer: Partial<Extract<Layer, { type: 'convolution' }>>): Layer => ({
  type: 'convolution',
  name: 'c',
  filters: 2,
  size: 3,
  bias: false,
  ...layer,
});

test('dense: x W + b by hand', () => {
  // (1, 2) ((1, 2, 3), (4, 5, 6)) = (9, 12, 15)
  const layer: Layer = { type: 'dense', name: 'd', units: 3 };
  near(run([layer], tf.tensor2d([[1, 2]]), { 'd/kernel': [1, 2, 3, 4, 5, 6], 'd/bias': [0.5, 0, -1] }), [1, 3], [9.5, 12, 14]);
});

test('activations by hand', () => {
  const x = tf.tensor2d([[-1, 0, 2]]);
  near(run([{ type: 'activation', function: 'relu' }], x), [1, 3], [0, 0, 2]);
  near(run([{ type: 'activation', function: 'tanh' }], x), [1, 3], [-0.761594, 0, 0.964028]);
  near(run([{ type: 'activation', function: 'sigmoid' }], x), [1, 3], [0.268941, 0.5, 0.880797]);
});

describe('convolution', () => {
  test('by hand: a kernel of ones sums its window, and same pads with zeros', () => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
    const weights = { 'c/kernel': Array(9).fill(1), 'c/bias': [10] };
    const layer = { filters: 1, bias: true };
    near(run([convolution({ ...layer, padding: 'valid' })], x, weights), [1, 1, 1, 1], [55]);
    near(run([convolution(layer)], x, weights), [1, 3, 3, 1], [22, 31, 26, 37, 55, 43, 34, 49, 38]);
  });

  const x = tf.tensor4d(wave(50), [1, 5, 5, 2]);
  const weights = { 'c/kernel': wave(36, 0.5, 0.7) };
  test('valid, PyTorch', () => {
    const expected = [
      0.348017, 1.139781, -0.484975, -0.13408, 0.055625, -1.028188, -0.088504, -1.159917, 0.494396, 0.761037, -0.322979, 0.526511,
      -0.199494, 0.806726, -0.344692, -1.143049, 0.48638, 0.144626,
    ];
    near(run([convolution({ padding: 'valid' })], x, weights), [1, 3, 3, 2], expected);
  });
  test('valid, stride 2, PyTorch', () => {
    const expected = [0.348017, 1.139781, 0.055625, -1.028188, -0.199494, 0.806726, 0.48638, 0.144626];
    near(run([convolution({ padding: 'valid', stride: 2 })], x, weights), [1, 2, 2, 2], expected);
  });
  test('same, PyTorch: the first corner, and the sum of each channel', () => {
    const y = run([convolution({})], x, weights);
    near(
      tf.slice(y, [0, 0, 0, 0], [1, 2, 2, 2]),
      [1, 2, 2, 2],
      [-0.805757, 0.339234, -0.295719, -1.220522, 0.211424, -0.856742, 0.348017, 1.139781],
    );
    near(tf.sum(y, [1, 2]), [1, 2], [-0.61575, -0.635207], 1e-5);
  });
  test('same, stride 2, odd side, PyTorch with padding 1', () => {
    const expected = [
      -0.805757, 0.339234, 1.400891, 0.83254, 0.015629, -0.951398, -0.239855, 0.703053, 0.494396, 0.761037, -0.294039, -1.210629, -0.543122,
      -0.033975, 1.351186, 1.960554, -0.049869, -0.715144,
    ];
    near(run([convolution({ stride: 2 })], x, weights), [1, 3, 3, 2], expected);
  });
  test('same, stride 2, even side: TensorFlow pads below and to the right only, PyTorch with that padding', () => {
    // PyTorch's own padding = 1 puts the windows one pixel further up and left, and gives 0.981329 first.
    const expected = [1.570913, -0.648722, -2.655131, -2.241541, -1.759194, -0.542844, 1.497124, 1.937026];
    near(run([convolution({ stride: 2 })], tf.tensor4d(wave(32), [1, 4, 4, 2]), weights), [1, 2, 2, 2], expected);
  });
});

describe('pooling', () => {
  const small = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  test('by hand: windows that touch leave the last row and column out, or keep them', () => {
    near(run([{ type: 'maxPool', size: 2 }], small), [1, 1, 1, 1], [5]);
    near(run([{ type: 'averagePool', size: 2 }], small), [1, 1, 1, 1], [3]);
    near(run([{ type: 'maxPool', size: 2, padding: 'same' }], small), [1, 2, 2, 1], [5, 6, 8, 9]);
    // The mean of the pixels that are there: (1+2+4+5)/4, (3+6)/2, (7+8)/2, 9.
    near(run([{ type: 'averagePool', size: 2, padding: 'same' }], small), [1, 2, 2, 1], [3, 4.5, 7.5, 9]);
    near(run([{ type: 'globalAveragePool' }], small), [1, 1], [5]);
  });
  const x = tf.tensor4d(wave(50), [1, 5, 5, 2]);
  test('windows of 3 at stride 2, PyTorch', () => {
    near(
      run([{ type: 'maxPool', size: 3, stride: 2 }], x),
      [1, 2, 2, 2],
      [0.841471, 0.990607, 0.956376, 0.989358, 0.999912, 0.901788, 0.963795, 0.901788],
    );
    const means = [-0.005309, -0.012518, 0.012149, 0.00949, -0.012635, -0.006686, 0.008132, -0.003745];
    near(run([{ type: 'averagePool', size: 3, stride: 2 }], x), [1, 2, 2, 2], means);
  });
  test('windows of 3 at stride 2, same, PyTorch with padding 1, padding not counted', () => {
    const means = [
      0.100692, 0.151632, -0.008627, -0.015857, 0.064396, 0.151824, 0.001081, 0.103352, 0.001672, -0.009636, -0.033087, 0.081052, -0.098631,
      0.045422, 0.011815, -0.002515, -0.127481, 0.002713,
    ];
    near(run([{ type: 'averagePool', size: 3, stride: 2, padding: 'same' }], x), [1, 3, 3, 2], means);
    const largest = [
      0.841471, 0.990607, 0.656987, 0.990607, 0.656987, 0.989358, 0.999912, 0.990607, 0.999912, 0.990607, 0.963795, 0.912945, 0.999912,
      0.551427, 0.999912, 0.901788, 0.963795, 0.745113,
    ];
    near(run([{ type: 'maxPool', size: 3, stride: 2, padding: 'same' }], x), [1, 3, 3, 2], largest);
  });
});

describe('BatchNorm', () => {
  const x = tf.tensor4d(wave(16), [2, 2, 2, 2]);
  const weights = { 'n/gamma': [1.5, -0.5], 'n/beta': [0.25, 1], 'n/mean': [0.5, -0.25], 'n/variance': [2, 0.5] };
  const layer: Layer = { type: 'batchNorm', name: 'n' };
  test('in evaluation: running statistics, PyTorch', () => {
    const expected = [
      0.612184, 0.180261, -0.130649, 1.35836, -1.297419, 1.0208, 0.416509, 0.12365, 0.156788, 1.207902, -1.340976, 1.202636, 0.165325,
      0.122767, 0.409404, 1.026801,
    ];
    near(run([layer], x, weights), [2, 2, 2, 2], expected);
  });
  const trained = [
    1.789581, 0.405426, 0.240523, 1.572606, -2.192588, 1.238175, 1.381533, 0.34934, 0.839926, 1.423543, -2.283419, 1.418325, 0.857728,
    0.348465, 1.366716, 1.244121,
  ];
  test('in training: statistics of the batch; running ones move by a tenth, variance with n / (n - 1), PyTorch', () => {
    const statistics: Record<string, Tensor> = {};
    near(run([layer], x, weights, { training: true, statistics }), [2, 2, 2, 2], trained, 5e-6);
    near(statistics['n/mean'], [2], [0.46454, -0.218943]);
    near(statistics['n/variance'], [2], [1.852561, 0.508217]);
  });
  test('plain operations for second derivatives give the same', () => {
    const statistics: Record<string, Tensor> = {};
    near(run([layer], x, weights, { training: true, statistics, secondOrder: true }), [2, 2, 2, 2], trained, 5e-6);
    near(statistics['n/variance'], [2], [1.852561, 0.508217]);
  });
  test('on features, by hand: mean 2, variance 2/3, with Bessel 1', () => {
    const statistics: Record<string, Tensor> = {};
    const y = run(
      [{ ...layer, affine: false }],
      tf.tensor2d([[1], [2], [3]]),
      { 'n/mean': [0], 'n/variance': [1] },
      { training: true, statistics },
    );
    near(y, [3, 1], [-1.224736, 0, 1.224736], 1e-5);
    near(statistics['n/mean'], [1], [0.2]);
    near(statistics['n/variance'], [1], [1]);
  });
});

describe('residual block', () => {
  test('by hand: body + x, and body + shortcut', () => {
    const dense = (name: string): Layer => ({ type: 'dense', name, units: 2, bias: false });
    const block: Residual = { type: 'residual', name: 'r', body: [dense('a')] };
    const x = tf.tensor2d([[1, 2]]);
    // (1, 2) ((1, 2), (3, 4)) = (7, 10)
    near(run([block], x, { 'a/kernel': [1, 2, 3, 4] }), [1, 2], [8, 12]);
    near(run([{ ...block, shortcut: [dense('b')] }], x, { 'a/kernel': [1, 2, 3, 4], 'b/kernel': [0, 1, 1, 0] }), [1, 2], [9, 11]);
  });

  test('a network of convolution, BatchNorm, a block of stride 2 with its shortcut, pooling and a dense layer, PyTorch', () => {
    const layers: Layer[] = [
      convolution({ filters: 3 }),
      { type: 'batchNorm', name: 'n', affine: false },
      { type: 'activation', function: 'relu' },
      basicBlock('block', 3, 4, 2),
      { type: 'activation', function: 'relu' },
      { type: 'globalAveragePool' },
      { type: 'dense', name: 'output', units: 2 },
    ];
    const weights: Record<string, number[]> = {
      'c/kernel': wave(54, 0.5, 0.7),
      'block.conv1/kernel': wave(108, 0.4, 0.9),
      'block.conv2/kernel': wave(144, 0.3, 1.1),
      'block.shortcut/kernel': wave(12, 0.6, 1.3),
      'output/kernel': wave(8, 1, 0.5),
      'output/bias': [0.1, -0.2],
    };
    for (const name of ['n', 'block.norm1', 'block.norm2', 'block.shortcutNorm']) {
      const count = name === 'n' ? 3 : 4;
      Object.assign(weights, { [`${name}/mean`]: Array(count).fill(0), [`${name}/variance`]: Array(count).fill(1) });
      Object.assign(weights, { [`${name}/gamma`]: Array(count).fill(1), [`${name}/beta`]: Array(count).fill(0) });
    }
    const x = tf.tensor4d(wave(size([2, 4, 4, 2])), [2, 4, 4, 2]);
    for (const secondOrder of [false, true]) {
      near(run(layers, x, weights, { training: true, secondOrder }), [2, 2], [1.780978, 1.171275, 0.701473, 0.167529], 2e-5);
    }
  });
});

test('flatten goes row by row, channels last; select takes features in the given order', () => {
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);
  near(run([{ type: 'flatten' }, { type: 'select', name: 's', indices: [7, 0, 0, 3] }], x), [1, 4], [8, 1, 1, 4]);
});

test('dropout: off in evaluation; in training it drops where noise is below the rate, and scales the others up', () => {
  const x = tf.tensor2d([[1, 2, 3, 4]]);
  const layer: Layer = { type: 'dropout', rate: 0.2 };
  near(run([layer], x), [1, 4], [1, 2, 3, 4]);
  near(run([layer], x, {}, { training: true, noise: () => tf.tensor2d([[0, 0.19, 0.2, 0.9]]) }), [1, 4], [0, 0, 3.75, 5]);
  assert.throws(() => run([layer], x, {}, { training: true }), /missing noise for dropout/);
});

test('a missing weight is named', () => {
  const architecture: Architecture = { name: 'net', input: [2], layers: [{ type: 'dense', name: 'd', units: 1 }] };
  assert.throws(
    () => forward(architecture, { other: tf.scalar(1) }, tf.ones([1, 2])),
    /missing weight 'd\/kernel' of 'net'; there are: other/,
  );
});

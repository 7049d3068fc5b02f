/**
 * The operations of training on WebAssembly, with the kernels that neoteny gives it, against those of TensorFlow.js's plain JavaScript backend (written by others,
 * by plain loops) and against values worked by hand.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type * as TF from '@tensorflow/tfjs';
import { openPortable } from '../../../src/model/portable/openPortable.js';
import { stream } from '../../../src/random.js';

let tf: typeof TF;
let listeners: number;

before(async () => {
  listeners = process.listenerCount('uncaughtException');
  const portable = await openPortable('wasm');
  assert.equal(portable.backend, 'wasm');
  tf = portable.tf;
});

function values(shape: readonly number[], purpose: string): Float32Array {
  const random = stream(1, purpose);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform() * 2 - 1);
}

/** f itself, and the gradients of sum(f * weights) by each input, on one backend. */
async function valueAndGradients(
  backend: string,
  shapes: readonly (readonly number[])[],
  f: (...x: TF.Tensor[]) => TF.Tensor,
): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tf.tensor(values(shape, `input ${i}`), [...shape]));
    const weighted = (...x: TF.Tensor[]): TF.Scalar => {
      const y = f(...x);
      return tf.sum(tf.mul(y, tf.tensor(values(y.shape, 'weights'), y.shape))) as TF.Scalar;
    };
    return [f(...inputs), ...tf.grads(weighted)(inputs)].map((tensor) => Float32Array.from(tensor.dataSync()));
  });
}

async function agree(shapes: readonly (readonly number[])[], f: (...x: TF.Tensor[]) => TF.Tensor): Promise<void> {
  const [plain, wasm] = [await valueAndGradients('cpu', shapes, f), await valueAndGradients('wasm', shapes, f)];
  plain.forEach((expected, i) => {
    const found = wasm[i] as Float32Array;
    assert.equal(found.length, expected.length);
    assert.ok(
      expected.some((v) => Math.abs(v) > 0.01),
      'not all zero',
    );
    for (const [k, v] of expected.entries())
      assert.ok(
        Math.abs(v - (found[k] as number)) < 1e-4,
        `${i === 0 ? 'result' : `gradient ${i}`}, value ${k}: ${found[k]} on wasm, ${v} on cpu`,
      );
  });
}

for (const stride of [1, 2, 3]) {
  for (const pad of ['same', 'valid'] as const) {
    for (const [height, width, size] of [
      [8, 7, 3],
      [9, 9, 5],
      [6, 6, 1],
      [7, 5, 2],
    ] as const) {
      test(`convolution ${size}x${size}, stride ${stride}, ${pad}, on ${height}x${width}`, () =>
        agree(
          [
            [3, height, width, 2],
            [size, size, 2, 4],
          ],
          (x, w) => tf.conv2d(x as TF.Tensor4D, w as TF.Tensor4D, stride, pad),
        ));
      test(`depthwise ${size}x${size}, stride ${stride}, ${pad}, on ${height}x${width}`, () =>
        agree(
          [
            [2, height, width, 3],
            [size, size, 3, 2],
          ],
          (x, w) => tf.depthwiseConv2d(x as TF.Tensor4D, w as TF.Tensor4D, stride, pad),
        ));
    }
  }
}

const ONE_INPUT: Readonly<Record<string, (x: TF.Tensor) => TF.Tensor>> = {
  relu: (x) => tf.relu(x),
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  softplus: (x) => tf.softplus(x),
  elu: (x) => tf.elu(x),
  leakyRelu: (x) => tf.leakyRelu(x, 0.1),
  abs: (x) => tf.abs(x),
  exp: (x) => tf.exp(x),
  square: (x) => tf.square(x),
  'square root': (x) => tf.sqrt(tf.add(tf.square(x), 0.1)),
  logarithm: (x) => tf.log(tf.add(tf.square(x), 0.1)),
  clip: (x) => tf.clipByValue(x, -0.5, 0.5),
  'mean over space': (x) => tf.mean(x, [1, 2]),
  'sum over the last axis': (x) => tf.sum(x, -1),
  'maximum over the last axis': (x) => tf.max(x, -1),
  transpose: (x) => tf.transpose(x, [3, 0, 2, 1]),
  pad: (x) =>
    tf.pad(x, [
      [0, 0],
      [1, 2],
      [2, 1],
      [0, 0],
    ]),
  slice: (x) => tf.slice(x, [0, 1, 2, 0], [2, 3, 2, 3]),
  concatenation: (x) => tf.concat([x, tf.square(x)], 3),
  tile: (x) => tf.tile(x, [1, 2, 1, 2]),
  // One image: from the second on the plain JavaScript of tfjs-backend-cpu 4.22 is wrong (native and WebAssembly agree there).
  'nearest upsampling': (x) => tf.image.resizeNearestNeighbor(tf.slice(x, [0, 0, 0, 0], [1, 6, 6, 3]) as TF.Tensor4D, [12, 12]),
  'bilinear upsampling': (x) => tf.image.resizeBilinear(x as TF.Tensor4D, [12, 12]),
  'max pooling 2, valid': (x) => tf.maxPool(x as TF.Tensor4D, 2, 2, 'valid'),
  'max pooling 3 by 2, same': (x) => tf.maxPool(x as TF.Tensor4D, 3, 2, 'same'),
  'max pooling 3 by 1, same': (x) => tf.maxPool(x as TF.Tensor4D, 3, 1, 'same'),
  'max pooling of negative values': (x) => tf.maxPool(tf.sub(x, 5) as TF.Tensor4D, 2, 2, 'valid'),
  'average pooling 2, valid': (x) => tf.avgPool(x as TF.Tensor4D, 2, 2, 'valid'),
  'average pooling 3 by 2, same': (x) => tf.avgPool(x as TF.Tensor4D, 3, 2, 'same'),
  'cross entropy': (x) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([0, 2, 1, 0, 0, 2], 'int32'), 36), tf.reshape(x, [6, 36])),
  'batch statistics': (x) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
  },
};

for (const [name, f] of Object.entries(ONE_INPUT)) test(`${name}`, () => agree([[2, 6, 6, 3]], f));

const TWO_INPUTS: Readonly<Record<string, readonly [readonly number[], readonly number[], (a: TF.Tensor, b: TF.Tensor) => TF.Tensor]>> = {
  'matrix product': [[5, 7], [7, 3], (a, b) => tf.matMul(a as TF.Tensor2D, b as TF.Tensor2D)],
  'matrix product, transposed': [[7, 5], [3, 7], (a, b) => tf.matMul(a as TF.Tensor2D, b as TF.Tensor2D, true, true)],
  'batched matrix product': [[2, 5, 4], [2, 4, 3], (a, b) => tf.matMul(a as TF.Tensor3D, b as TF.Tensor3D)],
  'sum with a bias': [[2, 3, 3, 4], [4], (a, b) => tf.add(a, b)],
  'product with a mask': [[4, 5], [4, 5], (a, b) => tf.mul(a, b)],
  quotient: [[4, 5], [5], (a, b) => tf.div(a, tf.add(tf.square(b), 0.5))],
  maximum: [[4, 5], [4, 5], (a, b) => tf.maximum(a, b)],
  minimum: [[4, 5], [4, 5], (a, b) => tf.minimum(a, b)],
  choice: [[4, 5], [4, 5], (a, b) => tf.where(tf.tensor2d(values([4, 5], 'choice'), [4, 5]).greater(0), tf.square(a), b)],
  'batch normalisation': [
    [2, 3, 3, 4],
    [4],
    (x, gamma) => tf.batchNorm(x, tf.fill([4], 0.2), tf.fill([4], 0.7), tf.fill([4], 0.1), gamma as TF.Tensor1D),
  ],
};

for (const [name, [a, b, f]] of Object.entries(TWO_INPUTS)) test(`${name}`, () => agree([a, b], f as (...x: TF.Tensor[]) => TF.Tensor));

test('gather, on matrices and vectors, with rows taken twice and never', async () => {
  const rows = [2, 0, 2, 3];
  await agree([[5, 3]], (x) => tf.gather(x, tf.tensor1d(rows, 'int32')));
  await agree([[5]], (x) => tf.gather(x, tf.tensor1d(rows, 'int32')));
});

test('segment sums worked by hand', async () => {
  await tf.setBackend('wasm');
  const x = tf.tensor2d([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ]);
  // Rows 0 and 2 to segment 1, row 1 to segment 0, row 3 nowhere; segment 2 stays empty.
  const sums = tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1, -1], 'int32'), 3);
  assert.deepEqual(await sums.array(), [
    [3, 4],
    [6, 8],
    [0, 0],
  ]);
});

test('filter gradient worked by hand: 2x2 input, 1x1 filter', async () => {
  await tf.setBackend('wasm');
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const gradient = tf.grad((w) => tf.conv2d(x, w as TF.Tensor4D, 1, 'valid'))(tf.ones([1, 1, 1, 1]));
  assert.deepEqual([...gradient.dataSync()], [1 + 2 + 3 + 4]);
});

test('gradient of max pooling worked by hand, in a window without a positive value', async () => {
  await tf.setBackend('wasm');
  const x = tf.tensor4d([-3, -1, -2, -4], [1, 2, 2, 1]);
  const gradient = tf.grad((v) => tf.mul(tf.maxPool(v as TF.Tensor4D, 2, 2, 'valid'), 7))(x);
  assert.deepEqual([...gradient.dataSync()], [0, 7, 0, 0]);
});

test('opening it leaves what the process does on an uncaught error as it was', () => {
  assert.equal(process.listenerCount('uncaughtException'), listeners);
});

test('the added kernels leave no tensor behind', async () => {
  const run = (): Promise<Float32Array[]> =>
    valueAndGradients(
      'wasm',
      [
        [2, 6, 6, 2],
        [3, 3, 2, 2],
      ],
      (x, w) => tf.conv2d(x as TF.Tensor4D, w as TF.Tensor4D, 2, 'same'),
    );
  await run();
  const before = tf.memory().numTensors;
  for (let i = 0; i < 5; i++) await run();
  assert.equal(tf.memory().numTensors, before);
});

/** Operations that can be differentiated twice have the values and first derivatives of TensorFlow.js's own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { gather } from '../../src/model/gather.js';
import * as twice from '../../src/model/secondOrder.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';

const backend = await openTensorflow();

function random(shape: number[], ...purpose: (string | number)[]): Tensor {
  const draws = stream(31, ...purpose);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draws.normal()),
    shape,
  );
}

/** Values and gradients by each input, for a random weighting of the outputs. */
function evaluated(f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]): Tensor[] {
  const value = f(...inputs);
  const weighting = random(value.shape, 'weighting');
  return [value, ...tf.grads((...x: Tensor[]) => tf.sum(tf.mul(f(...x), weighting)))(inputs)];
}

function same(f: (...inputs: Tensor[]) => Tensor, plain: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]): void {
  const [found, expected] = [evaluated(f, inputs), evaluated(plain, inputs)];
  found.forEach((tensor, i) => {
    assert.deepEqual(tensor.shape, (expected[i] as Tensor).shape);
    const difference = tf.max(tf.abs(tf.sub(tensor, expected[i] as Tensor))).dataSync()[0] as number;
    assert.ok(difference < 2e-5, `${i === 0 ? 'value' : `gradient ${i}`}: ${difference}`);
  });
}

test('tanh, sigmoid, softmax, logSoftmax', () => {
  for (const name of ['tanh', 'sigmoid', 'softmax', 'logSoftmax'] as const)
    same(twice[name], (x) => tf[name](x as Tensor), [random([5, 7], name)]);
});

// Sides that the stride divides and does not, windows that overlap, touch, and leave rows out.
const windows = [
  [8, 2, 2],
  [7, 2, 2],
  [7, 3, 2],
  [8, 3, 1],
  [9, 2, 3],
] as const;
for (const padding of ['same', 'valid'] as const) {
  for (const [side, size, stride] of windows) {
    test(`windows of ${size} at stride ${stride} on ${side} pixels, ${padding}`, () => {
      const x = random([3, side, side + 1, 2], 'x', side);
      const kernel = random([size, size, 2, 4], 'kernel');
      same(
        (a, k) => twice.convolution(a as Tensor4D, k as Tensor4D, stride, padding),
        (a, k) => tf.conv2d(a as Tensor4D, k as Tensor4D, stride, padding),
        [x, kernel],
      );
      // After ReLU many windows hold several zeros: among equals the first is the largest.
      for (const images of [x, tf.relu(x)]) {
        same(
          (a) => twice.maxPool(a as Tensor4D, size, stride, padding),
          (a) => tf.maxPool(a as Tensor4D, size, stride, padding),
          [images],
        );
      }
      // The other backends' gradient of average pooling divides by whole windows, at the border too: see `pool`.
      if (padding === 'valid' || backend === 'tensorflow') {
        same(
          (a) => twice.averagePool(a as Tensor4D, size, stride, padding),
          (a) => tf.avgPool(a as Tensor4D, size, stride, padding),
          [x],
        );
      }
    });
  }
}

test('gather along each axis, an index taken twice and one left out', () => {
  const x = random([4, 5, 3], 'gather');
  for (const axis of [0, 1, 2]) {
    const indices = tf.tensor1d([2, 0, 2], 'int32');
    same(
      (a) => gather(a, indices, axis),
      (a) => tf.gather(a, indices, axis),
      [x],
    );
  }
});

test('the second derivative through gather: of the sum of squares it is 2 for each time that an element is taken', () => {
  const x = random([4, 3], 'twice');
  const taken = (a: Tensor): Tensor => tf.sum(tf.square(gather(a, tf.tensor1d([1, 1, 3], 'int32'))));
  const second = tf.grad((a) => tf.sum(tf.grad(taken)(a)))(x);
  assert.deepEqual([...second.dataSync()], [0, 0, 0, 4, 4, 4, 0, 0, 0, 2, 2, 2]);
});

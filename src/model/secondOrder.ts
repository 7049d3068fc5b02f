/**
 * Operations that can be differentiated twice. TensorFlow.js 4.22 loses how the output of an operation depends on its input where
 * the gradient uses that output (tanh, sigmoid, softmax, logSoftmax), and has no gradient for the gradients of convolution
 * and pooling. The values and first derivatives here are those of the plain operations.
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { tf } from './tensorflow.js';

type Padding = 'same' | 'valid';

/** Below any activation. Finite, since 0 times infinity is not a number. */
const LOWEST = -1e30;

/** tanh x, with derivative 1 - tanh^2 x. */
export const tanh = (x: Tensor): Tensor => recomputed(x, tf.tanh, (dy, input) => tf.mul(dy, tf.sub(1, tf.square(tf.tanh(input)))));

/** 1 / (1 + exp -x), with derivative s (1 - s). */
export function sigmoid(x: Tensor): Tensor {
  return recomputed(x, tf.sigmoid, (dy, input) => {
    const s = tf.sigmoid(input);
    return tf.mul(dy, tf.mul(s, tf.sub(1, s)));
  });
}

/** Softmax over the last axis: [batch, classes]. */
export function softmax(x: Tensor): Tensor {
  return recomputed(x, tf.softmax, (dy, input) => {
    const s = tf.softmax(input);
    const weighted = tf.mul(s, dy);
    return tf.sub(weighted, tf.mul(s, tf.sum(weighted, -1, true)));
  });
}

/** Logarithm of the softmax over the last axis: [batch, classes]. */
export const logSoftmax = (x: Tensor): Tensor =>
  recomputed(x, tf.logSoftmax, (dy, input) => tf.sub(dy, tf.mul(tf.softmax(input), tf.sum(dy, -1, true))));

/** `tf.conv2d`: x [batch, height, width, channels], kernel [size, size, channels, filters]. */
export function convolution(x: Tensor4D, kernel: Tensor4D, stride: number, padding: Padding): Tensor4D {
  return differentiable(
    [x, kernel],
    () => tf.conv2d(x, kernel, stride, padding),
    (dy, [image, k]) => [
      tf.conv2dTranspose(dy as Tensor4D, k as Tensor4D, x.shape, stride, padding),
      kernelGradient(image as Tensor4D, dy as Tensor4D, kernel.shape, stride, padding),
    ],
  ) as Tensor4D;
}

/** The gradient of a convolution by its kernel. Linear in x and in dy, so its own gradients are convolutions again. */
function kernelGradient(x: Tensor4D, dy: Tensor4D, filterShape: number[], stride: number, padding: Padding): Tensor {
  return differentiable(
    [x, dy],
    () =>
      tf
        .engine()
        .runKernel(tf.Conv2DBackpropFilter, { x, dy }, { strides: stride, pad: padding, dataFormat: 'NHWC', filterShape }) as Tensor,
    (d, [image, outputs]) => [
      tf.conv2dTranspose(outputs as Tensor4D, d as Tensor4D, x.shape, stride, padding),
      tf.conv2d(image as Tensor4D, d as Tensor4D, stride, padding),
    ],
  );
}

/** f(x) whose gradient computes what it needs from x again: a saved output would not count as depending on x. */
function recomputed(x: Tensor, f: (x: Tensor) => Tensor, gradient: (dy: Tensor, x: Tensor) => Tensor): Tensor {
  return differentiable(
    [x],
    () => f(x),
    (dy, [input]) => [gradient(dy, input as Tensor)],
  );
}

/** A value with the gradients by its inputs, which are kept for them. */
function differentiable(inputs: Tensor[], value: () => Tensor, gradients: (dy: Tensor, inputs: Tensor[]) => Tensor[]): Tensor {
  return tf.customGrad((...given) => {
    const save = given[inputs.length] as unknown as (tensors: Tensor[]) => void;
    save(inputs);
    return { value: value(), gradFunc: gradients };
  })(...inputs);
}

/** `tf.maxPool`: the largest value of each window. Among equals the gradient goes to the first. */
export function maxPool(x: Tensor4D, size: number, stride: number, padding: Padding): Tensor4D {
  return places(x, size, stride, padding, LOWEST).reduce((largest, value) => {
    // 1 where the value is larger; `step` has the derivative 0, where that of a comparison is missing.
    const wins = tf.step(tf.sub(value, largest));
    return tf.add(tf.mul(value, wins), tf.mul(largest, tf.sub(1, wins)));
  });
}

/** `tf.avgPool`: the mean over the part of each window that lies in the image. */
export function averagePool(x: Tensor4D, size: number, stride: number, padding: Padding): Tensor4D {
  const sum = (values: Tensor4D[]): Tensor4D => tf.addN(values);
  return tf.div(sum(places(x, size, stride, padding, 0)), sum(places(tf.onesLike(x), size, stride, padding, 0)));
}

/** What each of the size * size places of a window sees, row by row: tensors [batch, out height, out width, channels]. */
function places(x: Tensor4D, size: number, stride: number, padding: Padding, outside: number): Tensor4D[] {
  const [batch, height, width, channels] = x.shape;
  const { outHeight, outWidth, padInfo } = tf.backend_util.computePool2DInfo(x.shape, size, stride, 1, padding);
  const [top, left] = [padInfo.top, padInfo.left];
  // A place sees every stride-th row: the first of each of `outHeight` groups. All groups are made whole.
  const below = Math.max(0, size - 1 + stride * outHeight - top - height);
  const right = Math.max(0, size - 1 + stride * outWidth - left - width);
  const framed = tf.pad(
    x,
    [
      [0, 0],
      [top, below],
      [left, right],
      [0, 0],
    ],
    outside,
  );
  return Array.from({ length: size * size }, (_, place) => {
    const start = [0, Math.floor(place / size), place % size, 0];
    const part = tf.slice(framed, start, [batch, stride * outHeight, stride * outWidth, channels]);
    const groups = tf.reshape(part, [batch, outHeight, stride, outWidth, stride * channels]);
    const firsts = tf.slice(groups, [0, 0, 0, 0, 0], [batch, outHeight, 1, outWidth, channels]);
    return tf.reshape(firsts, [batch, outHeight, outWidth, channels]) as Tensor4D;
  });
}

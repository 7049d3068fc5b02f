/** Layers without parameters. */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { lookUp } from '../../check.js';
import type { Activation, Dropout, Flatten, GlobalAveragePool, Pool, Shape, Upsample } from '../architecture.js';
import { relu } from '../fusedGradients.js';
import * as twice from '../secondOrder.js';
import { tf } from '../tensorflow.js';
import { images, windows } from './convolution.js';
import type { LayerKind } from './layerKind.js';

const functions: Record<Activation['function'], (x: Tensor, secondOrder: boolean) => Tensor> = {
  relu: (x, secondOrder) => (secondOrder ? tf.relu(x) : relu(x)),
  tanh: (x, secondOrder) => (secondOrder ? twice.tanh(x) : tf.tanh(x)),
  sigmoid: (x, secondOrder) => (secondOrder ? twice.sigmoid(x) : tf.sigmoid(x)),
};

export const activation: LayerKind<Activation> = {
  outputShape: (_, input) => input,
  parameters: () => [],
  multiplyAdds: () => 0,
  forward: (layer, x, { secondOrder }) => lookUp('activation', layer.function, functions)(x, secondOrder),
};

export const flatten: LayerKind<Flatten> = {
  outputShape: (_, input) => [input.reduce((product, n) => product * n, 1)],
  parameters: () => [],
  multiplyAdds: () => 0,
  forward: (_, x) => tf.reshape(x, [x.shape[0] as number, x.size / (x.shape[0] as number)]),
};

export const globalAveragePool: LayerKind<GlobalAveragePool> = {
  outputShape: (_, input) => [images('globalAveragePool', input)[2]],
  parameters: () => [],
  multiplyAdds: () => 0,
  forward: (_, x) => tf.mean(x, [1, 2]),
};

export const pool: LayerKind<Pool> = {
  outputShape(layer, input) {
    const [height, width, channels] = images(layer.type, input);
    const side = (n: number) => windows(n, layer.size, layer.stride ?? layer.size, layer.padding ?? 'valid', layer.type);
    return [side(height), side(width), channels];
  },
  parameters: () => [],
  multiplyAdds: () => 0,
  forward(layer, x, { secondOrder }) {
    const padding = layer.padding ?? 'valid';
    // Elsewhere than on the native backend, the gradient of tf.avgPool divides by whole windows at the border too (4.22).
    const wrong = layer.type === 'averagePool' && padding === 'same' && tf.getBackend() !== 'tensorflow';
    const [maxPool, averagePool] = secondOrder || wrong ? [twice.maxPool, twice.averagePool] : [tf.maxPool<Tensor4D>, tf.avgPool<Tensor4D>];
    const run = layer.type === 'maxPool' ? maxPool : averagePool;
    return run(x as Tensor4D, layer.size, layer.stride ?? layer.size, padding);
  },
};

export const dropout: LayerKind<Dropout> = {
  outputShape: (_, input: Shape) => input,
  parameters: () => [],
  multiplyAdds: () => 0,
  forward(layer, x, context) {
    if (!context.training || layer.rate === 0) return x;
    const keep = tf.cast(tf.greaterEqual(context.noise(x.shape), layer.rate), 'float32');
    return tf.mul(x, tf.mul(keep, 1 / (1 - layer.rate)));
  },
};

export const upsample: LayerKind<Upsample> = {
  outputShape(_, input) {
    const [height, width, channels] = images('upsample', input);
    return [2 * height, 2 * width, channels];
  },
  parameters: () => [],
  multiplyAdds: () => 0,
  forward(_, x) {
    // Twice beside itself instead of tf.image.resizeNearestNeighbor, whose gradient is wrong on the plain backend (4.22).
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const rows = tf.reshape(tf.concat([x, x], 3), [batch, height, 2 * width * channels]);
    return tf.reshape(tf.concat([rows, rows], 2), [batch, 2 * height, 2 * width, channels]);
  },
};

import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import type { BatchNorm, Parameter } from '../architecture.js';
import { fusedBatchNorm } from '../fusedBatchNorm.js';
import { tf } from '../tensorflow.js';
import type { LayerKind } from './layerKind.js';

/** Added to the variance. */
export const EPSILON = 1e-5;
const MOMENTUM = 0.9;

export const batchNorm: LayerKind<BatchNorm> = {
  outputShape: (_, input) => input,
  parameters(layer, input) {
    const channels = input[input.length - 1] ?? 0;
    const one = (role: Parameter['role'], trainable: boolean, start: number): Parameter => ({
      name: `${layer.name}/${role}`,
      layer: layer.name,
      role,
      shape: [channels],
      trainable,
      prunable: false,
      fanIn: 0,
      fanOut: 0,
      start,
    });
    const affine = layer.affine === false ? [] : [one('gamma', true, layer.gamma ?? 1), one('beta', true, 0)];
    return [...affine, one('mean', false, 0), one('variance', false, 1)];
  },
  multiplyAdds: () => 0,
  forward(layer, x, context) {
    const channels = x.shape[x.shape.length - 1] as number;
    const [gamma, beta] =
      layer.affine === false
        ? [tf.ones([channels]) as Tensor1D, tf.zeros([channels]) as Tensor1D]
        : [context.parameter(`${layer.name}/gamma`) as Tensor1D, context.parameter(`${layer.name}/beta`) as Tensor1D];
    const mean = context.parameter(`${layer.name}/mean`) as Tensor1D;
    const variance = context.parameter(`${layer.name}/variance`) as Tensor1D;
    if (!context.training) return tf.batchNorm(x, mean, variance, beta, gamma, EPSILON);
    const { y, batchMean, batchVariance } = normaliseBatch(x, gamma, beta, context.secondOrder);
    if (context.statistics !== undefined) {
      // Kept, since the tape's scope ends before the step stores them.
      context.statistics[`${layer.name}/mean`] = tf.keep(running(mean, batchMean));
      context.statistics[`${layer.name}/variance`] = tf.keep(running(variance, batchVariance));
    }
    return y;
  },
};

interface Normalised {
  y: Tensor;
  batchMean: Tensor;
  /** With Bessel's correction, n / (n - 1): the estimate of the population that running statistics keep. */
  batchVariance: Tensor;
}

function normaliseBatch(x: Tensor, gamma: Tensor1D, beta: Tensor1D, secondOrder: boolean): Normalised {
  if (x.rank === 4 && !secondOrder && tf.getBackend() === 'tensorflow') return fusedBatchNorm(x as Tensor4D, gamma, beta, EPSILON);
  const axes = x.shape.map((_, i) => i).slice(0, -1);
  const count = axes.reduce((n, axis) => n * (x.shape[axis] as number), 1);
  const batchMean = tf.mean(x, axes);
  const centred = tf.sub(x, batchMean);
  const biased = tf.mean(tf.square(centred), axes);
  const y = tf.add(tf.mul(centred, tf.mul(gamma, tf.rsqrt(tf.add(biased, EPSILON)))), beta);
  return { y, batchMean, batchVariance: tf.mul(biased, count / Math.max(1, count - 1)) };
}

function running(old: Tensor, batch: Tensor): Tensor {
  return tf.add(tf.mul(old, MOMENTUM), tf.mul(batch, 1 - MOMENTUM));
}

/** TensorFlow's fused BatchNorm in training mode, gradient included: one pass over the activations each way. Native backend only. */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { nativeBackend } from './nativeBackend.js';
import { tf } from './tensorflow.js';

export interface FusedBatchNorm {
  /** [batch, height, width, channels]. */
  y: Tensor;
  batchMean: Tensor;
  /** With Bessel's correction. */
  batchVariance: Tensor;
}

/**
 * (x - mean) / sqrt(variance + epsilon) * gamma + beta with the statistics of the batch, x [batch, height, width, channels].
 * The gradient is first-order only: a second derivative through it would be wrong, so callers that need one use plain operations.
 */
export function fusedBatchNorm(x: Tensor4D, gamma: Tensor1D, beta: Tensor1D, epsilon: number): FusedBatchNorm {
  const { run, attribute } = nativeBackend();
  const attributes = [
    attribute.type('T', 'float32'),
    attribute.type('U', 'float32'),
    attribute.float('epsilon', epsilon),
    attribute.text('data_format', 'NHWC'),
    attribute.bool('is_training', true),
  ];
  let statistics: [Tensor, Tensor] | undefined;
  const normalise = tf.customGrad((...inputs) => {
    const [input, scale, offset, save] = inputs as unknown as [Tensor, Tensor, Tensor, (saved: Tensor[]) => void];
    // The empty mean and variance are required arguments that training mode ignores.
    const empty = tf.tensor1d([]);
    const factor = attribute.float('exponential_avg_factor', 1);
    const [y, mean, variance, r1, r2, r3] = run('FusedBatchNormV3', [...attributes, factor], [input, scale, offset, empty, empty], 6) as [
      Tensor, Tensor, Tensor, Tensor, Tensor, Tensor,
    ];
    statistics = [mean, variance];
    save([input, scale, r1, r2, r3]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [sx, sscale, s1, s2, s3] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
      const [dx, dscale, doffset] = run('FusedBatchNormGradV3', attributes, [dy, sx, sscale, s1, s2, s3], 5) as [Tensor, Tensor, Tensor];
      return [dx, dscale, doffset];
    };
    return { value: y, gradFunc };
  });
  const y = normalise(x, gamma, beta);
  const [batchMean, batchVariance] = statistics as [Tensor, Tensor];
  // Kept by reference outside the tape: statistics take no gradient.
  return { y, batchMean, batchVariance };
}

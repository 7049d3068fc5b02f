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
  // Run before the custom gradient, whose scope would dispose of the statistics; empty mean and variance are required and ignored.
  const empty = tf.tensor1d([]);
  const factor = attribute.float('exponential_avg_factor', 1);
  const outputs = run('FusedBatchNormV3', [...attributes, factor], [x, gamma, beta, empty, empty], 6);
  const [normalised, batchMean, batchVariance, r1, r2, r3] = outputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  const withGradient = tf.customGrad((...inputs) => {
    const [input, scale, , save] = inputs as unknown as [Tensor, Tensor, Tensor, (saved: Tensor[]) => void];
    save([input, scale, r1, r2, r3]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const gradients = run('FusedBatchNormGradV3', attributes, [dy, ...saved], 5);
      return gradients.slice(0, 3);
    };
    return { value: normalised.clone(), gradFunc };
  });
  return { y: withGradient(x, gamma, beta), batchMean, batchVariance };
}

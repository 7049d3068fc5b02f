/** The losses by name. A loss sees tensors and gives one number to minimise; a new loss is one function and one line here. */
import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import { logSoftmax, softmax } from '../model/secondOrder.js';
import { tf } from '../model/tensorflow.js';

export interface LossInputs {
  /** [batch, classes] for the images of the batch. */
  readonly logits: Tensor;
  /** int32 [batch]. */
  readonly labels: Tensor1D;
}

export type Loss = (inputs: LossInputs) => Tensor;

/** Mean over the batch of -log softmax(logits)[label]. */
export const crossEntropy: Loss = ({ logits, labels }) => tf.neg(tf.mean(logLikelihood(logits, labels)));

/** Mean over the batch of the sum over classes of (softmax(logits) - one-hot)^2 (Brier score). */
export const squaredError: Loss = ({ logits, labels }) => {
  const truth = tf.oneHot(labels, logits.shape[1] as number);
  return tf.mean(tf.sum(tf.squaredDifference(softmax(logits), truth), 1));
};

export const losses = { crossEntropy, squaredError } satisfies Record<string, Loss>;
export type LossName = keyof typeof losses;

/** log softmax(logits)[label] for each example: [batch]. */
export function logLikelihood(logits: Tensor, labels: Tensor1D): Tensor {
  const truth = tf.cast(tf.oneHot(labels, logits.shape[1] as number), 'float32');
  return tf.sum(tf.mul(truth, logSoftmax(logits)), 1);
}

/** Training against an adversary: each update sees images that were changed to make its loss large. */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { logSoftmax } from '../../model/secondOrder.js';
import { tf } from '../../model/tensorflow.js';
import { type Attack, craft, crossEntropyObjective, type Logits, startOf } from './attack.js';

export interface Adversary {
  /** How images are changed. The network is in evaluation mode meanwhile. */
  readonly attack: Attack;
  /**
   * TRADES (Zhang et al. 2019, arXiv:1901.08573): the loss on clean images plus this times KL(p(clean) || p(attacked)), which the
   * attack makes large. Default null: the loss on attacked images alone (Madry et al. 2018, arXiv:1706.06083).
   */
  readonly trades?: number | null;
}

/**
 * KL(softmax(p) || softmax(q)) of each image: [batch].
 * @param p logits [batch, classes] @param q likewise
 */
export function klDivergence(p: Tensor, q: Tensor): Tensor {
  const [logP, logQ] = [logSoftmax(p), logSoftmax(q)];
  return tf.sum(tf.mul(tf.exp(logP), tf.sub(logP, logQ)), 1);
}

/** The images that the adversary makes of a clean batch, pixels in [0, 1]. */
export function attackedImages(
  { attack, trades }: Adversary,
  logits: Logits,
  clean: Tensor4D,
  labels: Tensor1D,
  noise: (shape: readonly number[]) => Tensor,
): Tensor4D {
  if (trades === undefined || trades === null)
    return craft(attack, crossEntropyObjective(logits, labels), clean, startOf(attack, clean, noise));
  const natural = logits(clean);
  // At the clean image the divergence has no slope, so TRADES starts at least a little beside it.
  const start = startOf(
    { ...attack, epsilon: attack.randomStart ? attack.epsilon : Math.min(attack.epsilon, 0.001), randomStart: true },
    clean,
    noise,
  );
  return craft(attack, (images) => klDivergence(natural, logits(images)), clean, start);
}

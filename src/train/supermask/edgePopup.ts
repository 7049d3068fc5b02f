import { tf } from '../../model/tensorflow.js';
import { straightThrough, type Supermask, topMask } from './supermask.js';

/**
 * Each layer keeps its weights of largest |score|; the gradient of a weight's use passes to its score as if nothing had been chosen.
 * Scores start uniform in +-1/sqrt(fanIn), as the authors' code has it.
 */
export const edgePopup: Supermask = {
  summary: 'edge-popup: the top of each layer by trained scores',
  source: 'arXiv:1911.13299',
  keeps: { top: Math.abs },
  start: ({ shape, fanIn }, random) => {
    const limit = 1 / Math.sqrt(fanIn);
    return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => limit * (2 * random.uniform() - 1));
  },
  kernel: (weights, scores, { keep }) =>
    tf.mul(
      weights,
      straightThrough(
        scores,
        (s) => topMask(tf.abs(s), keep),
        (dy, s) => tf.mul(dy, tf.sign(s)),
      ),
    ),
  effective: (weights, mask) => weights.map((w, i) => (mask[i] === 1 ? w : 0)),
};

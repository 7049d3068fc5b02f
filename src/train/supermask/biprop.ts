import { tf } from '../../model/tensorflow.js';
import { edgePopup } from './edgePopup.js';
import { straightThrough, type Supermask, topMask } from './supermask.js';

/**
 * Multi-prize tickets: edge-popup on binary weights. A kept weight counts a sign(w), where a is the mean |w| of the layer's kept
 * weights; the gradient that reaches a score is multiplied by |w|.
 */
export const biprop: Supermask = {
  ...edgePopup,
  summary: 'multi-prize: the top of each layer, weights +a or -a',
  source: 'arXiv:2103.09377',
  kernel(weights, scores, { keep }) {
    const chosen = straightThrough(
      scores,
      (s) => {
        // Empty if all scores are equal.
        const mask = topMask(tf.abs(s), keep);
        return tf.mul(mask, tf.div(tf.sum(tf.mul(tf.abs(weights), mask)), tf.maximum(1, tf.sum(mask))));
      },
      (dy, s) => tf.mul(tf.mul(dy, tf.abs(weights)), tf.sign(s)),
    );
    return tf.mul(tf.sign(weights), chosen);
  },
  effective(weights, mask) {
    let [sum, count] = [0, 0];
    weights.forEach((w, i) => {
      if (mask[i] !== 1) return;
      sum += Math.abs(w);
      count++;
    });
    return weights.map((w, i) => (mask[i] === 1 ? (Math.sign(w) * sum) / count : 0));
  },
};

import { tf } from '../../model/tensorflow.js';
import { edgePopup } from './edgePopup.js';
import { straightThrough, type Supermask } from './supermask.js';

/**
 * Zhou et al.: in training a weight is kept with probability sigmoid(score), drawn anew at each step, and the gradient passes to the
 * probability; in evaluation it is kept if that is at least 1/2. Scores start near 0, where nothing is decided.
 */
export const bernoulli: Supermask = {
  summary: 'learned Bernoulli mask: each weight kept with a trained probability',
  source: 'arXiv:1905.01067',
  keeps: { threshold: 0 },
  start: ({ shape }, random) => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.01 * random.normal()),
  kernel(weights, scores, { training, noise }) {
    if (!training) return tf.mul(weights, tf.cast(tf.greaterEqual(scores, 0), 'float32'));
    const drawn = noise(scores.shape);
    return tf.mul(
      weights,
      straightThrough(
        tf.sigmoid(scores),
        (p) => tf.cast(tf.less(drawn, p), 'float32'),
        (dy) => dy,
      ),
    );
  },
  effective: edgePopup.effective,
  noisy: true,
};

/** The same with dynamic weight rescaling: each layer's kept weights times total / kept, so that sparser masks send as much. */
export const bernoulliRescaled: Supermask = {
  ...bernoulli,
  summary: 'learned Bernoulli mask with the kept weights scaled by total / kept',
  kernel(weights, scores, options) {
    const scaled = (mask: ReturnType<typeof tf.mul>) => tf.mul(mask, tf.div(mask.size, tf.maximum(1, tf.sum(mask))));
    if (!options.training) return tf.mul(weights, scaled(tf.cast(tf.greaterEqual(scores, 0), 'float32')));
    const drawn = options.noise(scores.shape);
    return tf.mul(
      weights,
      straightThrough(
        tf.sigmoid(scores),
        (p) => scaled(tf.cast(tf.less(drawn, p), 'float32')),
        (dy) => dy,
      ),
    );
  },
  effective(weights, mask) {
    const factor =
      mask.length /
      Math.max(
        1,
        mask.reduce((a, b) => a + b, 0),
      );
    return weights.map((w, i) => (mask[i] === 1 ? w * factor : 0));
  },
};

import { tf } from '../../model/tensorflow.js';
import { edgePopup } from './edgePopup.js';
import { straightThrough, type Supermask } from './supermask.js';

/**
 * Rare gems: a weight is kept if its score, clipped to [0, 1] after each update, is at least 1/2. Scores start uniform in [0, 1], are
 * pulled down by weight decay (the paper's lambda |p|^2 is a decay of 2 lambda), and the lowest are frozen at 0 from time to time.
 */
export const gemMiner: Supermask = {
  summary: 'Gem-Miner: scores in [0, 1], kept from 1/2 up, the lowest frozen at 0 as training goes on',
  source: 'arXiv:2202.12002',
  keeps: { threshold: 0.5 },
  start: ({ shape }, random) => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform()),
  kernel: (weights, scores) =>
    tf.mul(
      weights,
      straightThrough(
        scores,
        (p) => tf.cast(tf.greaterEqual(p, 0.5), 'float32'),
        (dy) => dy,
      ),
    ),
  effective: edgePopup.effective,
  constrain: (scores) => tf.clipByValue(scores, 0, 1),
  freezes: true,
};

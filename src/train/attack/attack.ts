/** Attacks on images: the largest harm within a ball, found by projected gradient ascent. Pixels are in [0, 1]. */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { checkCount, invalid, lookUp } from '../../check.js';
import { tf } from '../../model/tensorflow.js';
import { logLikelihood } from '../losses.js';

export interface Attack {
  /** The ball: `linf` bounds the change of each value, `l2` the length of an image's change. */
  readonly norm: 'linf' | 'l2';
  /** Radius of the ball, of pixels in [0, 1]. */
  readonly epsilon: number;
  /** Length of one step, in the same norm. */
  readonly stepSize: number;
  /** Steps. 1 with a step of `epsilon` and no random start is FGSM (arXiv:1412.6572); more are PGD (arXiv:1706.06083). */
  readonly steps: number;
  /** Whether it starts at a random point of the ball. */
  readonly randomStart: boolean;
}

/** The fast gradient sign method: one step to the corner of the ball. Goodfellow et al. 2015, arXiv:1412.6572. */
export function fgsm(epsilon: number): Attack {
  return { norm: 'linf', epsilon, stepSize: epsilon, steps: 1, randomStart: false };
}

/** @throws UserError unless the radius is at least 0, the step above 0 (or both 0) and the steps a whole number of at least 1 */
export function checkAttack({ norm, epsilon, stepSize, steps }: Attack): void {
  lookUp('norm of an attack', norm, balls);
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) throw invalid('radius of an attack', 'a number of at least 0', epsilon);
  // Within a ball without radius FGSM has a step of 0.
  if (!((stepSize > 0 || (stepSize === 0 && epsilon === 0)) && Number.isFinite(stepSize)))
    throw invalid('step of an attack', 'a number above 0', stepSize);
  checkCount('steps of an attack', steps, 1);
}

/**
 * How many gradient evaluations (a forward and a backward pass of a batch) an update costs with this attack: its steps and the update
 * itself, which with TRADES has a second batch, the clean one.
 * @example gradientEvaluations({ norm: 'linf', epsilon: 0.3, stepSize: 0.3, steps: 1, randomStart: false }) // => 2
 */
export function gradientEvaluations(attack: Attack | undefined, trades: number | null = null): number {
  return 1 + (attack === undefined ? 0 : attack.steps + (trades === null ? 0 : 1));
}

type Size = number | Tensor;
type Noise = (shape: readonly number[]) => Tensor;

interface Ball {
  /** A random point of the ball around `clean`. */
  start(clean: Tensor4D, epsilon: Size, noise: Noise): Tensor4D;
  /** A step of that length along the gradient, back into the ball. */
  ascend(now: Tensor4D, clean: Tensor4D, gradient: Tensor4D, epsilon: Size, stepSize: Size): Tensor4D;
}

/** Lengths of the images of a batch: [batch, 1, 1, 1], never 0. */
const lengths = (x: Tensor): Tensor => tf.sqrt(tf.add(tf.sum(tf.square(x), [1, 2, 3], true), 1e-20));
const toImages = (x: Tensor): Tensor4D => tf.clipByValue(x, 0, 1) as Tensor4D;

export const balls: Readonly<Record<Attack['norm'], Ball>> = {
  linf: {
    start: (clean, epsilon, noise) => toImages(tf.add(clean, tf.mul(tf.sub(tf.mul(noise(clean.shape), 2), 1), epsilon))),
    ascend(now, clean, gradient, epsilon, stepSize) {
      const moved = tf.add(now, tf.mul(tf.sign(gradient), stepSize));
      return toImages(tf.minimum(tf.maximum(moved, tf.sub(clean, epsilon)), tf.add(clean, epsilon)));
    },
  },
  l2: {
    start(clean, epsilon, noise) {
      // A normal direction (Box & Muller) and a uniform radius, as the reference implementations draw.
      const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, noise(clean.shape))), -2));
      const direction = tf.mul(radius, tf.cos(tf.mul(noise(clean.shape), 2 * Math.PI)));
      const length = tf.mul(noise([clean.shape[0], 1, 1, 1]), epsilon);
      return toImages(tf.add(clean, tf.mul(tf.div(direction, lengths(direction)), length)));
    },
    ascend(now, clean, gradient, epsilon, stepSize) {
      const moved = tf.add(now, tf.mul(tf.div(gradient, lengths(gradient)), stepSize));
      const change = tf.sub(moved, clean);
      return toImages(tf.add(clean, tf.mul(change, tf.minimum(1, tf.div(epsilon, lengths(change))))));
    },
  },
};

/** What the attacker sees of a network: logits of images with pixels in [0, 1]. */
export type Logits = (images: Tensor4D) => Tensor;

/** The gradient, by the images, of the sum over the batch of the objective; and the objective of each image, [batch]. */
export function attackGradient(objective: (images: Tensor4D) => Tensor, images: Tensor4D): { gradient: Tensor4D; each: Tensor } {
  let each: Tensor | undefined;
  const gradient = tf.grad((x: Tensor) => {
    // Kept, since the tape's scope ends before it is used.
    each = tf.keep(objective(x as Tensor4D));
    return tf.sum(each);
  })(images) as Tensor4D;
  const value = (each as unknown as Tensor).clone();
  (each as unknown as Tensor).dispose();
  return { gradient, each: value };
}

/** -log softmax(logits)[label] of each image: what an attack makes large. */
export function crossEntropyObjective(logits: Logits, labels: Tensor1D): (images: Tensor4D) => Tensor {
  return (images) => tf.neg(logLikelihood(logits(images), labels));
}

/** Where an attack starts: the clean images, or points of the ball around them. */
export function startOf({ norm, epsilon, randomStart }: Attack, clean: Tensor4D, noise: Noise): Tensor4D {
  return randomStart ? balls[norm].start(clean, epsilon, noise) : clean;
}

/** The attacked images of a batch, all steps unrolled: for use inside a traced update. `start` lies in the ball around `clean`. */
export function craft(attack: Attack, objective: (images: Tensor4D) => Tensor, clean: Tensor4D, start: Tensor4D): Tensor4D {
  const { norm, epsilon, stepSize, steps } = attack;
  const ball = balls[norm];
  let now = start;
  for (let step = 0; step < steps; step++) now = ball.ascend(now, clean, attackGradient(objective, now).gradient, epsilon, stepSize);
  return now;
}

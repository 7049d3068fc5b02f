/**
 * The optimizers by name. Each is given twice: as plain tensor arithmetic, which any backend runs, and as TensorFlow's fused
 * operation, which changes the variable in one pass. A test holds the two together.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { lookUp } from '../check.js';
import { tf } from '../model/tensorflow.js';
import type { UpdateOperation } from './program.js';

/** What one update of one parameter sees. Rates are scalars (tensors), so that a compiled step takes new ones at each call. */
export interface UpdateInputs {
  readonly weight: Tensor;
  readonly gradient: Tensor;
  /** Slots by name, as listed in `slots`, shaped like the weight. */
  readonly slots: Readonly<Record<string, Tensor>>;
  readonly rates: Readonly<Record<string, Tensor>>;
}

export interface Optimizer {
  /** Names of the arrays that it keeps for each parameter; all start at 0. */
  readonly slots: readonly string[];
  /** Scalars of one update: the learning rate and what depends on the number of updates so far (from 0). */
  rates(learningRate: number, step: number): Readonly<Record<string, number>>;
  update(inputs: UpdateInputs): { weight: Tensor; slots: Record<string, Tensor> };
  /** The same as one operation; `variables` are the weight's name, then the slots'. */
  fused(inputs: Omit<UpdateInputs, 'weight' | 'slots'>, variables: readonly string[]): UpdateOperation;
}

export interface SgdOptions {
  readonly name: 'sgd';
  /** In [0, 1). Default 0. */
  readonly momentum?: number;
  /** Default false. */
  readonly nesterov?: boolean;
}

export interface AdamOptions {
  readonly name: 'adam';
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
}

export type OptimizerOptions = SgdOptions | AdamOptions;

/**
 * Stochastic gradient descent: v = momentum v + g; w = w - rate v (with nesterov, w - rate (g + momentum v)).
 * Polyak 1964; this is PyTorch's form, with the rate outside the velocity.
 */
export function sgd({ momentum = 0, nesterov = false }: Omit<SgdOptions, 'name'> = {}): Optimizer {
  if (momentum === 0) {
    return {
      slots: [],
      rates: (learningRate) => ({ learningRate }),
      update: ({ weight, gradient, rates }) => ({ weight: tf.sub(weight, tf.mul(rates['learningRate'] as Tensor, gradient)), slots: {} }),
      fused: ({ gradient, rates }, variables) => ({
        op: 'ResourceApplyGradientDescent',
        variables,
        inputs: [rates['learningRate'] as Tensor, gradient],
      }),
    };
  }
  return {
    slots: ['velocity'],
    rates: (learningRate) => ({ learningRate }),
    update({ weight, gradient, slots, rates }) {
      const velocity = tf.add(tf.mul(slots['velocity'] as Tensor, momentum), gradient);
      const direction = nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity;
      return { weight: tf.sub(weight, tf.mul(rates['learningRate'] as Tensor, direction)), slots: { velocity } };
    },
    fused: ({ gradient, rates }, variables) => ({
      op: 'ResourceApplyMomentum',
      variables,
      inputs: [rates['learningRate'] as Tensor, gradient, tf.scalar(momentum)],
      flags: { use_nesterov: nesterov },
    }),
  };
}

/**
 * Adam: m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w = w - rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon), t from 1.
 * Kingma & Ba 2015, arXiv:1412.6980, in the order of operations that its section 2 gives as efficient (and TensorFlow uses).
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: Omit<AdamOptions, 'name'> = {}): Optimizer {
  return {
    slots: ['m', 'v'],
    rates: (learningRate, step) => ({ learningRate, beta1Power: beta1 ** (step + 1), beta2Power: beta2 ** (step + 1) }),
    update({ weight, gradient, slots, rates }) {
      const m = tf.add(tf.mul(slots['m'] as Tensor, beta1), tf.mul(gradient, 1 - beta1));
      const v = tf.add(tf.mul(slots['v'] as Tensor, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const correction = tf.div(tf.sqrt(tf.sub(1, rates['beta2Power'] as Tensor)), tf.sub(1, rates['beta1Power'] as Tensor));
      const rate = tf.mul(rates['learningRate'] as Tensor, correction);
      return { weight: tf.sub(weight, tf.div(tf.mul(rate, m), tf.add(tf.sqrt(v), epsilon))), slots: { m, v } };
    },
    fused: ({ gradient, rates }, variables) => ({
      op: 'ResourceApplyAdam',
      variables,
      inputs: [
        rates['beta1Power'] as Tensor,
        rates['beta2Power'] as Tensor,
        rates['learningRate'] as Tensor,
        tf.scalar(beta1),
        tf.scalar(beta2),
        tf.scalar(epsilon),
        gradient,
      ],
    }),
  };
}

/** The optimizers by name: a new one is one function and one line. */
export const optimizers = { sgd, adam };

/** The optimizer of those options. @throws UserError for an unknown name */
export function optimizer(options: OptimizerOptions): Optimizer {
  const { name, ...rest } = options;
  return (lookUp('optimizer', name, optimizers) as (options: object) => Optimizer)(rest);
}

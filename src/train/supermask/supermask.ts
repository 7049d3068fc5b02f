/** Supermasks: weights stay as they were drawn, and scores are trained that choose among them. */
import type { Tensor } from '@tensorflow/tfjs';
import { size } from '../../array.js';
import type { Parameter } from '../../model/architecture.js';
import { tf } from '../../model/tensorflow.js';
import type { Random } from '../../random.js';
import type { Parameterisation, ParameterisationContext } from '../parameterisation.js';

export interface Supermask {
  readonly summary: string;
  /** arXiv id. */
  readonly source: string;
  /** How scores become a mask: `top`, the asked density of each layer by `rank`; or all scores of at least a threshold. */
  readonly keeps: { readonly top: (score: number) => number } | { readonly threshold: number };
  /** Where the scores of a kernel start. */
  start(kernel: Parameter, random: Random): Float32Array;
  /** The kernel of the forward pass, differentiable by the scores. */
  kernel(weights: Tensor, scores: Tensor, options: KernelOptions): Tensor;
  /** The same from finished values: what the frozen weights count for under a mask. */
  effective(weights: Float32Array, mask: Uint8Array): Float32Array;
  /** Keeps scores in range after an update. */
  constrain?(scores: Tensor): Tensor;
  /** Whether scores can be pruned for good, by a mask of their own. Default false. */
  readonly freezes?: boolean;
  readonly noisy?: boolean;
}

export interface KernelOptions extends ParameterisationContext {
  /** Weights that the layer keeps, for supermasks that keep the top. */
  readonly keep: number;
}

/** Name of the scores of a kernel. @example scoreOf('conv1/kernel') // => 'conv1/score' */
export function scoreOf(kernel: string): string {
  return kernel.replace(/kernel$/, 'score');
}

/**
 * How many of n weights a layer keeps: round(density n), at least one.
 * @example keptOf(0.3, 10) // => 3
 */
export function keptOf(density: number, n: number): number {
  return Math.max(1, Math.round(density * n));
}

/** Every parameter frozen, beside each kernel its scores. */
export function supermaskParameterisation(supermask: Supermask, density: number): Parameterisation {
  const { constrain } = supermask;
  return {
    variables: (parameters) =>
      parameters.flatMap((p): Parameter[] => {
        const frozen = { ...p, trainable: false, prunable: false };
        if (!p.prunable) return [frozen];
        return [frozen, { ...p, name: scoreOf(p.name), role: 'score', trainable: true, prunable: supermask.freezes ?? false }];
      }),
    weights: (held, context) =>
      Object.fromEntries(
        Object.entries(held)
          .filter(([name]) => !name.endsWith('/score'))
          .map(([name, tensor]) => {
            const scores = held[scoreOf(name)];
            if (scores === undefined || scores === tensor) return [name, tensor];
            return [name, supermask.kernel(tensor, scores, { ...context, keep: keptOf(density, size(tensor.shape)) })];
          }),
      ),
    ...(constrain && { constrain: (_: Parameter, value: Tensor) => constrain(value) }),
    noisy: supermask.noisy ?? false,
  };
}

/** value(x) with the gradient of slope(dy, x): for choices that have none of their own. */
export function straightThrough(x: Tensor, value: (x: Tensor) => Tensor, slope: (dy: Tensor, x: Tensor) => Tensor): Tensor {
  return tf.customGrad((...given) => {
    const [input, save] = given as unknown as [Tensor, (tensors: Tensor[]) => void];
    save([input]);
    return { value: value(input), gradFunc: (dy: Tensor, [saved]: Tensor[]) => slope(dy, saved as Tensor) };
  })(x);
}

/** Halvings of the threshold: 2^-24 is what float32 tells apart. */
const HALVINGS = 24;

/**
 * 1 for the `keep` largest of the magnitudes, else 0, without sorting: the threshold is found by halving, the same operations at
 * every step, so that it can be traced. Exact but for magnitudes closer than 2^-24 of the largest; then it keeps fewer.
 */
export function topMask(magnitudes: Tensor, keep: number): Tensor {
  if (keep >= magnitudes.size) return tf.onesLike(magnitudes);
  let low: Tensor = tf.scalar(0);
  let high: Tensor = tf.max(magnitudes);
  for (let i = 0; i < HALVINGS; i++) {
    const middle = tf.mul(tf.add(low, high), 0.5);
    const tooMany = tf.greater(tf.sum(tf.cast(tf.greater(magnitudes, middle), 'float32')), keep);
    [low, high] = [tf.where(tooMany, middle, low), tf.where(tooMany, high, middle)];
  }
  return tf.cast(tf.greater(magnitudes, high), 'float32');
}

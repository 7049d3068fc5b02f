/** The forward pass of an architecture: tensors in, logits out. */
import type { Tensor } from '@tensorflow/tfjs';
import { missing } from '../check.js';
import type { Architecture } from './architecture.js';
import { forwardLayers } from './layers/kinds.js';

export interface ForwardOptions {
  /** Training mode: batch statistics and dropout. Default false. */
  readonly training?: boolean;
  /** Filled with new running statistics in training mode: kept tensors, which the caller disposes. */
  readonly statistics?: Record<string, Tensor>;
  /** Whether the result will be differentiated twice. Default false. */
  readonly secondOrder?: boolean;
  /** Source of dropout's noise, uniform in [0, 1). */
  readonly noise?: (shape: readonly number[]) => Tensor;
}

/**
 * Outputs of the last layer, logits for a classifier: [batch, classes].
 * @param weights a tensor for each parameter and statistic
 * @param x [batch, height, width, channels]
 * @throws UserError if a weight is missing, or dropout trains without a source of noise
 */
export function forward(
  architecture: Architecture,
  weights: Readonly<Record<string, Tensor>>,
  x: Tensor,
  options: ForwardOptions = {},
): Tensor {
  return forwardLayers(architecture.layers, x, {
    training: options.training ?? false,
    ...(options.statistics && { statistics: options.statistics }),
    secondOrder: options.secondOrder ?? false,
    noise:
      options.noise ??
      (() => {
        throw missing('noise for dropout', 'pass `noise` to forward');
      }),
    parameter(name) {
      const found = weights[name];
      if (found === undefined) throw missing(`weight '${name}' of '${architecture.name}'`, `there are: ${Object.keys(weights).join(', ')}`);
      return found;
    },
  });
}

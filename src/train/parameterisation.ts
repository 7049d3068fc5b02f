/** How what is trained becomes the weights that the network runs with. */
import type { Tensor } from '@tensorflow/tfjs';
import type { Parameter } from '../model/architecture.js';

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * A trainer holds variables: ordinarily the network's own parameters, but they may be scores that choose among frozen weights, or
 * coefficients in another basis. Masks, weight decay and the optimizer act on the variables; the network sees what `weights` makes of
 * them. Variables that stand for nothing trainable (frozen kernels, running statistics) are held with `trainable` false.
 */
export interface Parameterisation {
  /** What the trainer holds in place of the parameters. Parameters that pass through keep their names. */
  variables(parameters: readonly Parameter[]): readonly Parameter[];
  /** A tensor for each parameter, from those of the variables; differentiated by the trainable ones. Runs while a step is traced. */
  weights(held: Tensors, context: ParameterisationContext): Tensors;
  /** The value that an update leaves, such as one clipped to [0, 1]. Default: as it is. */
  constrain?(variable: Parameter, value: Tensor): Tensor;
  /** Whether `weights` draws noise in training. Default false. */
  readonly noisy?: boolean;
}

export interface ParameterisationContext {
  /** Whether the weights are for an update, or for an evaluation. */
  readonly training: boolean;
  /** Uniform noise in [0, 1) of that shape, new at each step; in training only. */
  noise(shape: readonly number[]): Tensor;
}

/** The network's own parameters. */
export const ordinary: Parameterisation = {
  variables: (parameters) => parameters,
  weights: (held) => held,
};

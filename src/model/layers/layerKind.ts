/** What a kind of layer is: what it needs to know about shapes, what parameters it owns, and its forward pass. */
import type { Tensor } from '@tensorflow/tfjs';
import type { Layer, Parameter, Shape } from '../architecture.js';

export interface LayerKind<L extends Layer = Layer> {
  /** Shape of one output, without the batch. @throws UserError if the input does not fit */
  outputShape(layer: L, input: Shape): Shape;
  /** The parameters it owns, in the order kernel, bias, gamma, beta, mean, variance. */
  parameters(layer: L, input: Shape): readonly Parameter[];
  /** Multiply-adds of one example's forward pass when dense. */
  multiplyAdds(layer: L, input: Shape): number;
  /** x is [batch, ...input]; the result is [batch, ...output]. */
  forward(layer: L, x: Tensor, context: ForwardContext): Tensor;
}

/** What a forward pass may ask for. */
export interface ForwardContext {
  /** The value of a parameter by its full name. */
  parameter(name: string): Tensor;
  /** Training mode: batch statistics, dropout. */
  readonly training: boolean;
  /** Filled in training mode with new values of statistics: kept tensors, which the caller disposes. Absent: not wanted. */
  readonly statistics?: Record<string, Tensor>;
  /** Whether second derivatives are wanted: then no fused gradient may be used. */
  readonly secondOrder: boolean;
  /** Uniform noise in [0, 1) of that shape, new at each step; for dropout. */
  noise(shape: readonly number[]): Tensor;
}

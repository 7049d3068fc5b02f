/** The list of layer kinds, and what follows from it for a list of layers. A new kind is one file and one line here. */
import type { Tensor } from '@tensorflow/tfjs';
import { lookUp } from '../../check.js';
import type { Layer, Parameter, Shape } from '../architecture.js';
import { batchNorm } from './batchNorm.js';
import { convolution } from './convolution.js';
import { dense } from './dense.js';
import { heads } from './heads.js';
import type { ForwardContext, LayerKind } from './layerKind.js';
import { residual } from './residual.js';
import { select } from './select.js';
import { activation, dropout, flatten, globalAveragePool, pool, upsample } from './simple.js';

/** The kind of that layer. @throws UserError that lists the known types */
export function kindOf<L extends Layer>(layer: L): LayerKind<L> {
  // Looked up at call time, since `residual` holds layers of every kind and so imports this list.
  const kinds: Record<Layer['type'], unknown> = {
    dense,
    convolution,
    batchNorm,
    activation,
    maxPool: pool,
    averagePool: pool,
    globalAveragePool,
    flatten,
    dropout,
    upsample,
    residual,
    heads,
    select,
  };
  return lookUp('layer type', layer.type, kinds) as LayerKind<L>;
}

/** The parameters of all layers in order, nested ones where their block stands. */
export function parametersOf(layers: readonly Layer[], input: Shape): readonly Parameter[] {
  const found: Parameter[] = [];
  let shape = input;
  for (const layer of layers) {
    found.push(...kindOf(layer).parameters(layer, shape));
    shape = kindOf(layer).outputShape(layer, shape);
  }
  return found;
}

/** The shape after all layers. */
export function outputShapeOf(layers: readonly Layer[], input: Shape): Shape {
  return layers.reduce((shape, layer) => kindOf(layer).outputShape(layer, shape), input);
}

/** Dense multiply-adds of one example. */
export function multiplyAddsOf(layers: readonly Layer[], input: Shape): number {
  let shape = input;
  let sum = 0;
  for (const layer of layers) {
    sum += kindOf(layer).multiplyAdds(layer, shape);
    shape = kindOf(layer).outputShape(layer, shape);
  }
  return sum;
}

/** x [batch, ...] through all layers. */
export function forwardLayers(layers: readonly Layer[], x: Tensor, context: ForwardContext): Tensor {
  return layers.reduce((y, layer) => kindOf(layer).forward(layer, y, context), x);
}

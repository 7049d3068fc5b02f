import { invalid, mismatched } from '../../check.js';
import { sameShape } from '../../array.js';
import type { Heads, Shape } from '../architecture.js';
import type { Tensor } from '@tensorflow/tfjs';
import { tf } from '../tensorflow.js';
import { forwardLayers, multiplyAddsOf, outputShapeOf, parametersOf } from './kinds.js';
import type { LayerKind } from './layerKind.js';

export const heads: LayerKind<Heads> = {
  outputShape(layer, input) {
    const shapes = layer.heads.map(({ layers }) => outputShapeOf(layers, input));
    const [first] = shapes;
    if (first === undefined) throw invalid('heads of a network', 'at least one', 'none');
    layer.heads.forEach(({ name }, i) => {
      if (!sameShape((shapes[i] as Shape).slice(0, -1), first.slice(0, -1))) {
        const remedy = 'give all heads the same strides';
        throw mismatched(`shape of head '${name}'`, `[${first}] but for channels`, `[${shapes[i]}]`, remedy);
      }
      if (layer.heads.findIndex((head) => head.name === name) !== i)
        throw invalid('heads of a network', 'a name for each', `two named '${name}'`);
    });
    return [...first.slice(0, -1), shapes.reduce((sum, shape) => sum + (shape[shape.length - 1] as number), 0)];
  },
  parameters: (layer, input) => layer.heads.flatMap(({ layers }) => parametersOf(layers, input)),
  multiplyAdds: (layer, input) => layer.heads.reduce((sum, { layers }) => sum + multiplyAddsOf(layers, input), 0),
  forward(layer, x, context) {
    const outputs = layer.heads.map(({ layers }) => forwardLayers(layers, x, context));
    return outputs.length === 1 ? (outputs[0] as typeof x) : beside(outputs);
  },
};

/**
 * Tensors beside one another along the last axis. The gradient is one slice for each, not one split for all: TensorFlow's oneDNN pass
 * takes the gradients of a convolution and of a bias for a pair if they read the same node, whichever of its outputs, so that with
 * a split a head's bias now and then got the gradient of another head's.
 */
function beside(parts: readonly Tensor[]): Tensor {
  const shapes = parts.map(({ shape }) => shape);
  return tf.customGrad((...given) => ({
    value: tf.concat(given.slice(0, parts.length) as Tensor[], (parts[0] as Tensor).rank - 1),
    gradFunc: (dy: Tensor) => {
      let from = 0;
      return shapes.map((shape) => {
        const begin = shape.map((_, axis) => (axis === shape.length - 1 ? from : 0));
        from += shape[shape.length - 1] as number;
        return tf.slice(dy, begin, shape);
      });
    },
  }))(...parts);
}

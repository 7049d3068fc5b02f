import { mismatched } from '../../check.js';
import { sameShape } from '../../array.js';
import type { Residual, Shape } from '../architecture.js';
import { tf } from '../tensorflow.js';
import { forwardLayers, multiplyAddsOf, outputShapeOf, parametersOf } from './kinds.js';
import type { LayerKind } from './layerKind.js';

export const residual: LayerKind<Residual> = {
  outputShape(layer, input) {
    const body = outputShapeOf(layer.body, input);
    const shortcut = outputShapeOf(layer.shortcut ?? [], input);
    if (!sameShape(body, shortcut)) {
      const remedy = 'give the block a shortcut with the stride and the filters of its body';
      throw mismatched(`shapes in residual block '${layer.name}'`, `the body's [${body}]`, `[${shortcut}] of the shortcut`, remedy);
    }
    return body;
  },
  parameters: (layer, input: Shape) => [...parametersOf(layer.body, input), ...parametersOf(layer.shortcut ?? [], input)],
  multiplyAdds: (layer, input) => multiplyAddsOf(layer.body, input) + multiplyAddsOf(layer.shortcut ?? [], input),
  forward: (layer, x, context) => tf.add(forwardLayers(layer.body, x, context), forwardLayers(layer.shortcut ?? [], x, context)),
};

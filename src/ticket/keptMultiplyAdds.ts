import { density, type Mask } from '../mask.js';
import type { Architecture, Layer, Shape } from '../model/architecture.js';
import { kindOf } from '../model/layers/kinds.js';

/**
 * Multiply-adds of one example's forward pass that kept weights take part in: each layer's dense count times its density. A training
 * step costs about three times as many for each image.
 */
export function keptMultiplyAdds(architecture: Architecture, mask: Mask): number {
  const walk = (layers: readonly Layer[], start: Shape): number => {
    let shape = start;
    let sum = 0;
    for (const layer of layers) {
      if (layer.type === 'residual') sum += walk(layer.body, shape) + walk(layer.shortcut ?? [], shape);
      else if (layer.type === 'dense' || layer.type === 'convolution') {
        const kernel = mask[`${layer.name}/kernel`];
        sum += kindOf(layer).multiplyAdds(layer, shape) * (kernel === undefined ? 1 : density({ kernel }));
      }
      shape = kindOf(layer).outputShape(layer, shape);
    }
    return sum;
  };
  return Math.round(walk(architecture.layers, architecture.input));
}

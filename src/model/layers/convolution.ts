import type { Tensor4D } from '@tensorflow/tfjs';
import { invalid } from '../../check.js';
import type { Convolution, Parameter, Shape } from '../architecture.js';
import * as twice from '../secondOrder.js';
import { addBias } from '../fusedGradients.js';
import { tf } from '../tensorflow.js';
import { bias } from './dense.js';
import type { LayerKind } from './layerKind.js';

export const convolution: LayerKind<Convolution> = {
  outputShape(layer, input) {
    const [height, width] = images(`convolution '${layer.name}'`, input);
    const side = (n: number) => windows(n, layer.size, layer.stride ?? 1, layer.padding ?? 'same', `convolution '${layer.name}'`);
    return [side(height), side(width), layer.filters];
  },
  parameters(layer, input) {
    const [, , inputs] = images(`convolution '${layer.name}'`, input);
    const kernel: Parameter = {
      name: `${layer.name}/kernel`,
      layer: layer.name,
      role: 'kernel',
      shape: [layer.size, layer.size, inputs, layer.filters],
      trainable: true,
      prunable: true,
      fanIn: layer.size * layer.size * inputs,
      fanOut: layer.size * layer.size * layer.filters,
      ...(layer.initialiser && { initialiser: layer.initialiser }),
    };
    return layer.bias === false ? [kernel] : [kernel, bias(layer.name, layer.filters, layer.biasStart)];
  },
  multiplyAdds(layer, input) {
    const [height = 0, width = 0] = convolution.outputShape(layer, input);
    return height * width * layer.size * layer.size * (input[2] ?? 0) * layer.filters;
  },
  forward(layer, x, context) {
    const kernel = context.parameter(`${layer.name}/kernel`) as Tensor4D;
    const run = context.secondOrder ? twice.convolution : tf.conv2d<Tensor4D>;
    const y = run(x as Tensor4D, kernel, layer.stride ?? 1, layer.padding ?? 'same');
    if (layer.bias === false) return y;
    const offset = context.parameter(`${layer.name}/bias`);
    return context.secondOrder ? tf.add(y, offset) : addBias(y, offset);
  },
};

/** [height, width, channels] of an input, or an error that names the layer. */
export function images(layer: string, input: Shape): [number, number, number] {
  if (input.length !== 3) throw invalid(`input of ${layer}`, '[height, width, channels]', `[${input}]`);
  return input as unknown as [number, number, number];
}

/** How many windows fit along an axis of n. */
export function windows(n: number, size: number, stride: number, padding: 'same' | 'valid', layer: string): number {
  const count = padding === 'same' ? Math.ceil(n / stride) : Math.floor((n - size) / stride) + 1;
  if (count < 1) throw invalid(`input of ${layer}`, `at least ${size} pixels a side`, n);
  return count;
}

import type { Tensor2D } from '@tensorflow/tfjs';
import { invalid } from '../../check.js';
import type { Dense, Parameter } from '../architecture.js';
import { addBias } from '../fusedGradients.js';
import { tf } from '../tensorflow.js';
import type { LayerKind } from './layerKind.js';

export const dense: LayerKind<Dense> = {
  outputShape(layer, input) {
    if (input.length !== 1) throw invalid(`input of dense layer '${layer.name}'`, 'one axis (put a flatten before it)', `[${input}]`);
    return [layer.units];
  },
  parameters(layer, [inputs = 0]) {
    const kernel: Parameter = {
      name: `${layer.name}/kernel`,
      layer: layer.name,
      role: 'kernel',
      shape: [inputs, layer.units],
      trainable: true,
      prunable: true,
      fanIn: inputs,
      fanOut: layer.units,
      ...(layer.initialiser && { initialiser: layer.initialiser }),
    };
    return layer.bias === false ? [kernel] : [kernel, bias(layer.name, layer.units)];
  },
  multiplyAdds: (layer, [inputs = 0]) => inputs * layer.units,
  forward(layer, x, context) {
    const y = tf.matMul(x as Tensor2D, context.parameter(`${layer.name}/kernel`) as Tensor2D);
    if (layer.bias === false) return y;
    const offset = context.parameter(`${layer.name}/bias`);
    return context.secondOrder ? tf.add(y, offset) : addBias(y, offset);
  },
};

/** The bias parameter of a layer: never pruned, starts at 0 unless said otherwise. */
export function bias(layer: string, units: number, start?: number): Parameter {
  const known = {
    name: `${layer}/bias`,
    layer,
    role: 'bias',
    shape: [units],
    trainable: true,
    prunable: false,
    fanIn: 0,
    fanOut: 0,
  } as const;
  return start === undefined ? known : { ...known, start };
}

import { invalid } from '../../check.js';
import type { Select } from '../architecture.js';
import { gather } from '../gather.js';
import { tf } from '../tensorflow.js';
import type { LayerKind } from './layerKind.js';

/** The features of the given indices: [batch, features] to [batch, indices]. */
export const select: LayerKind<Select> = {
  outputShape(layer, input) {
    const [features = 0] = input;
    if (input.length !== 1) throw invalid(`input of select layer '${layer.name}'`, 'one axis (put a flatten before it)', `[${input}]`);
    const wrong = layer.indices.find((i) => !Number.isInteger(i) || i < 0 || i >= features);
    if (wrong !== undefined) throw invalid(`index in select layer '${layer.name}'`, `a whole number below ${features}`, wrong);
    if (layer.indices.length === 0) throw invalid(`indices of select layer '${layer.name}'`, 'at least one', 'none');
    return [layer.indices.length];
  },
  parameters: () => [],
  multiplyAdds: () => 0,
  forward: (layer, x) => gather(x, tf.tensor1d([...layer.indices], 'int32'), 1),
};

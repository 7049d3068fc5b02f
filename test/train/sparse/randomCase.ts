/** Random small architectures with random masks: shapes, strides and densities that nobody thought of. */
import { pick } from '../../../src/array.js';
import { denseMask, type Mask } from '../../../src/mask.js';
import type { Architecture, Layer } from '../../../src/model/architecture.js';
import { initialise } from '../../../src/model/initialise.js';
import { layerShapes, prunable } from '../../../src/model/shapes.js';
import type { Random } from '../../../src/random.js';

/** An architecture for images of a random shape, drawn by `random`; always one that fits. */
export function randomArchitecture(random: Random, classes: number): Architecture {
  const one = <T>(...choices: T[]): T => choices[random.integer(choices.length)] as T;
  const input = [4 + random.integer(9), 4 + random.integer(9), one(1, 3)];
  const layers: Layer[] = [];
  const fits = (layer: Layer): boolean => {
    try {
      layerShapes({ name: 'try', input, layers: [...layers, layer] });
      return true;
    } catch {
      return false;
    }
  };
  const push = (layer: Layer): void => {
    if (fits(layer)) layers.push(layer);
  };
  const convolution = (name: string, filters: number): Layer => ({
    type: 'convolution',
    name,
    filters,
    size: 1 + random.integer(5),
    stride: one(1, 1, 2, 3),
    padding: one('same', 'valid'),
    bias: one(true, false),
  });
  for (let i = 0; i < random.integer(4); i++) {
    push(convolution(`conv${i}`, 1 + random.integer(20)));
    if (random.uniform() < 0.4) push({ type: 'batchNorm', name: `norm${i}`, affine: one(true, false) });
    if (random.uniform() < 0.7) push({ type: 'activation', function: one('relu', 'relu', 'tanh', 'sigmoid') });
    if (random.uniform() < 0.3)
      push({
        type: one('maxPool', 'averagePool'),
        size: 1 + random.integer(3),
        stride: 1 + random.integer(3),
        padding: one('same', 'valid'),
      });
    if (random.uniform() < 0.4) {
      const filters = layerShapes({ name: 'try', input, layers }).at(-1)?.output[2] ?? (input[2] as number);
      const body: Layer[] = [
        { type: 'convolution', name: `body${i}`, filters, size: one(1, 2, 3, 5) },
        { type: 'batchNorm', name: `bodyNorm${i}` },
      ];
      if (random.uniform() < 0.5) {
        if (random.uniform() < 0.7) body.push({ type: 'activation', function: 'relu' });
        body.push(
          { type: 'convolution', name: `second${i}`, filters, size: 3, bias: false },
          { type: 'batchNorm', name: `secondNorm${i}` },
        );
      }
      const shortcut: Layer[] | undefined = one(undefined, [{ type: 'convolution', name: `shortcut${i}`, filters, size: 1 }]);
      push({ type: 'residual', name: `block${i}`, body, ...(shortcut && { shortcut }) });
      if (random.uniform() < 0.6) push({ type: 'activation', function: 'relu' });
    }
    if (random.uniform() < 0.2) push({ type: 'dropout', rate: 0.25 });
  }
  layers.push(one<Layer>({ type: 'flatten' }, { type: 'globalAveragePool' }));
  for (let i = 0; i < random.integer(3); i++) {
    layers.push({ type: 'dense', name: `dense${i}`, units: 1 + random.integer(40), bias: one(true, false) });
    if (random.uniform() < 0.7) layers.push({ type: 'activation', function: one('relu', 'tanh') });
  }
  return { name: 'random', input, layers: [...layers, { type: 'dense', name: 'output', units: classes }] };
}

/** Each kernel with a density of its own: 0, 1, or between; some channels wholly pruned. */
export function randomMask(architecture: Architecture, random: Random): Mask {
  const weights = initialise(architecture, 1, 'heNormal');
  const names = prunable(architecture).map((p) => p.name);
  return Object.fromEntries(
    Object.entries(denseMask(pick(weights, names))).map(([name, { shape, values }]) => {
      const density = [0, 1, 0.02, 0.1, 0.3, 0.7][random.integer(6)] as number;
      const outputs = shape.at(-1) as number;
      const empty = Array.from({ length: outputs }, () => random.uniform() < 0.1);
      return [name, { shape, values: values.map((_, i) => (random.uniform() < density && !empty[i % outputs] ? 1 : 0)) }];
    }),
  );
}

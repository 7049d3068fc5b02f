import { invalid, missing, unknown } from '../check.js';
import type { Architecture, Layer, Shape } from '../model/architecture.js';
import { layerShapes } from '../model/shapes.js';

/** A gap between two top-level layers, where one can be inserted. */
export interface Place {
  /** Index that an inserted layer gets. */
  readonly index: number;
  /** Shape of the values that pass here. */
  readonly shape: Shape;
  /** Whether no value that passes here can be negative, whatever the weights. */
  readonly nonNegative: boolean;
  /** The layers before, the nearest first. */
  readonly before: readonly Layer[];
}

/**
 * The gap that `after` means. `'last'` is after the last activation: before the output layer, or before the pooling that ends a
 * convolutional network. The name or index of a top-level layer means after it and its BatchNorm and activation; the name of a stage
 * (`stage2`) after the last block of it.
 * @throws UserError where there is no such layer
 */
export function findPlace(architecture: Architecture, after: string | number): Place {
  const { layers, name } = architecture;
  let index = 1 + (after === 'last' ? lastIndex(layers, (layer) => layer.type === 'activation') : indexOf(architecture, after));
  if (index === 0) throw missing(`activation in '${name}'`, 'say in `after` which layer the new one follows');
  if (after !== 'last') {
    if (layers[index]?.type === 'batchNorm') index++;
    if (layers[index]?.type === 'activation') index++;
  }
  const before = layers.slice(0, index).reverse();
  const shape = layerShapes(architecture)[index - 1]?.output ?? architecture.input;
  return { index, shape, before, nonNegative: isNonNegative(before) };
}

function indexOf({ layers, name }: Architecture, after: string | number): number {
  if (typeof after === 'number') {
    if (Number.isInteger(after) && after >= 0 && after < layers.length) return after;
    throw invalid(`index of a layer of '${name}'`, `a whole number below ${layers.length}`, after);
  }
  const named = layers.map((layer) => ('name' in layer ? layer.name : ''));
  const exact = named.indexOf(after);
  const index = exact >= 0 ? exact : lastIndex(named, (layer) => layer.startsWith(`${after}.`));
  if (index < 0 || after === '') throw unknown(`layer of '${name}'`, after, ['last', ...named.filter((layer) => layer !== '')]);
  return index;
}

function lastIndex<T>(list: readonly T[], test: (item: T) => boolean): number {
  return list.reduce((found, item, i) => (test(item) ? i : found), -1);
}

/** Layers that only choose, average or drop values pass the sign on. */
function isNonNegative(before: readonly Layer[]): boolean {
  const passing = ['maxPool', 'averagePool', 'globalAveragePool', 'flatten', 'dropout'];
  const source = before.find((layer) => !passing.includes(layer.type));
  return source?.type === 'activation' && source.function !== 'tanh';
}

import type { Layer } from '../model/architecture.js';
import { nested } from '../model/nested.js';

/** The names of all layers, nested ones included, in forward order. */
export function layerNames(layers: readonly Layer[]): string[] {
  return layers.flatMap((layer) => {
    const own = 'name' in layer ? [layer.name] : [];
    return [...own, ...nested(layer).flatMap(layerNames)];
  });
}

/** The layer of that name, wherever it is nested; undefined where there is none. */
export function findLayer(layers: readonly Layer[], name: string): Layer | undefined {
  for (const layer of layers) {
    if ('name' in layer && layer.name === name) return layer;
    const inner = findLayer(nested(layer).flat(), name);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/**
 * The next free name of a stem: one more than the largest number in use, where a bare stem counts as 1. It depends on the names that
 * are there, not on the order in which they came.
 * @example nextName('dense', ['dense1', 'output']) // => 'dense2'
 * @example nextName('conv', ['conv', 'norm']) // => 'conv2'
 * @example nextName('stage1.block', []) // => 'stage1.block1'
 */
export function nextName(stem: string, names: readonly string[]): string {
  const numbers = names
    .filter((name) => name.startsWith(stem) && /^\d*$/.test(name.slice(stem.length)))
    .map((name) => Number(name.slice(stem.length) || 1));
  return stem + (Math.max(0, ...numbers) + 1);
}

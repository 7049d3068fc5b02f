import type { Mask } from '../mask.js';

/**
 * The names of the parameters that keep no weight at all, in the order of the mask.
 * @example deadLayers({ a: { shape: [2], values: new Uint8Array([0, 0]) }, b: { shape: [1], values: new Uint8Array([1]) } }) // => ['a']
 */
export function deadLayers(mask: Mask): string[] {
  return Object.keys(mask).filter((name) => mask[name]?.values.length !== 0 && !mask[name]?.values.includes(1));
}

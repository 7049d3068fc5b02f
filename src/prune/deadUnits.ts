import type { Mask } from '../mask.js';

/**
 * For each parameter the outputs (units of a dense kernel [inputs, units], filters of a convolution [height, width, inputs, filters])
 * that keep no incoming weight: they give a constant, their bias. Cost O(n).
 * @example deadUnits({ a: { shape: [2, 3], values: new Uint8Array([1, 0, 0, 0, 0, 1]) } }) // => { a: [1] }
 */
export function deadUnits(mask: Mask): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(mask).map(([name, { shape, values }]) => {
      const outputs = shape[shape.length - 1] ?? 0;
      const alive = new Uint8Array(outputs);
      for (let i = 0; i < values.length; i++) if (values[i] === 1) alive[i % outputs] = 1;
      return [name, [...alive.keys()].filter((unit) => alive[unit] === 0)];
    }),
  );
}

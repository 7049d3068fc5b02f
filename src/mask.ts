/** Masks: which weights a ticket keeps. 1 = kept, 0 = pruned. A parameter without an entry is wholly kept and never pruned. */
import { type Arrays, checkSameShapes, get, type NdArray } from './array.js';
import { invalid } from './check.js';

/** For each prunable parameter, an array of its shape that holds 1 where the weight is kept and 0 where it is pruned. */
export type Mask = Arrays<Uint8Array>;

/**
 * A checked mask.
 * @throws UserError unless every entry is 0 or 1
 * @example density(mask({ kernel: { shape: [2, 2], values: [1, 0, 0, 1] } })) // => 0.5
 */
export function mask(entries: Readonly<Record<string, { shape: readonly number[]; values: ArrayLike<number> }>>): Mask {
  return Object.fromEntries(
    Object.entries(entries).map(([name, { shape, values }]) => {
      for (let i = 0; i < values.length; i++) {
        if (values[i] !== 0 && values[i] !== 1) throw invalid(`mask '${name}' at ${i}`, '0 or 1', values[i]);
      }
      const bytes = Uint8Array.from(values);
      if (bytes.length !== shape.reduce((a, b) => a * b, 1)) throw invalid(`mask '${name}'`, `values for shape [${shape}]`, bytes.length);
      return [name, { shape, values: bytes }];
    }),
  );
}

/** The mask that keeps every weight of the given arrays. */
export function denseMask(arrays: Arrays): Mask {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [name, { shape, values: new Uint8Array(values.length).fill(1) }]),
  );
}

/** How many weights are kept. */
export function kept(m: Mask): number {
  return Object.values(m).reduce((sum, { values }) => sum + count(values), 0);
}

/** How many weights the mask decides about, kept or pruned. */
export function maskable(m: Mask): number {
  return Object.values(m).reduce((sum, { values }) => sum + values.length, 0);
}

/** Kept share in [0, 1]: kept / maskable. An empty mask has density 1. */
export function density(m: Mask): number {
  const total = maskable(m);
  return total === 0 ? 1 : kept(m) / total;
}

/** Pruned share in [0, 1]: 1 - density. @example sparsity(mask({ a: { shape: [4], values: [1, 0, 0, 0] } })) // => 0.75 */
export function sparsity(m: Mask): number {
  return 1 - density(m);
}

/** Kept share by parameter name. */
export function densityByName(m: Mask): Record<string, number> {
  return Object.fromEntries(Object.entries(m).map(([name, { values }]) => [name, values.length === 0 ? 1 : count(values) / values.length]));
}

/** The weights with every pruned one set to exactly 0; a copy. Parameters that the mask does not name are passed on. */
export function applyMask(arrays: Arrays, m: Mask): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => {
      if (!Object.hasOwn(m, name)) return [name, array];
      const { values } = get(m, name);
      const masked = array.values.slice();
      for (let i = 0; i < masked.length; i++) if (values[i] !== 1) masked[i] = 0;
      return [name, { shape: array.shape, values: masked } satisfies NdArray];
    }),
  );
}

/** Whether `b` keeps only weights that `a` keeps (pruning never brings a weight back). */
export function isSubMask(b: Mask, a: Mask): boolean {
  checkSameShapes('mask', a, b, 'compare masks of one architecture');
  return Object.entries(b).every(([name, { values }]) => {
    const outer = get(a, name).values;
    return values.every((v, i) => v <= (outer[i] as number));
  });
}

/**
 * Intersection over union of the kept weights, in [0, 1] (Jaccard index); 1 for two empty masks.
 * @throws UserError if the masks belong to different architectures
 */
export function overlap(a: Mask, b: Mask): number {
  checkSameShapes('mask', a, b, 'compare masks of one architecture');
  let both = 0;
  let either = 0;
  for (const [name, { values }] of Object.entries(a)) {
    const other = get(b, name).values;
    for (let i = 0; i < values.length; i++) {
      both += (values[i] as number) & (other[i] as number);
      either += (values[i] as number) | (other[i] as number);
    }
  }
  return either === 0 ? 1 : both / either;
}

function count(values: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum;
}

/** Sharpness: the largest eigenvalue of the loss's Hessian, from products alone. */
import { type Arrays, get, mapEach } from '../array.js';
import { checkCount } from '../check.js';
import type { Mask } from '../mask.js';
import type { Random } from '../random.js';

export interface TopEigenvalueOptions {
  /** Matrix times direction, such as `hessianProduct` of `derivatives`; symmetric. */
  readonly product: (direction: Arrays) => Promise<Arrays>;
  /** Entries that belong to the matrix: rows and columns of pruned weights are left out. */
  readonly mask: Mask;
  /** Draws the first direction. */
  readonly random: Random;
  /** Products at most, for each of two passes. Default 50. */
  readonly iterations?: number;
  /** The passes end when the estimate changes by less than this share of it. Default 0.001. */
  readonly tolerance?: number;
}

export interface TopEigenvalue {
  /** The largest eigenvalue (not by magnitude), an estimate from below. */
  readonly value: number;
  /** The eigenvalue of largest magnitude, which differs from `value` where it is negative. */
  readonly dominant: number;
  /** Products that it took. */
  readonly products: number;
}

/**
 * Power iteration on H restricted to kept weights. It finds the eigenvalue of largest magnitude; where that is negative, a second pass
 * on H - dominant I, whose eigenvalues are all at least 0, finds the largest one.
 * @throws UserError for fewer than one iteration
 */
export async function topEigenvalue(options: TopEigenvalueOptions): Promise<TopEigenvalue> {
  const { product, mask, random, iterations = 50, tolerance = 0.001 } = options;
  checkCount('iterations of the power method', iterations, 1);
  const masked = (arrays: Arrays): Arrays =>
    mapEach(mask, ({ shape, values }, name) => {
      const own = get(arrays, name).values;
      return { shape, values: Float32Array.from(own, (v, i) => v * (values[i] as number)) };
    });
  let products = 0;
  const pass = async (shift: number): Promise<number> => {
    let direction = unit(
      masked(mapEach(mask, ({ shape, values }) => ({ shape, values: Float32Array.from(values, () => random.normal()) }))),
    );
    let value = 0;
    for (let i = 0; i < iterations; i++) {
      const image = add(masked(await product(direction)), direction, -shift);
      products++;
      const before = value;
      // The Rayleigh quotient, twice as exact as the norm's growth.
      value = dot(direction, image);
      if (dot(image, image) === 0) return 0;
      direction = unit(image);
      if (i > 0 && Math.abs(value - before) <= tolerance * Math.abs(value)) break;
    }
    return value;
  };
  const dominant = await pass(0);
  const value = dominant >= 0 ? dominant : dominant + (await pass(dominant));
  return { value, dominant, products };
}

function dot(a: Arrays, b: Arrays): number {
  let sum = 0;
  for (const [name, { values }] of Object.entries(a)) {
    const other = get(b, name).values;
    for (let i = 0; i < values.length; i++) sum += (values[i] as number) * (other[i] as number);
  }
  return sum;
}

function add(a: Arrays, b: Arrays, factor: number): Arrays {
  return mapEach(a, ({ shape, values }, name) => {
    const other = get(b, name).values;
    return { shape, values: values.map((v, i) => v + factor * (other[i] as number)) };
  });
}

function unit(a: Arrays): Arrays {
  const length = Math.sqrt(dot(a, a));
  return length === 0 ? a : mapEach(a, ({ shape, values }) => ({ shape, values: values.map((v) => v / length) }));
}

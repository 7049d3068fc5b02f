import { type Arrays, checkSameShapes, get, mapEach } from '../array.js';

/**
 * (1 - alpha) a + alpha b, array by array (statistics of BatchNorm too): a place on the straight line between two networks.
 * @throws UserError for networks of other shapes
 */
export function interpolate(a: Arrays, b: Arrays, alpha: number): Arrays {
  checkSameShapes('second network', a, b, 'interpolate between networks of one architecture');
  return mapEach(a, ({ shape, values }, name) => {
    const other = get(b, name).values;
    return { shape, values: values.map((v, i) => (1 - alpha) * v + alpha * (other[i] as number)) };
  });
}

/**
 * The barrier of a curve on the line between two networks: its greatest value minus the mean of its two ends, at least 0 up to noise
 * (Frankle et al. 2020, arXiv:1912.05671).
 * @example barrier([0.02, 0.5, 0.04]) // => 0.47
 */
export function barrier(values: readonly number[]): number {
  return Math.max(...values) - ((values[0] as number) + (values.at(-1) as number)) / 2;
}

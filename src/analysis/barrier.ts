/**
 * The barrier of a curve: its greatest mean minus the mean of its two ends, at least 0 up to noise.
 * @example barrier([0.02, 0.5, 0.04]) // => 0.47
 */
export function barrier(values: readonly number[]): number {
  return Math.max(...values) - ((values[0] as number) + (values.at(-1) as number)) / 2;
}

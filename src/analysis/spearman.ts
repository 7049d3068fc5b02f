/** Rank correlation. */
import { mismatched } from '../check.js';
import { type BootstrapOptions, bootstrapInterval, type Interval, mean } from './confidence.js';

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, ties sharing their mean rank. In [-1, 1]; NaN when either list
 * is constant. Cost O(n log n).
 * @throws UserError if the lists differ in length
 * @example spearman([1, 2, 3], [10, 20, 15]) // => 0.5
 */
export function spearman(x: readonly number[], y: readonly number[]): number {
  if (x.length !== y.length) throw mismatched('lists to correlate', `${x.length} values`, `${y.length}`, 'pair the values');
  if (x.length < 2) return Number.NaN;
  const a = ranks(x);
  const b = ranks(y);
  const centre = mean(a);
  const products = (p: readonly number[], q: readonly number[]): number =>
    p.reduce((sum, value, i) => sum + (value - centre) * ((q[i] as number) - centre), 0);
  return products(a, b) / Math.sqrt(products(a, a) * products(b, b));
}

/** Percentile bootstrap interval of Spearman's correlation, pairs resampled together. */
export function spearmanInterval(x: readonly number[], y: readonly number[], options: BootstrapOptions): Interval {
  const pairs = x.map((value, i): readonly [number, number] => [value, y[i] as number]);
  return bootstrapInterval(pairs, options, (sample) =>
    spearman(
      sample.map(([a]) => a),
      sample.map(([, b]) => b),
    ),
  );
}

/** Ranks from 1, ties sharing their mean. @example ranks([30, 10, 30]) // => [2.5, 1, 2.5] */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => (values[i] as number) - (values[j] as number));
  const result = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
    for (let i = start; i < end; i++) result[order[i] as number] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}

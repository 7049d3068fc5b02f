/** Intervals for a mean of few replicates. */
import { invalid } from '../check.js';
import type { Random } from '../random.js';
import { studentTQuantile } from './studentT.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Mean of the values. @throws UserError if there is none
 * @example mean([1, 2, 6]) // => 3
 */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw invalid('mean', 'at least one value', 0);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Sample standard deviation, with n - 1 in the denominator (Bessel's correction); NaN for fewer than two values.
 * @example standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]) // => 2.138089935299395
 */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/**
 * Student's interval for a mean: mean +- t * sd / sqrt(n). Right for near-normal values; the honest choice for 3 to 10 replicates.
 * NaN for fewer than two values: one replicate says nothing about the spread.
 * @param confidence in (0, 1), default 0.95
 */
export function tInterval(values: readonly number[], confidence = 0.95): Interval {
  checkConfidence(confidence);
  if (values.length < 2) return { low: Number.NaN, high: Number.NaN };
  const half = (studentTQuantile((1 + confidence) / 2, values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length);
  return { low: mean(values) - half, high: mean(values) + half };
}

export interface BootstrapOptions {
  /** Where the resamples come from. */
  readonly random: Random;
  /** Number of resamples. Default 10000. */
  readonly resamples?: number;
  /** In (0, 1). Default 0.95. */
  readonly confidence?: number;
}

/**
 * Percentile bootstrap interval of a statistic: the middle `confidence` of its values over resamples with replacement
 * (Efron 1979). Too narrow below about 10 values: prefer `tInterval` there. Cost O(resamples * n).
 * @param statistic default the mean; NaN results (such as a correlation of constants) are left out
 */
export function bootstrapInterval<T = number>(
  values: readonly T[],
  { random, resamples = 10000, confidence = 0.95 }: BootstrapOptions,
  statistic: (sample: readonly T[]) => number = (sample) => mean(sample as readonly number[]),
): Interval {
  checkConfidence(confidence);
  if (values.length < 2) return { low: Number.NaN, high: Number.NaN };
  const results: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const result = statistic(values.map(() => values[random.integer(values.length)] as T));
    if (Number.isFinite(result)) results.push(result);
  }
  results.sort((a, b) => a - b);
  return { low: quantile(results, (1 - confidence) / 2), high: quantile(results, (1 + confidence) / 2) };
}

/**
 * The quantile of sorted values, linear between neighbours (type 7, numpy's default); NaN for no values.
 * @param p in [0, 1]
 * @example quantile([1, 2, 3, 4], 0.25) // => 1.75
 */
export function quantile(sorted: readonly number[], p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  const a = sorted[below] as number;
  const b = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return a + (b - a) * (place - below);
}

function checkConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) throw invalid('confidence', 'a number in (0, 1)', confidence);
}

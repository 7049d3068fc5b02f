/** Two arms compared replicate by replicate, so that what both share (data split, seed) cancels. */
import { invalid, mismatched } from '../check.js';
import type { Random } from '../random.js';
import { mean, standardDeviation, tInterval } from './confidence.js';

/** Differences of pairs, and what they say about the mean difference. */
export interface Paired {
  /** Number of pairs. */
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation of the differences; NaN for one pair. */
  readonly sd: number;
  readonly min: number;
  readonly max: number;
  /** 95 % t-interval of the mean difference; NaN for one pair. */
  readonly low: number;
  readonly high: number;
}

/** Whether a statement held: `undecided` where the interval leaves both open, or there are fewer than two pairs. */
export type Held = boolean | 'undecided';

/**
 * The differences a - b of values of the same replicates.
 * @throws UserError if the lists differ in length or are empty
 * @example paired([3, 5], [1, 2]).mean // => 2.5
 */
export function paired(a: readonly number[], b: readonly number[]): Paired {
  if (a.length !== b.length) throw mismatched('pairs', `${a.length} values`, `${b.length}`, 'pair the values by replicate');
  return differences(a.map((value, i) => value - (b[i] as number)));
}

/** What given differences say. @throws UserError if there is none */
export function differences(values: readonly number[]): Paired {
  const { low, high } = tInterval(values);
  return {
    ...{ n: values.length, mean: mean(values), sd: standardDeviation(values) },
    ...{ min: Math.min(...values), max: Math.max(...values), low, high },
  };
}

/**
 * Whether the mean difference is at least `bound`: true if the whole interval is, false if none of it is, else undecided.
 * @example decide(differences([1, 1.1, 0.9]), 0) // => true
 * @example decide(differences([0.5]), 0) // => 'undecided'
 */
export function decide({ low, high }: Paired, bound: number): Held {
  if (low >= bound) return true;
  if (high < bound) return false;
  return 'undecided';
}

/** All statements together: false if any failed, undecided if any is open, else true. @example allHeld([true, 'undecided']) // => 'undecided' */
export function allHeld(parts: readonly Held[]): Held {
  if (parts.includes(false)) return false;
  return parts.length === 0 || parts.includes('undecided') ? 'undecided' : true;
}

/**
 * Paired permutation test, two-sided: the share of sign assignments of the differences whose |mean| is at least the observed one.
 * Exact over all 2^n assignments up to n = 16, else over `resamples` drawn ones and the observed one. With n pairs no p below
 * 2^(1-n) is possible: 3 replicates can't go below 0.25.
 */
export function signFlipTest(values: readonly number[], random?: Random, resamples = 10000): number {
  if (values.length === 0) throw invalid('paired test', 'at least one pair', 0);
  const observed = Math.abs(values.reduce((sum, value) => sum + value, 0));
  const slack = 1e-12 * values.reduce((sum, value) => sum + Math.abs(value), 0);
  const extreme = (isFlipped: (i: number) => boolean): number =>
    Math.abs(values.reduce((sum, value, i) => sum + (isFlipped(i) ? -value : value), 0)) >= observed - slack ? 1 : 0;
  if (values.length <= 16) {
    const assignments = 2 ** values.length;
    let count = 0;
    for (let bits = 0; bits < assignments; bits++) count += extreme((i) => ((bits >> i) & 1) === 1);
    return count / assignments;
  }
  if (random === undefined) throw invalid('paired test of over 16 pairs', 'a random stream', undefined);
  let count = 1;
  for (let r = 0; r < resamples; r++) count += extreme(() => random.bits() >= 2147483648);
  return count / (resamples + 1);
}

/** The subset of a list whose sum is nearest to a target, exactly, by meeting in the middle (Horowitz & Sahni 1974). */
import { checkCount, checkFinite, invalid } from '../../check.js';

/** A subset of the loaded values. */
export interface Subset {
  readonly sum: number;
  /** |sum - target|. */
  readonly error: number;
  /** One bit for each value, the first value in the lowest: of the first floor(n/2) values, and of the rest. */
  readonly low: number;
  readonly high: number;
  /** How many values are in it. */
  readonly size: number;
}

/** Answers for one list of values at a time; memory is kept from list to list, so that many short lists cost little. */
export interface SubsetSolver {
  /** Takes n values. Cost O(2^(n/2)). @throws UserError for another number of values, and for one that is not finite */
  load(values: ArrayLike<number>): void;
  /** The nearest subset; the empty one, of sum 0, counts. Cost O(2^(n/2)). @throws UserError for a target that is not finite */
  nearest(target: number): Subset;
}

/** The largest n: two lists of 2^20 sums. */
export const MOST_VALUES = 40;

/**
 * A solver for lists of n values. The sums of each half are kept in ascending order, so the nearest pair is found by walking one
 * up and the other down.
 * @throws UserError unless n is 1 to 40
 */
export function subsetSolver(n: number): SubsetSolver {
  if (checkCount('number of coefficients', n, 1) > MOST_VALUES) throw invalid('number of coefficients', `at most ${MOST_VALUES}`, n);
  const first = Math.floor(n / 2);
  const [low, high] = [halfSums(first), halfSums(n - first)];
  return {
    load(values) {
      if (values.length !== n) throw invalid('list of coefficients', `${n} values`, values.length);
      for (let i = 0; i < n; i++) checkFinite(`coefficient ${i + 1} of ${n}`, values[i] as number);
      low.load(values, 0);
      high.load(values, first);
    },
    nearest(target) {
      checkFinite('target of a subset sum', target);
      const a = low.sums();
      const b = high.sums();
      let i = 0;
      let j = b.length - 1;
      let [error, bestI, bestJ] = [Number.POSITIVE_INFINITY, 0, 0];
      while (i < a.length && j >= 0) {
        const difference = (a[i] as number) + (b[j] as number) - target;
        const distance = Math.abs(difference);
        if (distance < error) [error, bestI, bestJ] = [distance, i, j];
        if (difference < 0) i++;
        else if (difference > 0) j--;
        else break;
      }
      const [lowBits, highBits] = [low.subset(bestI), high.subset(bestJ)];
      const sum = (a[bestI] as number) + (b[bestJ] as number);
      return { sum, error, low: lowBits, high: highBits, size: ones(lowBits) + ones(highBits) };
    },
  };
}

/**
 * The nearest subset to one target.
 * @throws UserError for no values or more than 40, and for a number that is not finite
 * @example bestSubset([1, 2, 4, 8], 6.25).sum // => 6
 * @example bestSubset([0.5, -0.25, 3], 0.2).size // => 2
 */
export function bestSubset(values: ArrayLike<number>, target: number): Subset {
  const solver = subsetSolver(values.length);
  solver.load(values);
  return solver.nearest(target);
}

/**
 * 1 for each value that is in the subset.
 * @example subsetMembers(bestSubset([1, 2, 4, 8], 6.25), 4) // => new Uint8Array([0, 1, 1, 0])
 */
export function subsetMembers({ low, high }: Subset, n: number): Uint8Array {
  const first = Math.floor(n / 2);
  return Uint8Array.from({ length: n }, (_, i) => (i < first ? (low >>> i) & 1 : (high >>> (i - first)) & 1));
}

/** All 2^n sums of n values in ascending order. Each value merges the sums without it with those with it. */
function halfSums(n: number) {
  let [sums, spareSums] = [new Float64Array(2 ** n), new Float64Array(2 ** n)];
  let [subsets, spareSubsets] = [new Uint32Array(2 ** n), new Uint32Array(2 ** n)];
  return {
    sums: () => sums,
    subset: (index: number): number => subsets[index] as number,
    load(values: ArrayLike<number>, from: number) {
      sums[0] = 0;
      subsets[0] = 0;
      for (let k = 0, count = 1; k < n; k++, count *= 2) {
        const value = values[from + k] as number;
        const bit = 1 << k;
        let [i, j] = [0, 0];
        for (let out = 0; out < 2 * count; out++) {
          if (j === count || (i < count && (sums[i] as number) <= (sums[j] as number) + value)) {
            spareSums[out] = sums[i] as number;
            spareSubsets[out] = subsets[i++] as number;
          } else {
            spareSums[out] = (sums[j] as number) + value;
            spareSubsets[out] = (subsets[j++] as number) | bit;
          }
        }
        [sums, spareSums] = [spareSums, sums];
        [subsets, spareSubsets] = [spareSubsets, subsets];
      }
    },
  };
}

function ones(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

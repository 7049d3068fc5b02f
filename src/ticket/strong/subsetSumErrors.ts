/** How near a random list comes to a random target: the lemma under every proof of strong tickets, measured. */
import { checkCount } from '../../check.js';
import type { Random } from '../../random.js';
import type { CoefficientLaw } from './coefficientLaws.js';
import { subsetSolver } from './subsetSolver.js';

export interface SubsetSumErrorsOptions {
  /** Coefficients in a list. */
  readonly count: number;
  readonly trials: number;
  readonly law: CoefficientLaw;
  /** `subset`: the best of all subsets (Lueker 1998; Pensia et al.). `single`: the best single coefficient, none left out (Malach et al.). */
  readonly choice: 'subset' | 'single';
  readonly random: Random;
}

/**
 * The error of each trial: `count` coefficients by the law, a target uniform in [-1/2, 1/2], the nearest sum. Ascending.
 * For uniform coefficients and a single one the median is exactly 1 - 2^(-1/count).
 * @throws UserError for a count that is not 1 to 40, and for no trials
 */
export function subsetSumErrors({ count, trials, law, choice, random }: SubsetSumErrorsOptions): Float64Array {
  checkCount('number of coefficients', count, 1);
  checkCount('number of trials', trials, 1);
  const solver = choice === 'subset' ? subsetSolver(count) : undefined;
  const values = new Float64Array(count);
  const errors = Float64Array.from({ length: trials }, () => {
    for (let i = 0; i < count; i++) values[i] = law.draw(random);
    const target = random.uniform() - 0.5;
    if (solver === undefined) return values.reduce((least, value) => Math.min(least, Math.abs(value - target)), Number.POSITIVE_INFINITY);
    solver.load(values);
    return solver.nearest(target).error;
  });
  return errors.sort();
}

/**
 * The rank interval of the median of `n` ascending values (from 0), with at least the given coverage: the number of values below the
 * median is binomial(n, 1/2), whatever their law. Widest possible where n is too small for the coverage.
 * @example medianRanks(10) // => [1, 8]
 * @example medianRanks(400) // => [179, 220]
 */
export function medianRanks(n: number, confidence = 0.95): [number, number] {
  // P(X <= k) for X binomial(n, 1/2), summed in logarithms' exponentials so that 2^-n does not vanish.
  let term = -n * Math.LN2;
  let below = 0;
  for (let k = 0; k < n / 2; k++) {
    below += Math.exp(term);
    if (below > (1 - confidence) / 2) return k === 0 ? [0, n - 1] : [k - 1, n - k];
    term += Math.log((n - k) / (k + 1));
  }
  return [Math.floor((n - 1) / 2), Math.floor(n / 2)];
}

/** How dense each level is: pure functions from a level (0 = before the first pruning) to a density in (0, 1]. */
import { checkCount, checkFraction, invalid } from '../check.js';

/** The density at a level. Levels beyond the last keep its density. */
export type Schedule = (level: number) => number;

/**
 * Dense at level 0, then the given density at once.
 * @param density kept share in [0, 1]
 * @example [0, 1, 2].map(oneShot(0.2)) // => [1, 0.2, 0.2]
 */
export function oneShot(density: number): Schedule {
  checkFraction('density', density);
  return (level) => (checkCount('level', level) === 0 ? 1 : density);
}

/**
 * (1 - fraction)^level: the same share of the remaining weights goes at each level. Frankle & Carbin 2019, arXiv:1803.03635.
 * @param fraction pruning fraction in [0, 1]
 * @example [0, 1, 2].map(iterative(0.5)) // => [1, 0.5, 0.25]
 */
export function iterative(fraction: number): Schedule {
  checkFraction('pruning fraction', fraction);
  return (level) => (1 - fraction) ** checkCount('level', level);
}

/** Where a schedule of a fixed number of levels ends. */
export interface EndOptions {
  /** Kept share at the last level, in [0, 1]; more than 0 for `exponential`. */
  readonly density: number;
  /** Number of levels after level 0, at least 1. */
  readonly levels: number;
}

/**
 * Sparsity s (1 - (1 - level / levels)^3), fast at first: s is the final sparsity. Zhu & Gupta 2017, arXiv:1710.01878.
 * @example [0, 1, 2, 3].map(cubic({ density: 0.5, levels: 2 })) // => [1, 0.5625, 0.5, 0.5]
 */
export function cubic({ density, levels }: EndOptions): Schedule {
  checkFraction('density', density);
  checkCount('levels', levels, 1);
  return (level) => density + (1 - density) * (1 - reached(level, levels)) ** 3;
}

/**
 * density^(level / levels): the same share of the remaining weights at each level, chosen to end at the density. SynFlow's
 * schedule (arXiv:2006.05467), there with 100 levels.
 * @example [0, 1, 2, 3].map(exponential({ density: 0.25, levels: 2 })) // => [1, 0.5, 0.25, 0.25]
 */
export function exponential({ density, levels }: EndOptions): Schedule {
  if (!(density > 0 && density <= 1)) throw invalid('density', 'a fraction in (0, 1]', density);
  checkCount('levels', levels, 1);
  return (level) => density ** reached(level, levels);
}

function reached(level: number, levels: number): number {
  return Math.min(1, checkCount('level', level) / levels);
}

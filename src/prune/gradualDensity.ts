/** Gradual pruning: how dense a network is at each update of one training. */
import { checkCount, checkFraction, invalid } from '../check.js';
import { cubic } from './schedule.js';

export interface GradualOptions {
  /** Kept share after the last pruning, in [0, 1]. */
  readonly density: number;
  /** Kept share before the first pruning, in [density, 1]. Default 1. */
  readonly initial?: number;
  /** Updates before the ramp begins, t0. Default 0. */
  readonly start?: number;
  /** Updates between prunings, dt, at least 1. */
  readonly every: number;
  /** How many prunings there are, n, at least 1: the last one at t0 + n dt. */
  readonly prunings: number;
}

/**
 * The density in [0, 1] at an update of a training: with sparsities s = 1 - density, at the prunings t = t0 + k dt, k from 0 to n,
 * s(t) = s_f + (s_i - s_f) (1 - (t - t0) / (n dt))^3: many weights go at first, fewer and fewer then. Between prunings it stays, before
 * t0 it is the initial one, after t0 + n dt the final one. Zhu & Gupta 2017, arXiv:1710.01878.
 * @throws UserError for densities that are no fractions or rise, and counts that are no whole numbers
 * @example [0, 99, 100, 200, 900].map(gradualDensity({ density: 0.5, every: 100, prunings: 2 })) // => [1, 1, 0.5625, 0.5, 0.5]
 */
export function gradualDensity({ density, initial = 1, start = 0, every, prunings }: GradualOptions): (step: number) => number {
  checkFraction('density', density);
  checkFraction('initial density', initial);
  if (initial < density) throw invalid('initial density', `at least the final one, ${density}`, initial);
  checkCount('start of gradual pruning', start);
  checkCount('updates between prunings', every, 1);
  checkCount('number of prunings', prunings, 1);
  const left = cubic({ density: 0, levels: prunings });
  return (step) => {
    const share = left(Math.max(0, Math.floor((checkCount('update', step) - start) / every)));
    // The sum with the whole difference may be another number in the last bit.
    return share === 1 ? initial : density + share * (initial - density);
  };
}

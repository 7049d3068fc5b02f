/** Robust accuracy against what it cost: is an adversarial training cheaper with a ticket? */
import type { Table } from '../analysis/table.js';
import { byCount } from './byCount.js';
import type { Figure } from './figure.js';
import type { Band } from './summarise.js';

export interface RobustByCostOptions {
  /** `robust`: accuracy on attacked images; `clean`: on clean ones. Default `robust`. */
  readonly value?: 'robust' | 'clean';
  /**
   * What is counted: `evaluations`, gradients of a batch; `seconds` by the clock, or `processor` seconds of all threads, both from
   * `withSeconds`. Default `evaluations`.
   */
  readonly cost?: keyof typeof costs;
  readonly band?: Band;
  readonly title?: string;
}

const costs = {
  evaluations: 'gradient evaluations, the mask included',
  seconds: 'seconds of training, the mask included',
  processor: 'processor seconds of training, the mask included',
};

/**
 * Accuracy along training by what was spent so far, the training for the mask included: a curve further left is cheaper. Section 4 of
 * Li et al. (arXiv:2003.05733) counts seconds; gradient evaluations (forward and backward passes of a batch) are the same everywhere.
 * @param points from `toPoints(records, 'robust')`
 */
export function robustByCost(
  points: Table,
  { value = 'robust', cost = 'evaluations', band = 'range', title = 'Robust accuracy by the cost of training' }: RobustByCostOptions = {},
): Figure {
  const valueTitle = value === 'robust' ? 'test accuracy under attack' : 'test accuracy on clean images';
  return byCount(points, {
    ...{ count: cost, countTitle: costs[cost], value, valueTitle, title, band },
    ...(cost !== 'evaluations' && { point: 'step' }),
    format: (accuracy: number) => `${valueTitle} ${(100 * accuracy).toFixed(2)} %`,
  });
}

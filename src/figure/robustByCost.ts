/** Robust accuracy against what it cost: is an adversarial training cheaper with a ticket? */
import type { Table } from '../analysis/table.js';
import { byCount } from './byCount.js';
import type { Figure } from './figure.js';
import type { Band } from './summarise.js';

export interface RobustByCostOptions {
  /** `robust`: accuracy on attacked images; `clean`: on clean ones. Default `robust`. */
  readonly value?: 'robust' | 'clean';
  readonly band?: Band;
  readonly title?: string;
}

/**
 * Accuracy along training by the gradient evaluations (forward and backward passes of a batch) spent so far, those for the mask
 * included: a curve further left is cheaper. The cost that section 4 of Li et al. (arXiv:2003.05733) counts in seconds.
 * @param points from `toPoints(records, 'robust')`
 */
export function robustByCost(
  points: Table,
  { value = 'robust', band = 'range', title = 'Robust accuracy by the cost of training' }: RobustByCostOptions = {},
): Figure {
  const valueTitle = value === 'robust' ? 'test accuracy under attack' : 'test accuracy on clean images';
  return byCount(points, {
    ...{ count: 'evaluations', countTitle: 'gradient evaluations, the mask included', value, valueTitle, title, band },
    format: (accuracy: number) => `${valueTitle} ${(100 * accuracy).toFixed(2)} %`,
  });
}

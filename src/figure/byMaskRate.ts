/** What the learning rate of the training that gives the mask does to the ticket. */
import type { Table } from '../analysis/table.js';
import { byCount } from './byCount.js';
import type { Figure } from './figure.js';
import type { Band } from './summarise.js';

export interface ByMaskRateOptions {
  /**
   * `first`: validation accuracy after the first epoch (a table from `boostingTable`). `kept` or `all`: how far the pruned network's
   * training at that rate strays from the full one's, over the kept weights or all (`toPoints(records, 'path')`). Default `first`.
   */
  readonly value?: keyof typeof values;
  readonly band?: Band;
  readonly title?: string;
}

const share = (accuracy: number): string => `accuracy ${(100 * accuracy).toFixed(2)} %`;
const distance = (d: number): string => `relative distance ${d.toFixed(3)}`;
const values = {
  first: { column: 'maskRate', title: 'validation accuracy after the first epoch', format: share },
  kept: { column: 'rate', title: 'relative distance, kept weights', format: distance },
  all: { column: 'rate', title: 'relative distance, all weights', format: distance },
};

/** Mean by the learning rate, with a band over replicates. As the sweep of rates and Figure 3 of Li et al. (arXiv:2003.05733). */
export function byMaskRate(
  table: Table,
  { value = 'first', band = 'range', title = 'Tickets by the learning rate of their mask' }: ByMaskRateOptions = {},
): Figure {
  const { column, title: valueTitle, format } = values[value];
  return byCount(table, {
    ...{ count: column, countTitle: 'learning rate of the training for the mask', logCount: true },
    ...{ value, valueTitle, format, title, band },
  });
}

/** Accuracy after the first epoch against the size of the network: do wide networks have faster tickets? */
import type { Table } from '../analysis/table.js';
import { byCount } from './byCount.js';
import type { Figure } from './figure.js';
import type { Band } from './summarise.js';

export interface FirstEpochByWidthOptions {
  readonly band?: Band;
  readonly title?: string;
}

/**
 * Mean validation accuracy after one epoch by the parameters of the dense network, all widths of one family at one pruned share. As
 * Figure 6 of Li et al. (arXiv:2003.05733).
 * @param levels from `boostingTable`, rows of one density besides the dense ones
 */
export function firstEpochByWidth(
  levels: Table,
  { band = 'range', title = 'Accuracy after the first epoch by width' }: FirstEpochByWidthOptions = {},
): Figure {
  return byCount(levels, {
    ...{ count: 'parameters', countTitle: 'parameters of the dense network', logCount: true, title, band },
    ...{ value: 'first', valueTitle: 'validation accuracy after the first epoch' },
    format: (accuracy: number) => `accuracy ${(100 * accuracy).toFixed(2)} %`,
  });
}

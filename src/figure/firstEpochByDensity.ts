/** Accuracy after the first epoch against density: which tickets train fast? */
import type { Table } from '../analysis/table.js';
import { type ByDensityOptions, byDensity } from './byDensity.js';
import type { Figure } from './figure.js';

/**
 * Mean validation accuracy at the first measurement of the training, with a band over replicates. As Figure 5 of Li et al.
 * (arXiv:2003.05733).
 * @param levels from `boostingTable`
 */
export function firstEpochByDensity(levels: Table, options: ByDensityOptions = {}): Figure {
  return byDensity(levels, {
    ...options,
    title: options.title ?? 'Accuracy after the first epoch by density',
    columns: ['first'],
    value: (row) => (typeof row.first === 'number' ? row.first : undefined),
    yTitle: 'validation accuracy after the first epoch',
    format: (accuracy) => `accuracy ${(100 * accuracy).toFixed(2)} %`,
  });
}

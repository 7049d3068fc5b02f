/** The early-stop iteration against density: which networks learn faster? */
import type { Table } from '../analysis/table.js';
import { type ByDensityOptions, byDensity } from './byDensity.js';
import type { Figure } from './figure.js';

/**
 * Mean iteration of the least validation loss, with a band over replicates; the dotted line is the dense network.
 * As Figure 3 of Frankle & Carbin (arXiv:1803.03635).
 * @param levels from `toLevels`
 */
export function earlyStopByDensity(levels: Table, options: ByDensityOptions = {}): Figure {
  return byDensity(levels, {
    ...options,
    title: options.title ?? 'Early stop by density',
    columns: ['earlyStop'],
    value: (row) => (typeof row.earlyStop === 'number' ? row.earlyStop : undefined),
    yTitle: 'early stop (training iterations)',
    format: (iterations) => `${iterations.toFixed(0)} iterations`,
    denseLine: true,
  });
}

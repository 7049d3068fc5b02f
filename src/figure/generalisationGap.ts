/** Training minus test accuracy against density: does sparsity help to generalise? */
import type { Table } from '../analysis/table.js';
import { type ByDensityOptions, byDensity } from './byDensity.js';
import type { Figure } from './figure.js';

/**
 * Mean of training accuracy - test accuracy at the end of a level, with a band over replicates; the dotted line is the dense network.
 * @param levels from `toLevels`
 */
export function generalisationGap(levels: Table, options: ByDensityOptions = {}): Figure {
  return byDensity(levels, {
    ...options,
    title: options.title ?? 'Generalisation gap by density',
    columns: ['trainAtEnd', 'testAtEnd'],
    value: ({ trainAtEnd, testAtEnd }) =>
      typeof trainAtEnd === 'number' && typeof testAtEnd === 'number' ? trainAtEnd - testAtEnd : undefined,
    yTitle: 'training - test accuracy (share)',
    format: (gap) => `gap ${gap.toFixed(4)}`,
    denseLine: true,
  });
}

/** Accuracy against density: do tickets keep the accuracy of the dense network, and do their controls? */
import type { Table } from '../analysis/table.js';
import { type ByDensityOptions, byDensity } from './byDensity.js';
import type { Figure } from './figure.js';

export interface AccuracyByDensityOptions extends ByDensityOptions {
  /** Which accuracy of the level. Default `testAtEarlyStop`. */
  readonly value?: 'testAtEarlyStop' | 'testAtEnd' | 'validationAtEarlyStop' | 'validationAtEnd' | 'trainAtEnd';
}

const names = {
  testAtEarlyStop: 'test accuracy at the early stop',
  testAtEnd: 'test accuracy at the end',
  validationAtEarlyStop: 'validation accuracy at the early stop',
  validationAtEnd: 'validation accuracy at the end',
  trainAtEnd: 'training accuracy at the end',
};

/**
 * Mean accuracy by density with a band over replicates; the dotted line is the dense network (level 0 of the first arm).
 * As Figure 4 of Frankle & Carbin (arXiv:1803.03635).
 * @param levels from `toLevels`
 */
export function accuracyByDensity(levels: Table, options: AccuracyByDensityOptions = {}): Figure {
  const { value = 'testAtEarlyStop' } = options;
  return byDensity(levels, {
    ...options,
    title: options.title ?? 'Accuracy by density',
    columns: [value],
    value: (row) => number(row[value]),
    yTitle: `${names[value]} (share)`,
    format: (accuracy) => `accuracy ${accuracy.toFixed(4)}`,
    denseLine: true,
  });
}

function number(cell: unknown): number | undefined {
  return typeof cell === 'number' ? cell : undefined;
}

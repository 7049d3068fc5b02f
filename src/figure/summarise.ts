/** What a figure says of several replicates of a point. */
import { mean, tInterval } from '../analysis/confidence.js';
import type { Cell } from '../analysis/table.js';

/** Which spread a band shows. */
export type Band = 'range' | 'interval' | 'none';

export interface Summary {
  readonly n: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** 95 % t-interval of the mean. */
  readonly low: number;
  readonly high: number;
}

/** The summary of those cells that are finite numbers; undefined if none is. */
export function summarise(cells: readonly (Cell | undefined)[]): Summary | undefined {
  const values = cells.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  if (values.length === 0) return undefined;
  return { n: values.length, mean: mean(values), min: Math.min(...values), max: Math.max(...values), ...tInterval(values) };
}

/** Rows of two groups that belong together, and their differences replicate by replicate. */
import { percent } from './claim.js';
import { mean } from './confidence.js';
import type { TableRow } from './table.js';

export interface RowPair {
  readonly a: number;
  readonly b: number;
  readonly replicate: number;
}

/**
 * Each row of the first group with the row of the second that agrees in some columns; rows without one are left out.
 * @param value the numeric column that is compared
 */
export function pairRows(first: readonly TableRow[], second: readonly TableRow[], columns: readonly string[], value: string): RowPair[] {
  return first.flatMap((row) => {
    const other = second.find((candidate) => columns.every((column) => candidate[column] === row[column]));
    return other === undefined ? [] : [{ a: Number(row[value]), b: Number(other[value]), replicate: Number(row.replicate) }];
  });
}

/** The mean of a - b for each replicate, and both means for people: what a claim's part takes. The values are shares. */
export function pairDifferences(pairs: readonly RowPair[]): { values: number[]; detail?: string } {
  if (pairs.length === 0) return { values: [] };
  const replicates = [...new Set(pairs.map(({ replicate }) => replicate))];
  const values = replicates.map((replicate) => mean(pairs.filter((pair) => pair.replicate === replicate).map(({ a, b }) => a - b)));
  return { values, detail: `${percent(mean(pairs.map(({ a }) => a)))} against ${percent(mean(pairs.map(({ b }) => b)))}` };
}

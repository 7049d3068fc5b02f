/** The scale of training curves, so that one bad start does not flatten them all. */
import type { TableRow } from '../analysis/table.js';

/**
 * A little more than the values after the first step span, without the worst 3 %: for accuracy those below, for loss those above.
 * What falls outside is cut off; a reader can zoom out.
 */
export function curveScale(rows: readonly TableRow[], metric: 'accuracy' | 'loss'): [low: number, high: number] {
  const values = rows
    .filter((row) => Number(row.step) > 0)
    .map((row) => row[metric])
    .filter((value): value is number => typeof value === 'number' && Number.isFinite(value))
    .sort((a, b) => a - b);
  if (values.length === 0) return [0, 1];
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] as number;
  const [low, high] = metric === 'accuracy' ? [at(0.03), at(1)] : [at(0), at(0.97)];
  const pad = Math.max(0.06 * (high - low), 1e-3);
  return metric === 'accuracy' ? [low - pad, Math.min(1.002, high + pad)] : [Math.max(0, low - pad), high + pad];
}

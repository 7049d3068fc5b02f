/** What robustness cost by the clock. */
import type { Timing, Timings } from '../run/readTimings.js';
import { fromRows, groupRows, type Table, type TableRow, toRows } from './table.js';

/**
 * The points with `seconds` and `processor`: what the run had spent on training when the point was measured, the training for the mask
 * included and all measuring left out; null for runs without timings. Updates of one training take alike, so a part of them counts for
 * that part of its time.
 * @param points from `toPoints(records, 'robust')`, to the end of each training
 */
export function withSeconds(points: Table, timings: Timings): Table {
  const rows = groupRows(toRows(points), ['key']).flatMap((run) => {
    const last = Math.max(...run.map(({ step }) => Number(step)));
    const spent = (timing: Timing | undefined, step: number): number | null =>
      timing?.train === undefined ? null : (timing.mask ?? 0) + (timing.train * step) / last;
    return run.map((row): TableRow => {
      const [key, step] = [String(row.key), Number(row.step)];
      return { ...row, seconds: spent(timings.seconds[key], step), processor: spent(timings.processor[key], step) };
    });
  });
  return fromRows(rows, [...points.columnNames(), 'seconds', 'processor']);
}

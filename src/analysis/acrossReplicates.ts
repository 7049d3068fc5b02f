/** One row for each setting, with mean and spread of a value over its replicates. */
import type { Random } from '../random.js';
import { bootstrapInterval, mean, standardDeviation, tInterval } from './confidence.js';
import { checkColumns, fromRows, groupRows, type Table, type TableRow, toRows } from './table.js';

export interface AcrossReplicatesOptions {
  /** Columns that stay: what makes two rows replicates of one another, such as `['arm', 'level']`. */
  readonly by: readonly string[];
  /** The numeric column to summarise. */
  readonly value: string;
  /** Coverage of `low` to `high`, in (0, 1). Default 0.95. */
  readonly confidence?: number;
  /** A stream makes the interval a percentile bootstrap; default is Student's t. */
  readonly bootstrap?: Random;
}

/**
 * The columns `by`, then `n` (values that are numbers), `mean, min, max, sd` (n - 1 in its denominator), and `low, high`, the
 * confidence interval of the mean. `sd, low, high` are null for one replicate, all but `n` for none.
 * @throws UserError if a column is absent
 */
export function acrossReplicates(table: Table, options: AcrossReplicatesOptions): Table {
  const { by, value, confidence = 0.95, bootstrap } = options;
  checkColumns('acrossReplicates', table, [...by, value]);
  const rows = groupRows(toRows(table), by).map((group): TableRow => {
    const values = group.map((row) => row[value]).filter((v): v is number => typeof v === 'number' && Number.isFinite(v));
    const setting = Object.fromEntries(by.map((name) => [name, group[0]?.[name] ?? null]));
    const n = values.length;
    if (n === 0) return { ...setting, n, mean: null, min: null, max: null, sd: null, low: null, high: null };
    const { low, high } = bootstrap ? bootstrapInterval(values, { random: bootstrap, confidence }) : tInterval(values, confidence);
    return {
      ...setting,
      ...{ n, mean: mean(values), min: Math.min(...values), max: Math.max(...values) },
      ...{ sd: finite(standardDeviation(values)), low: finite(low), high: finite(high) },
    };
  });
  return fromRows(rows, [...by, 'n', 'mean', 'min', 'max', 'sd', 'low', 'high']);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Juvenility profiles: what was measured of each ticket, and what goes with its gain. */
import type { Random } from '../random.js';
import type { Evaluation, RunRecord } from '../run/record.js';
import { bootstrapInterval } from './confidence.js';
import { spearman } from './spearman.js';
import { fromRows, groupRows, type Table, type TableRow, toRows } from './table.js';
import { toPoints } from './toTable.js';

export interface ProfileTableOptions {
  /** Validation accuracy to be reached, in [0, 1]. Default 0.9. */
  readonly threshold?: number;
}

/** A measure of the profile, and the sign of its correlation with the gain that the juvenile state hypothesis predicts. */
export interface Measure {
  readonly name: string;
  readonly label: string;
  readonly predicted: 1 | -1;
  /** Why, in a few words. */
  readonly reason: string;
}

/** The paper is qualitative: these predictions are our reading of it. */
export const measures: readonly Measure[] = [
  { name: 'firstEpoch', label: 'validation accuracy after one epoch', predicted: 1, reason: 'the young learn fast' },
  { name: 'stepsToThreshold', label: 'iterations to the threshold', predicted: -1, reason: 'the young learn fast' },
  { name: 'gradientNorm', label: 'gradient norm at the start', predicted: 1, reason: 'there is much to learn' },
  { name: 'gradientFlow', label: 'gradient flow: least over greatest layer', predicted: 1, reason: 'all layers can learn' },
  { name: 'barrier', label: 'error barrier between two orders', predicted: -1, reason: 'a stable start' },
  { name: 'sharpness', label: 'sharpness at the start', predicted: -1, reason: 'a smooth loss surface' },
  { name: 'sharpnessAtEnd', label: 'sharpness at the end', predicted: -1, reason: 'a flat minimum' },
  { name: 'effectiveRank', label: 'effective rank of the last hidden layer', predicted: 1, reason: 'features are not used up' },
  { name: 'deadUnits', label: 'share of dead units', predicted: -1, reason: 'units are not used up' },
  { name: 'distance', label: 'relative distance travelled', predicted: -1, reason: 'knowledge is kept' },
  { name: 'transferGain', label: 'gain on the other data set', predicted: 1, reason: 'what it knows is general' },
];

/**
 * One row for each ticket: `arm, replicate, level`, the values of its profile, and from its training curve `firstEpoch` (validation
 * accuracy at the first measurement after one epoch) and `stepsToThreshold` (null if it never got there).
 */
export function profileTable(records: readonly RunRecord[], { threshold = 0.9 }: ProfileTableOptions = {}): Table {
  const own = records.filter(({ spec }) => spec.experiment === 'profile');
  const rows = toRows(toPoints(own, 'profile')).map((row): TableRow => {
    const record = own.find(({ key }) => key === row.key);
    const curve = (record?.rows ?? [])
      .filter((r): r is Evaluation => r.kind === 'evaluation' && r.level === row.level && r.split === 'validation' && r.step > 0)
      .sort((a, b) => a.step - b.step);
    return {
      ...row,
      firstEpoch: (curve.find(({ step }) => step >= Number(row.stepsPerEpoch)) ?? curve.at(-1))?.accuracy ?? null,
      stepsToThreshold: curve.find(({ accuracy }) => accuracy >= threshold)?.step ?? null,
    };
  });
  return fromRows(rows, ['arm', 'replicate', 'level', 'gain']);
}

export interface ProfileCorrelationsOptions {
  /** Where the resamples come from. */
  readonly random: Random;
  /** Default 2000. */
  readonly resamples?: number;
  /** Default `gain`: test accuracy of the ticket less that of its mask with fresh weights. */
  readonly outcome?: string;
}

/**
 * Fewer runs than these decide nothing: four that lie in perfect order by chance do so once in 12 times, five once in 60, either way
 * round. A resample of two or three is mostly one of them again, whose interval would have no width.
 */
const fewestRuns = 5;

/**
 * Spearman's correlation of each measure with the gain over all tickets (networks that were pruned at least once), with a 95 %
 * bootstrap interval that resamples whole runs, since the tickets of a run depend on each other. Columns `measure, label, predicted, n,
 * correlation, low, high, verdict`: `supported` if the interval lies on the predicted side of 0, `contradicted` if on the other,
 * else, and with fewer than five runs, `undecided`. A ticket that never reached the threshold counts as slower than all that did.
 * @param table from `profileTable`
 */
export function profileCorrelations(table: Table, { random, resamples = 2000, outcome = 'gain' }: ProfileCorrelationsOptions): Table {
  const tickets = toRows(table).filter(({ level }) => Number(level) > 0);
  const rows = measures.map(({ name, label, predicted, reason }): TableRow => {
    const pairOf = (row: TableRow): readonly [number, number] | undefined => {
      const found = row[name];
      const value = name === 'stepsToThreshold' && found === null ? Number.POSITIVE_INFINITY : found;
      const gain = row[outcome];
      return typeof value === 'number' && typeof gain === 'number' ? [value, gain] : undefined;
    };
    const runs = groupRows(tickets, ['arm', 'replicate'])
      .map((group) => group.flatMap((row) => (pairOf(row) === undefined ? [] : [pairOf(row) as readonly [number, number]])))
      .filter((pairs) => pairs.length > 0);
    const correlationOf = (sample: readonly (readonly (readonly [number, number])[])[]): number => {
      const pairs = sample.flat();
      return spearman(
        pairs.map(([value]) => value),
        pairs.map(([, gain]) => gain),
      );
    };
    const correlation = correlationOf(runs);
    const { low, high } = bootstrapInterval(runs, { random, resamples }, correlationOf);
    const sides = [low * predicted, high * predicted];
    const known = runs.length >= fewestRuns && sides.every(Number.isFinite);
    const verdict = known && Math.min(...sides) > 0 ? 'supported' : known && Math.max(...sides) < 0 ? 'contradicted' : 'undecided';
    const finite = (v: number): number | null => (Number.isFinite(v) ? v : null);
    return {
      ...{ measure: name, label, reason, predicted, n: runs.flat().length },
      ...{ correlation: finite(correlation), low: finite(low), high: finite(high), verdict },
    };
  });
  return fromRows(rows);
}

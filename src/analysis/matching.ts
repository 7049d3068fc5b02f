/** Whether a ticket matches the dense network, with the tolerance stated. */
import { checkFraction } from '../check.js';
import { decide, type Held, type Paired, paired, signFlipTest } from './paired.js';
import { checkColumns, fromRows, groupRows, type Table, type TableRow, toRows } from './table.js';

export interface MatchingOptions {
  /** How far below the dense mean still matches, in accuracy (0.002 = 0.2 points). Default 0.002. */
  readonly tolerance?: number;
}

/** The verdict on tickets against dense networks of the same replicates. */
export interface Matching {
  /** Mean ticket accuracy is at least mean dense accuracy - tolerance. */
  readonly matching: boolean;
  /** The same, asked of the whole 95 % interval of the paired difference. */
  readonly certain: Held;
  readonly tolerance: number;
  /** Ticket - dense, in accuracy, paired by replicate. */
  readonly difference: Paired;
  /** Two-sided paired permutation p of a difference this large; at least 2^(1-n). */
  readonly p: number;
}

/**
 * The verdict; values of the same replicates stand at the same place.
 * @param ticket accuracies in [0, 1]
 * @param dense accuracies in [0, 1]
 * @throws UserError if the lists differ in length or are empty, or the tolerance is no fraction
 * @example matching([0.981, 0.983], [0.982, 0.982]).matching // => true
 */
export function matching(ticket: readonly number[], dense: readonly number[], { tolerance = 0.002 }: MatchingOptions = {}): Matching {
  checkFraction('tolerance', tolerance);
  const difference = paired(ticket, dense);
  return {
    matching: difference.mean >= -tolerance - 1e-12,
    certain: decide(difference, -tolerance),
    tolerance,
    difference,
    p: ticket.length <= 16 ? signFlipTest(ticket.map((value, i) => value - (dense[i] as number))) : Number.NaN,
  };
}

export interface MatchingByLevelOptions extends MatchingOptions {
  /** Column of `toLevels` that is compared. Default `testAtEarlyStop`. */
  readonly value?: string;
  /** Arm whose level 0 is the dense network. Default `ticket`. */
  readonly dense?: string;
}

/**
 * One row for each arm and level above 0: mean `density`, `n` replicates paired with their dense network (level 0 of the arm
 * `dense`), mean `difference` with `low, high` (95 %), `matching`, `certain` (true, false or 'undecided'), `p`.
 * @param levels as from `toLevels`, of one experiment
 */
export function matchingByLevel(levels: Table, options: MatchingByLevelOptions = {}): Table {
  const { value = 'testAtEarlyStop', dense = 'ticket', tolerance = 0.002 } = options;
  checkColumns('matchingByLevel', levels, ['arm', 'level', 'replicate', 'density', value]);
  const all = toRows(levels).filter((row) => typeof row[value] === 'number');
  const reference = new Map(all.filter((row) => row.arm === dense && row.level === 0).map((row) => [row.replicate, row[value] as number]));
  const rows = groupRows(
    all.filter((row) => Number(row.level) > 0 && reference.has(row.replicate ?? null)),
    ['arm', 'level'],
  ).map((group): TableRow => {
    const values = group.map((row) => row[value] as number);
    const verdict = matching(
      values,
      group.map((row) => reference.get(row.replicate ?? null) as number),
      { tolerance },
    );
    const { n, mean, low, high } = verdict.difference;
    return {
      ...{ arm: group[0]?.arm ?? null, level: group[0]?.level ?? null },
      density: group.reduce((sum, row) => sum + Number(row.density), 0) / group.length,
      ...{ n, difference: mean, low: Number.isNaN(low) ? null : low, high: Number.isNaN(high) ? null : high },
      ...{ matching: verdict.matching, certain: verdict.certain, p: Number.isNaN(verdict.p) ? null : verdict.p },
    };
  });
  return fromRows(rows, ['arm', 'level', 'density', 'n', 'difference', 'low', 'high', 'matching', 'certain', 'p']);
}

/** From rounds to numbers: medians with their range, and ratios within rounds. */

/**
 * Middle, lowest and highest value; of an even count the mean of the two middle ones.
 * @param values at least one
 */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const median = Number.isInteger(half) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[Math.floor(half)];
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/**
 * How many times faster `ours` was than `theirs`, round by round: what slows the machine for a minute slows both.
 * Rounds that one of them has not run are left out; null if none is left.
 * @param ours, theirs steps per second by round, null where a contestant failed
 */
export function ratio(ours, theirs) {
  const both = ours.flatMap((rate, i) => (rate == null || theirs[i] == null ? [] : [rate / theirs[i]]));
  return both.length === 0 ? null : spread(both);
}

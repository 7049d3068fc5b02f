/** Measures contestants in turn, A B C D A B C D ..., so that what slows the machine for a while slows all of them. */

/** How far the losses of the first steps may differ, as a share: rounding, and other orders of summation. */
const TOLERANCE = 0.01;

/**
 * Rounds of about `seconds` for each contestant that is ready.
 * @param entries `{ name, child }`
 * @returns by contestant `{ rounds: [{ steps, seconds, cpu, ... } | null], error? }`
 */
export async function runRounds(entries, { rounds, seconds, say }) {
  const results = Object.fromEntries(entries.map(({ name }) => [name, { rounds: [] }]));
  const steps = {};
  for (let round = -1; round < rounds; round++) {
    for (const { name, child } of entries) {
      const result = results[name];
      if (result.error !== undefined) {
        if (round >= 0) result.rounds.push(null);
        continue;
      }
      try {
        say(`${round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`}: ${name}`);
        const measured = await measureOnce(child, steps[name] ?? 1, round < 0 ? seconds : 0);
        steps[name] = Math.max(1, Math.round((seconds * measured.steps) / measured.seconds));
        if (round >= 0) result.rounds.push(measured);
      } catch (error) {
        result.error = error.message;
        if (round >= 0) result.rounds.push(null);
      }
    }
  }
  return results;
}

/** Runs so many steps, and twice as many again until they take at least half of `atLeast` seconds. */
async function measureOnce(child, steps, atLeast) {
  for (;;) {
    const measured = await child.ask({ do: 'run', steps });
    if (measured.seconds >= atLeast / 2) return measured;
    steps = Math.max(2 * steps, Math.min(100 * steps, Math.round((atLeast * steps) / measured.seconds)));
  }
}

/**
 * Whether all do the same work: the losses of the same minibatches from the same weights must agree.
 * @param losses by contestant
 * @returns sentences, one for each contestant that differs from the first
 */
export function compareLosses(losses) {
  const [[first, expected] = [], ...others] = Object.entries(losses);
  return others.flatMap(([name, found]) => {
    const at = found.findIndex((loss, i) => !(Math.abs(loss - expected[i]) <= TOLERANCE * Math.abs(expected[i])));
    return at < 0 ? [] : [`mismatched loss of step ${at + 1}: ${first} ${expected[at]}, ${name} ${found[at]}`];
  });
}

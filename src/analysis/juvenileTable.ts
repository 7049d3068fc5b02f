/** The table of the juvenile experiment: test accuracy by arm and iteration. */
import type { RunRecord } from '../run/record.js';
import { sortArms } from './arms.js';
import { mean, standardDeviation } from './confidence.js';
import { juvenileRuns, stepsTo } from './juvenileRuns.js';
import { fromRows, type Table, type TableRow } from './table.js';

/**
 * One row for each arm: `arm`, `replicates`, mean test accuracy `it0`, `it1`, ... at the end of each iteration, `pruned` (right
 * after the last pruning, no retraining), `sd` over replicates of the last iteration's, `kept` prunable weights after the last pruning, and
 * `stepsTo97`: mean training iterations per iteration above 0 to 97 % validation accuracy (null if one of them never got there).
 */
export function juvenileTable(records: readonly RunRecord[]): Table {
  const runs = juvenileRuns(records);
  const depth = Math.max(0, ...runs.map((run) => run.iterations.length));
  const rows = sortArms(runs.map(({ arm }) => arm)).map((arm): TableRow => {
    const own = runs.filter((run) => run.arm === arm);
    const at = (level: number) => own.map((run) => run.iterations.find((it) => it.level === level));
    const last = at(depth - 1);
    const tests = numbers(last.map((it) => it?.test));
    const steps = own.flatMap((run) => run.iterations.filter(({ level }) => level > 0).map(({ curve }) => stepsTo(curve, 0.97)));
    return {
      arm,
      replicates: own.length,
      ...Object.fromEntries(Array.from({ length: depth }, (_, level) => [`it${level}`, meanOf(at(level).map((it) => it?.test))])),
      pruned: meanOf(last.map((it) => it?.pruned)),
      sd: tests.length < 2 ? null : standardDeviation(tests),
      kept: meanOf(last.map((it) => it?.keptAfter)),
      stepsTo97: steps.length === 0 || steps.includes(undefined) ? null : mean(numbers(steps)),
    };
  });
  return fromRows(rows, ['arm', 'replicates']);
}

function numbers(values: readonly (number | undefined)[]): number[] {
  return values.filter((value): value is number => value !== undefined);
}

function meanOf(values: readonly (number | undefined)[]): number | null {
  const present = numbers(values);
  return present.length === 0 ? null : mean(present);
}

/** What is claimed of dynamic sparse training, decided on runs: at equal steps, and at equal time. Evci et al. 2020, arXiv:1911.11134. */
import type { RunRecord } from '../run/record.js';
import type { Timings } from '../run/readTimings.js';
import { armLabel } from './arms.js';
import { type Claim, claim, type Part, part, percent } from './claim.js';
import { mean } from './confidence.js';
import { dynamicSparseTable } from './dynamicSparseTable.js';
import { type TableRow, toRows } from './table.js';

export interface DynamicSparseClaimsOptions {
  /** How far below still counts as equal, as a share. Default 0.002. */
  readonly tolerance?: number;
  /** With these (see `readTimings`) arms are compared at equal time too. */
  readonly timings?: Timings;
  /** How much longer still counts as equal time, as a share. Default 0.1. */
  readonly slack?: number;
}

/**
 * The claims, on test accuracy at the end, paired by replicate. Equal steps: every arm at the least multiple of the length, all
 * trainings of iterative pruning counted together. Equal time: RigL at the largest multiple that takes, on average over replicates, no
 * more of the processor's time than the other arm at its least, with some slack; the static mask, which is cheaper, the other way round.
 */
export function dynamicSparseClaims(
  records: readonly RunRecord[],
  { tolerance = 0.002, timings, slack = 0.1 }: DynamicSparseClaimsOptions = {},
): Claim[] {
  const rows = toRows(dynamicSparseTable(records, timings));
  const densities = [...new Set(rows.filter(({ arm }) => arm === 'rigl').map(({ asked }) => Number(asked)))].sort((a, b) => b - a);
  const least = Math.min(...rows.map(({ multiple }) => Number(multiple)));
  const greatest = Math.max(...rows.map(({ multiple }) => Number(multiple)));
  const of = (arm: string, density: number, multiple: number): TableRow[] =>
    rows.filter((row) => row.arm === arm && row.multiple === multiple && (arm === 'dense' || row.asked === density));
  const each = (f: (density: number) => Part): Part[] =>
    densities.length === 0 ? [part({ statement: 'RigL', values: [] })] : densities.map(f);
  const equalSteps = (arm: string, bound = 0): Part[] =>
    each((density) => compared(`density ${density}`, of('rigl', density, least), of(arm, density, least), bound));
  /** The arm at the greatest multiple that takes no longer than the rows given, with the slack. */
  const longest = (arm: string, density: number, limit: readonly TableRow[]): TableRow[] => {
    const fitting = [...new Set(rows.filter((row) => row.arm === arm && row.asked === density).map((row) => Number(row.multiple)))].filter(
      (multiple) => seconds(of(arm, density, multiple)) <= (1 + slack) * seconds(limit),
    );
    return fitting.length === 0 ? [] : of(arm, density, Math.max(...fitting));
  };
  const equalTime = (arm: string): Part[] =>
    each((density) => {
      const other = of(arm, density, least);
      const own = longest('rigl', density, other);
      return compared(`density ${density}${times(own, other)}`, own, other, -tolerance);
    });
  const staticAsLong = each((density) => {
    const own = of('rigl', density, least);
    const other = longest('static', density, own);
    return compared(`density ${density}${times(own, other)}`, own, other, 0);
  });
  const points = `${(100 * tolerance).toFixed(1)} points`;
  return [
    claim(
      'static',
      'At equal steps it pays to move connections: RigL ends above the mask that it starts from',
      equalSteps('static'),
      'The paper, ResNet-50 on ImageNet at 80 and 90 % sparsity: 75.12 and 73.07 % against 70.6 and 65.8.',
    ),
    claim(
      'set',
      'At equal steps gradients choose better than chance: RigL ends above SET',
      equalSteps('set'),
      'The paper: 75.12 and 73.07 % against 72.9 and 69.6.',
    ),
    claim('pruning', `At equal steps RigL is as accurate as iterative pruning, to ${points}`, equalSteps('pruning', -tolerance)),
    claim(
      'gradual',
      `At equal steps RigL is as accurate as gradual pruning, to ${points}`,
      equalSteps('gradual', -tolerance),
      'The paper: 75.12 and 73.07 % against 75.6 and 73.9.',
    ),
    claim('dense', `At equal steps RigL is as accurate as the dense network, to ${points}`, equalSteps('dense', -tolerance)),
    claim(
      'longer',
      `Longer training, as sparse, helps RigL: ${greatest} times the steps against ${least}`,
      each((density) =>
        greatest === least
          ? part({ statement: `density ${density}`, values: [] })
          : compared(`density ${density}`, of('rigl', density, greatest), of('rigl', density, least), 0),
      ),
      'The paper, five times the steps: 77.17 and 76.42 %, dense 76.8.',
    ),
    ...(timings === undefined
      ? []
      : [
          claim('time-static', 'It pays at equal time too: RigL ends above a static mask that trains for as long', staticAsLong),
          claim('time-pruning', `At equal time RigL is as accurate as iterative pruning, to ${points}`, equalTime('pruning')),
          claim('time-gradual', `At equal time RigL is as accurate as gradual pruning, to ${points}`, equalTime('gradual')),
          claim('time-dense', `At equal time RigL is as accurate as the dense network, to ${points}`, equalTime('dense')),
        ]),
  ];
}

/** Processor seconds, mean over replicates; NaN where there are none, which is more than nothing and no less. */
function seconds(rows: readonly TableRow[]): number {
  const known = rows.map((row) => row.processor).filter((value): value is number => typeof value === 'number');
  return known.length === 0 ? Number.NaN : mean(known);
}

function times(own: readonly TableRow[], other: readonly TableRow[]): string {
  if (own.length === 0 || other.length === 0) return '';
  const text = (rows: readonly TableRow[]): string =>
    `${armLabel(String(rows[0]?.arm))} ×${Number(rows[0]?.multiple)} (${seconds(rows).toFixed(1)} s)`;
  return `, ${text(own)} against ${text(other)}`;
}

function compared(statement: string, own: readonly TableRow[], others: readonly TableRow[], bound: number): Part {
  const pairs = own.flatMap((row) => {
    const other = others.find(({ replicate }) => replicate === row.replicate);
    return other === undefined ? [] : [[Number(row.testAtEnd), Number(other.testAtEnd)] as const];
  });
  if (pairs.length === 0) return part({ statement, values: [] });
  const detail = `${percent(mean(pairs.map(([a]) => a)))} and ${percent(mean(pairs.map(([, b]) => b)))}`;
  return part({ statement, values: pairs.map(([a, b]) => a - b), bound, detail });
}

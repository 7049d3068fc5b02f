/** What is claimed of growing by search, decided on runs. Zhang 2021, arXiv:2109.03862. */
import type { RunRecord } from '../run/record.js';
import { armLabel } from './arms.js';
import { type Claim, claim, type Part, part, percent } from './claim.js';
import { mean } from './confidence.js';
import { searchTable } from './searchTable.js';
import { toRows } from './table.js';

export interface SearchClaimsOptions {
  /** How far below still counts as equal test accuracy. Default 0.002. */
  readonly tolerance?: number;
}

/** Differences of test accuracy at the iteration of the least validation loss, paired by replicate. */
export function searchClaims(records: readonly RunRecord[], { tolerance = 0.002 }: SearchClaimsOptions = {}): Claim[] {
  const rows = toRows(searchTable(records));
  const of = (arm: string) => rows.filter((row) => row.arm === arm);
  const against = (arm: string, other: string, bound: number): Part => {
    const pairs = of(arm).flatMap((row) => {
      const match = of(other).find(({ replicate }) => replicate === row.replicate);
      return match === undefined ? [] : [[Number(row.testAtEarlyStop), Number(match.testAtEarlyStop)] as const];
    });
    const statement = `'${armLabel(arm)}' against '${armLabel(other)}'`;
    if (pairs.length === 0) return part({ statement, values: [] });
    const detail = `${percent(mean(pairs.map(([a]) => a)))} and ${percent(mean(pairs.map(([, b]) => b)))}`;
    return part({ statement, values: pairs.map(([a, b]) => a - b), bound, detail });
  };
  return [
    claim('pruned', 'What has grown is better than its architecture trained from scratch and pruned, at the cost of the whole search', [
      against('search', 'pruned', 0),
    ]),
    claim('dense', 'It is as good as its architecture trained from scratch and left dense, at the cost of the whole search', [
      against('search', 'dense', -tolerance),
    ]),
    claim('choice', 'Extensions that are searched for are better than ones drawn at random', [against('search', 'search-random', 0)]),
    claim('gradient', 'Scoring by the gradient norm, which trains nothing, is as good as short training', [
      against('search-gradient', 'search', -tolerance),
    ]),
  ];
}

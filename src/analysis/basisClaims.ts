/** What the generalised lottery ticket hypothesis says, decided on runs. Alabdulmohsin et al. 2021, arXiv:2107.06825. */
import type { RunRecord } from '../run/record.js';
import { armLabel } from './arms.js';
import { type Claim, claim, type Part, part, percent } from './claim.js';
import { mean } from './confidence.js';
import { groupRows, type TableRow, toRows } from './table.js';
import { toLevels } from './toTable.js';

export interface BasisClaimsOptions {
  /** How far below the dense accuracy still matches. Default 0.002. */
  readonly tolerance?: number;
  /** Tickets are compared with fresh weights below this density. Default 0.2. */
  readonly below?: number;
  /** The density at which tickets should match. Default 0.125. */
  readonly matching?: number;
  /** Bases are compared with one another below this density. Default 0.1. */
  readonly sparse?: number;
}

/** Bases whose coefficients are pruned one by one, and those in which they go in groups. */
const single = ['canonical', 'dct', 'haar', 'hadamard', 'randomOrthogonal', 'svd'];
const grouped = ['units', 'lowRank'];

/**
 * Claims on runs of the experiment `basis`, each decided on differences paired by replicate (95 % t-interval). Accuracies are test
 * accuracies at the early stop; the dense network of a basis is its own level 0. The paper's numbers are not at hand: the statements are its
 * words, the densities ours, chosen before the runs.
 */
export function basisClaims(
  records: readonly RunRecord[],
  { tolerance = 0.002, below = 0.2, matching = 0.125, sparse = 0.1 }: BasisClaimsOptions = {},
): Claim[] {
  const rows = toRows(toLevels(records.filter(({ spec }) => spec.experiment === 'basis')));
  const present = (names: readonly string[]): string[] => names.filter((name) => rows.some(({ arm }) => arm === name));
  const controlled = (names: readonly string[]): Part[] =>
    present(names).map((name) => difference(rows, name, `${name}-reinitialise`, below));
  const orNone = (parts: Part[], statement: string): Part[] => (parts.length > 0 ? parts : [part({ statement, values: [] })]);
  const points = (100 * tolerance).toFixed(1);
  return [
    claim(
      'fresh',
      `In every basis tickets beat their own mask with fresh weights below a density of ${below}`,
      orNone(controlled(single), 'tickets against fresh weights'),
      'The paper: what is known of the canonical basis holds in others.',
    ),
    claim(
      'matching',
      `In every basis tickets match their dense network at a density near ${matching}, within ${points} points`,
      orNone(
        present(single).map((name) => againstDense(rows, name, matching, tolerance)),
        'tickets against dense',
      ),
    ),
    claim(
      'geometry',
      `Below a density of ${sparse} the DCT is at least as good as the weights themselves`,
      [difference(rows, 'dct', 'canonical', sparse)],
      'The paper: an appropriate basis, such as the DCT, compresses better.',
    ),
    claim('meaning', `Below a density of ${sparse} the weights themselves are at least as good as random directions`, [
      difference(rows, 'canonical', 'randomOrthogonal', sparse),
    ]),
    claim(
      'structure',
      `Pruned by units and by rank, tickets too beat fresh weights below a density of ${below}`,
      orNone(controlled(grouped), 'structured tickets against fresh weights'),
      'The paper: unit pruning and low rank are instances of the same hypothesis.',
    ),
    claim('subspace', `Below a density of ${below} chosen directions are better than as many random ones around the start`, [
      difference(rows, 'randomOrthogonal', 'subspace', below),
    ]),
  ];
}

/** One arm less another over all common levels below a density, one number for each replicate. */
function difference(rows: readonly TableRow[], arm: string, other: string, below: number): Part {
  const statement = `'${armLabel(arm)}' above '${armLabel(other)}'`;
  const pairs = rows
    .filter((row) => row.arm === arm && Number(row.level) > 0 && Number(row.density) < below)
    .flatMap((row) => {
      const partner = rows.find((r) => r.arm === other && r.replicate === row.replicate && r.level === row.level);
      return partner === undefined
        ? []
        : [{ replicate: row.replicate ?? null, own: Number(row.testAtEarlyStop), other: Number(partner.testAtEarlyStop) }];
    });
  const byReplicate = groupRows(pairs, ['replicate']);
  const values = byReplicate.map((group) => mean(group.map((pair) => Number(pair.own) - Number(pair.other))));
  if (values.length === 0) return part({ statement, values });
  const detail = `${percent(mean(pairs.map((p) => p.own)))} and ${percent(mean(pairs.map((p) => p.other)))}, mean of ${pairs.length / byReplicate.length} levels`;
  return part({ statement, values, detail });
}

/** The ticket at the level nearest to a density less level 0 of the same arm and replicate. */
function againstDense(rows: readonly TableRow[], arm: string, density: number, tolerance: number): Part {
  const far = (row: TableRow): number => Math.abs(Math.log(Number(row.density) / density));
  const pairs = groupRows(
    rows.filter((row) => row.arm === arm),
    ['replicate'],
  ).flatMap((own) => {
    const dense = own.find((row) => row.level === 0);
    const near = own.filter((row) => Number(row.level) > 0 && far(row) < 0.25).sort((a, b) => far(a) - far(b))[0];
    return dense === undefined || near === undefined ? [] : [[Number(near.testAtEarlyStop), Number(dense.testAtEarlyStop)] as const];
  });
  const statement = `'${armLabel(arm)}' against dense`;
  if (pairs.length === 0)
    return part({ statement, values: [], ...(rows.some((row) => row.arm === arm) && { none: 'no level near that density' }) });
  const detail = `${percent(mean(pairs.map(([own]) => own)))} against ${percent(mean(pairs.map(([, dense]) => dense)))}`;
  return part({ statement, values: pairs.map(([own, dense]) => own - dense), bound: -tolerance, detail });
}

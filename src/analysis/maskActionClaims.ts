/** What Zhou et al. claim of masks, decided on runs of `maskActions`. arXiv:1905.01067. */
import type { RunRecord } from '../run/record.js';
import { type Claim, claim, part } from './claim.js';
import { pairDifferences, pairRows, type RowPair } from './pairRows.js';
import { groupRows, type TableRow, toRows } from './table.js';
import { toPoints } from './toTable.js';

/** Differences are paired by replicate and kept share, and averaged over kept shares. */
export function maskActionClaims(records: readonly RunRecord[]): Claim[] {
  const own = records.filter(({ spec }) => spec.experiment === 'maskActions');
  const trained = toRows(toPoints(own, 'retrained'));
  const untrained = toRows(toPoints(own, 'untrained'));
  /** Accuracy by replicate and density of a criterion with its actions. */
  const of = (arm: string, kept = 'rewind', pruned = 'zero'): TableRow[] =>
    trained.filter((row) => row.arm === arm && row.keptAction === kept && row.prunedAction === pruned);
  const mask = (arm: string, weights: string): TableRow[] =>
    groupRows(
      untrained.filter((row) => row.arm === arm && row.weights === weights),
      ['replicate'],
    ).map((rows) => rows.reduce((most, row) => (Number(row.validationAccuracy) > Number(most.validationAccuracy) ? row : most)));
  const large = of('magnitude');
  const alike = pairDifferences(paired(of('magnitudeIncrease'), large));
  return [
    claim('large', 'Keeping what ended large trains better than keeping what started large, and than any weights', [
      part({ statement: 'large final less large init', ...pairDifferences(paired(large, of('largeInit'))) }),
      part({ statement: 'large final less random', ...pairDifferences(paired(large, of('random'))) }),
    ]),
    claim('increase', 'Keeping what grew trains about as well as keeping what ended large (within 0.5 points)', [
      part({ statement: 'distance of the two, negated', ...alike, values: alike.values.map((value) => -Math.abs(value)), bound: -0.005 }),
    ]),
    claim(
      'sign',
      'The signs of the start matter: with them, drawn anew, swapped or constant weights train better than without',
      (['reinitialise', 'reshuffle', 'constant'] as const).map((action) =>
        part({
          statement: `${action}: sign kept less not kept`,
          ...pairDifferences(paired(of('magnitude', `${action}Signed`), of('magnitude', action))),
        }),
      ),
    ),
    claim('zero', 'Pruned weights frozen at their start hurt, against pruned weights of 0', [
      part({ statement: 'zero less frozen', ...pairDifferences(paired(large, of('magnitude', 'rewind', 'freeze'))) }),
    ]),
    claim('towards', 'It helps to put those to 0 that training moved towards 0: the direction is what counts', [
      part({
        statement: '0 if it shrank, less all frozen',
        ...pairDifferences(paired(of('magnitude', 'rewind', 'zeroIfShrunk'), of('magnitude', 'rewind', 'freeze'))),
      }),
      part({
        statement: '0 if it shrank, less 0 if it grew',
        ...pairDifferences(paired(of('magnitude', 'rewind', 'zeroIfShrunk'), of('magnitude', 'rewind', 'zeroIfGrown'))),
      }),
    ]),
    claim(
      'supermask',
      'Without any training, keeping what ended large with the sign it started with makes the best mask',
      [
        part({
          statement: 'same sign less large final, on signed constants',
          ...pairDifferences(paired(mask('largeFinalSameSign', 'constantSigned'), mask('magnitude', 'constantSigned'), ['replicate'])),
        }),
        part({
          statement: 'signed constants less the start itself, same sign',
          ...pairDifferences(paired(mask('largeFinalSameSign', 'constantSigned'), mask('largeFinalSameSign', 'rewind'), ['replicate'])),
        }),
      ],
      'The paper has 86 % on MNIST with signed constants, and 79.3 % on the start itself. Kept shares are chosen on the validation part.',
    ),
  ];
}

/** Rows of the same replicate and as many kept weights, by their test accuracy. */
function paired(first: readonly TableRow[], second: readonly TableRow[], columns: readonly string[] = ['replicate', 'kept']): RowPair[] {
  return pairRows(first, second, columns, 'accuracy');
}

/** What is claimed of strong tickets made of subset sums, decided on runs. Pensia et al. 2020, arXiv:2006.07990; Malach et al. 2020, arXiv:2002.00585. */
import { invalid, mismatched } from '../check.js';
import type { RunRecord } from '../run/record.js';
import { type Claim, claim, part, percent, type Unit } from './claim.js';
import { mean } from './confidence.js';
import { groupRows, type TableRow, toRows } from './table.js';
import { toLevels, toPoints } from './toTable.js';

const decades: Unit = { number: (value) => value.toFixed(2), name: 'decades' };

/**
 * The least-squares line through points.
 * @throws UserError for lists of different lengths, and unless there are two different x
 * @example fittedLine([0, 1, 2], [1, 3, 5]).slope // => 2
 */
export function fittedLine(x: readonly number[], y: readonly number[]): { slope: number; intercept: number } {
  if (x.length !== y.length) throw mismatched('points of a line', `${x.length} values of y`, `${y.length}`, 'give one for each x');
  if (new Set(x).size < 2) throw invalid('points of a line', 'at least two different x', x);
  const [mx, my] = [mean(x), mean(y)];
  const slope = x.reduce((sum, v, i) => sum + (v - mx) * ((y[i] as number) - my), 0) / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
  return { slope, intercept: my - slope * mx };
}

/** The poly-to-log claims, on runs of `subsetSums`. Fits are over counts of at least 6, where the laws have set in. */
export function subsetSumClaims(records: readonly RunRecord[]): Claim[] {
  const rows = toRows(
    toPoints(
      records.filter(({ spec }) => spec.experiment === 'subsetSums'),
      'subset sum',
    ),
  ).filter((row) => Number(row.count) >= 6);
  const byReplicate = (arm: string): TableRow[][] =>
    groupRows(
      rows.filter((row) => row.arm === arm),
      ['replicate'],
    ).filter((own) => own.length >= 2);
  const logs = (own: readonly TableRow[]): number[] => own.map((row) => Math.log10(Number(row.median)));
  const counts = (own: readonly TableRow[]): number[] => own.map((row) => Number(row.count));
  const falls = byReplicate('uniform').map((own) => -fittedLine(counts(own), logs(own)).slope);
  const powers = byReplicate('single').map((own) => fittedLine(counts(own).map(Math.log10), logs(own)).slope);
  const gains = byReplicate('product').flatMap((own) => {
    const pairs = own.flatMap((row) => {
      const other = rows.find((r) => r.arm === 'uniform' && r.replicate === row.replicate && r.count === row.count);
      return other === undefined ? [] : [Math.log10(Number(other.median)) - Math.log10(Number(row.median))];
    });
    return pairs.length === 0 ? [] : [mean(pairs)];
  });
  const perDecade =
    falls.length === 0 ? '' : `Fitted: a decade for every ${(1 / mean(falls)).toFixed(2)} coefficients; an independent program found 3.5.`;
  return [
    claim(
      'exponential',
      'The error of the best subset falls exponentially with the number of coefficients: at least a decade for every five',
      [part({ statement: 'decades for each coefficient', values: falls, bound: 0.2, unit: decades })],
      perDecade,
    ),
    claim('polynomial', 'The error of the best single coefficient falls as 1/n, to a tenth of the exponent', [
      part({
        statement: 'distance of the fitted exponent from -1, negated',
        values: powers.map((power) => -Math.abs(power + 1)),
        bound: -0.1,
        unit: { number: (value) => value.toFixed(3), name: 'in the exponent' },
        ...(powers.length > 0 && { detail: `exponent ${mean(powers).toFixed(3)}` }),
      }),
    ]),
    claim('product', 'Products of two uniform coefficients, which two layers give, serve as well as uniform ones', [
      part({ statement: 'decades by which their median error is lower, mean over counts', values: gains, unit: decades }),
    ]),
  ];
}

/** Claims on runs of `approximation`; the target of the same replicate is what accuracies are compared with. */
export function approximationClaims(records: readonly RunRecord[], { tolerance = 0.005 } = {}): Claim[] {
  // Runs of many draws are about the draws: each would count as a replicate.
  const own = records.filter(({ spec }) => spec.experiment === 'approximation' && (spec['draws'] ?? 1) === 1);
  const points = toRows(toPoints(own, 'approximation'));
  const targets = toRows(toLevels(own)).filter((row) => row.arm === 'target');
  const at = (arm: string, count: number): TableRow[] => points.filter((row) => row.arm === arm && row.count === count);
  const below = at('row', 8).flatMap((row) => {
    const target = targets.find((r) => r.replicate === row.replicate);
    return target === undefined ? [] : [[Number(row.accuracy), Number(target.testAtEnd)] as const];
  });
  const gains = at('weight', 6).flatMap((row) => {
    const single = at('single', 6).find((r) => r.replicate === row.replicate);
    return single === undefined ? [] : [[Number(row.accuracy), Number(single.accuracy)] as const];
  });
  const means = (pairs: readonly (readonly [number, number])[]): string =>
    `${percent(mean(pairs.map(([a]) => a)))} against ${percent(mean(pairs.map(([, b]) => b)))}`;
  return [
    claim(
      'eight',
      `Eight random coefficients for each weight rebuild the trained network to within ${(100 * tolerance).toFixed(1)} points of its accuracy`,
      [
        part({
          statement: 'accuracy at 8 coefficients a row, less the target',
          values: below.map(([a, b]) => a - b),
          bound: -tolerance,
          ...(below.length > 0 && { detail: means(below) }),
        }),
      ],
      'An independent program found 98.2 % at 8 coefficients, the target at 98.36 %.',
    ),
    claim(
      'sixteen',
      'Sixteen put 99.9 % of the weights within 0.01 of the target',
      [
        part({
          statement: 'share of weights within 0.01 at 16 coefficients a row',
          values: at('row', 16).map((row) => Number(row.near)),
          bound: 0.999,
          unit: { number: (v) => (100 * v).toFixed(3), name: '%' },
        }),
      ],
      'Pensia et al. took 21.',
    ),
    claim('subset', 'At six coefficients for each weight, subset sums are more accurate than the best single coefficient', [
      part({
        statement: 'accuracy of sums less that of single ones',
        values: gains.map(([a, b]) => a - b),
        ...(gains.length > 0 && { detail: means(gains) }),
      }),
    ]),
  ];
}

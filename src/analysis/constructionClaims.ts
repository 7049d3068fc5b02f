/** What is claimed of networks built by pruning random ones, decided on runs of `construction`. Malach et al. 2020, arXiv:2002.00585; Pensia et al. 2020, arXiv:2006.07990. */
import type { RunRecord } from '../run/record.js';
import { type Claim, claim, part, type Unit } from './claim.js';
import { mean } from './confidence.js';
import { fittedLine } from './strongClaims.js';
import { groupRows, type TableRow, toRows } from './table.js';
import { toPoints } from './toTable.js';

const share: Unit = { number: (value) => value.toFixed(4), name: 'of the bound' };
const decades: Unit = { number: (value) => value.toFixed(2), name: 'decades' };

/** The bound, and how errors fall. Fits are over counts of at least 6. */
export function constructionClaims(records: readonly RunRecord[]): Claim[] {
  const rows = toRows(
    toPoints(
      records.filter(({ spec }) => spec.experiment === 'construction'),
      'construction',
    ),
  );
  const byReplicate = (arm: string): TableRow[][] =>
    groupRows(
      rows.filter((row) => row.arm === arm && Number(row.count) >= 6),
      ['replicate'],
    ).filter((own) => own.length >= 2);
  const logs = (own: readonly TableRow[]): number[] => own.map((row) => Math.log10(Number(row.error)));
  const counts = (own: readonly TableRow[]): number[] => own.map((row) => Number(row.count));
  // Arms of a replicate share its targets: they are not replicates of one another, so the worst of them counts.
  const left = groupRows(rows, ['replicate']).map((own) => 1 - Math.max(...own.map((row) => Number(row.maxRatio))));
  const built = rows.reduce((sum, row) => sum + Number(row.targets), 0);
  const inside = rows.reduce((sum, row) => sum + Number(row.within), 0);
  const falls = byReplicate('sums').map((own) => -fittedLine(counts(own), logs(own)).slope);
  const powers = byReplicate('nearest').map((own) => fittedLine(counts(own).map(Math.log10), logs(own)).slope);
  const ratios = rows.map((row) => Number(row.maxRatio));
  return [
    claim(
      'bound',
      'On every random target the pruned network stays within the bound',
      [part({ statement: 'what is left of the bound on the worst target of a replicate', values: left, unit: share })],
      rows.length === 0
        ? ''
        : `${inside} of ${built} targets were within it. It is loose: the worst target used ${(100 * Math.max(...ratios)).toFixed(1)} % of it.`,
    ),
    claim(
      'sums',
      'With subset sums the error falls exponentially with the number of random units: at least a decade for every five',
      [part({ statement: 'decades for each unit', values: falls, bound: 0.2, unit: decades })],
      falls.length === 0 ? '' : `Fitted: a decade for every ${(1 / mean(falls)).toFixed(2)} units.`,
    ),
    claim('nearest', 'With one unit for each weight the error falls as 1/n, to a quarter of the exponent', [
      part({
        statement: 'distance of the fitted exponent from -1, negated',
        values: powers.map((power) => -Math.abs(power + 1)),
        bound: -0.25,
        unit: { number: (value) => value.toFixed(3), name: 'in the exponent' },
        ...(powers.length > 0 && { detail: `exponent ${mean(powers).toFixed(3)}` }),
      }),
    ]),
  ];
}

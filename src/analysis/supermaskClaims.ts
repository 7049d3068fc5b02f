/** What is claimed of tickets in random networks, decided on runs of `supermask`. Ramanujan et al. 2020, arXiv:1911.13299; Zhou et al. 2019, arXiv:1905.01067. */
import type { RunRecord } from '../run/record.js';
import { type Claim, claim, part } from './claim.js';
import { mean } from './confidence.js';
import { pairDifferences, pairRows } from './pairRows.js';
import { groupRows, type TableRow, toRows } from './table.js';
import { toLevels } from './toTable.js';

export interface SupermaskClaimsOptions {
  /** How near to the trained network counts as near, a share. Default 0.01. */
  readonly tolerance?: number;
}

/**
 * On runs of one network at one setting, which may differ in their initialiser; `model` compares widths. Kept shares are chosen on the
 * validation part.
 */
export function supermaskClaims(records: readonly RunRecord[], { tolerance = 0.01 }: SupermaskClaimsOptions = {}): Claim[] {
  const rows = toRows(toLevels(records.filter(({ spec }) => spec.experiment === 'supermask')));
  const constants = rows.filter((row) => row.initialiser === 'signedConstant');
  const best = bestOf(constants.filter((row) => row.arm === 'edge-popup'));
  const trained = constants.filter((row) => row.arm === 'trained');
  const near = pairRows(best, trained, ['replicate', 'model'], 'testAtEnd');
  const normal = pairRows(
    constants.filter((row) => row.arm === 'edge-popup'),
    rows.filter((row) => row.arm === 'edge-popup' && row.initialiser === 'heNormal'),
    ['replicate', 'model', 'density'],
    'testAtEnd',
  );
  const middles = groupRows(
    constants.filter((row) => row.arm === 'edge-popup'),
    ['replicate', 'model'],
  ).flatMap((own) => {
    const shares = own.map((row) => Number(row.density));
    const ends = own.filter((row) => row.density === Math.max(...shares) || row.density === Math.min(...shares));
    const between = own.filter((row) => Number(row.density) >= 0.25 && Number(row.density) <= 0.75 && !ends.includes(row));
    if (between.length === 0 || Math.min(...shares) >= 0.25 || Math.max(...shares) <= 0.75) return [];
    return [{ replicate: own[0]?.replicate ?? null, gain: mean(between.map(accuracy)) - Math.max(...ends.map(accuracy)) }];
  });
  const middle = groupRows(middles, ['replicate']).map((own) => mean(own.map(({ gain }) => Number(gain))));
  const binary = pairRows(bestOf(constants.filter((row) => row.arm === 'biprop')), trained, ['replicate', 'model'], 'testAtEnd');
  const rescaled = pairRows(
    constants.filter((row) => row.arm === 'bernoulli-rescaled'),
    constants.filter((row) => row.arm === 'bernoulli'),
    ['replicate', 'model'],
    'testAtEnd',
  );
  const percentage = (100 * tolerance).toFixed(1);
  return [
    claim('random', `A mask alone brings the random network to within ${percentage} point of the trained one`, [
      part({ statement: 'edge-popup at its best kept share, less trained weights', ...pairDifferences(near), bound: -tolerance }),
    ]),
    claim('binary', `So it does where all kept weights of a layer have one magnitude, within ${percentage} point`, [
      part({ statement: 'multi-prize at its best kept share, less trained weights', ...pairDifferences(binary), bound: -tolerance }),
    ]),
    claim('middle', 'Middle kept shares, 0.25 to 0.75, serve better than both ends', [
      part({ statement: 'mean accuracy in the middle less the better end', values: middle }),
    ]),
    claim('constant', 'Signed constants serve better than weights from a normal distribution', [
      part({
        statement: 'edge-popup on signed constants less on normal weights, mean over kept shares',
        ...pairDifferences(normal),
      }),
    ]),
    claim('rescaled', 'A learned Bernoulli mask gains by rescaling the kept weights (paper: 96.4 to 98.0 % on MNIST)', [
      part({ statement: 'rescaled less plain', ...pairDifferences(rescaled) }),
    ]),
  ];
}

const accuracy = (row: TableRow): number => Number(row.testAtEnd);

/** The level of the best validation accuracy, of each run. */
function bestOf(rows: readonly TableRow[]): TableRow[] {
  return groupRows(rows, ['replicate', 'model', 'initialiser']).map((own) =>
    own.reduce((most, row) => (Number(row.validationAtEnd) > Number(most.validationAtEnd) ? row : most)),
  );
}

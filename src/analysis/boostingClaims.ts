/** What is claimed of boosting tickets, decided on runs. Li et al. 2020, arXiv:2003.05733. */
import type { RunRecord } from '../run/record.js';
import { armLabel } from './arms.js';
import { boostingTable } from './boostingTable.js';
import { type Claim, claim, iterations, type Part, part, percent, type Unit } from './claim.js';
import { mean } from './confidence.js';
import { groupRows, type TableRow, toRows } from './table.js';
import { toPoints } from './toTable.js';

const plain: Unit = { number: (value) => value.toFixed(3), name: '' };

/** The claims, each decided on differences paired by replicate, means over pruned shares where there are several. */
export function boostingClaims(records: readonly RunRecord[], { tolerance = 0.002 } = {}): Claim[] {
  const rows = toRows(boostingTable(records));
  const arms = new Set(rows.map(({ arm }) => arm));
  const others = ['winning', 'random-mask', 'reinitialise'].filter((arm) => arms.has(arm));
  const path = toRows(
    toPoints(
      records.filter(({ spec }) => spec.experiment === 'boosting'),
      'path',
    ),
  );
  return [
    claim(
      'first',
      'After the first epoch boosting tickets are ahead',
      (others.length === 0 ? ['winning'] : others).map((arm) => lead(rows, arm, 'first', 1)),
      'The paper, VGG-16 at 80 %: 79.7 % after one epoch, winning 56.4, the same mask with fresh weights 57.0.',
    ),
    claim(
      'early',
      'Boosting tickets stop earlier than winning tickets',
      [lead(rows, 'winning', 'earlyStop', -1)],
      'The paper, a LeNet on MNIST: epoch 11 against 18.',
    ),
    claim(
      'end',
      `At the end winning tickets are no more than ${(100 * tolerance).toFixed(1)} points ahead: what is gained is speed`,
      [lead(rows, 'winning', 'testAtEnd', 1, -tolerance)],
      'The paper, a LeNet on MNIST: 99.23 against 99.24 %.',
    ),
    claim('path', 'At the small learning rate the pruned network stays nearer to the way of the full one', [nearer(path)]),
  ];
}

/** Boosting less the other arm (times sign), one number for each replicate. */
function lead(rows: readonly TableRow[], arm: string, value: 'first' | 'earlyStop' | 'testAtEnd', sign: 1 | -1, bound = 0): Part {
  const statement = `boosting against '${armLabel(arm)}'`;
  const pairs = rows
    .filter((row) => row.arm === 'boosting' && typeof row[value] === 'number')
    .flatMap((row) => {
      const other = rows.find((r) => r.arm === arm && r.replicate === row.replicate && r.level === row.level);
      return typeof other?.[value] !== 'number'
        ? []
        : [{ replicate: row.replicate ?? null, own: Number(row[value]), other: Number(other[value]) }];
    });
  const values = groupRows(pairs, ['replicate']).map((group) => mean(group.map((pair) => sign * (Number(pair.own) - Number(pair.other)))));
  if (values.length === 0) return part({ statement, values });
  const [own, other] = [mean(pairs.map((p) => p.own)), mean(pairs.map((p) => p.other))];
  if (value === 'earlyStop')
    return part({
      statement,
      values,
      bound,
      unit: { ...iterations, name: 'iterations fewer' },
      detail: `iteration ${own.toFixed(0)} against ${other.toFixed(0)}`,
    });
  return part({ statement, values, bound, detail: `${percent(own)} against ${percent(other)}` });
}

function nearer(path: readonly TableRow[]): Part {
  const of = (arm: string) => path.filter((row) => row.arm === arm);
  const pairs = of('boosting').flatMap((row) => {
    const other = of('winning').find((r) => r.replicate === row.replicate && r.sparsity === row.sparsity);
    return other === undefined ? [] : [{ replicate: row.replicate ?? null, own: Number(row.kept), other: Number(other.kept) }];
  });
  const values = groupRows(pairs, ['replicate']).map((group) => mean(group.map((pair) => Number(pair.other) - Number(pair.own))));
  const statement = 'relative distance on the kept weights, large rate less small';
  if (values.length === 0) return part({ statement, values });
  const detail = `${mean(pairs.map((p) => p.other)).toFixed(3)} and ${mean(pairs.map((p) => p.own)).toFixed(3)}`;
  return part({ statement, values, unit: plain, detail });
}

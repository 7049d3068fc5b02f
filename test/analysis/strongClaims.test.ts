import assert from 'node:assert/strict';
import test from 'node:test';
import { approximationClaims, subsetSumClaims } from '../../src/analysis/strongClaims.js';
import type { LevelSummary, Row, RunRecord } from '../../src/run/record.js';

const record = (experiment: string, arm: string, replicate: number, rows: readonly Row[]): RunRecord => ({
  key: `${arm}-${replicate}`,
  spec: { experiment, arm, replicate },
  rows,
  status: 'done',
});
const sums = (arm: string, replicate: number, median: (count: number) => number): RunRecord =>
  record(
    'subsetSums',
    arm,
    replicate,
    [2, 6, 10, 20].map((count, level): Row => ({ kind: 'point', name: 'subset sum', level, values: { count, median: median(count) } })),
  );

test('slopes are those of the laws that made the numbers', () => {
  // Exactly a decade for every 4 coefficients, exactly 1/n; the count of 2 is off both lines and must not matter.
  const records = [1, 2].flatMap((r) => [
    sums('uniform', r, (n) => (n < 6 ? 1 : r * 10 ** (-n / 4))),
    sums('single', r, (n) => (n < 6 ? 1 : r / n)),
    sums('product', r, (n) => r * 10 ** (-n / 4) * 0.1),
  ]);
  const [exponential, polynomial, product] = subsetSumClaims(records);
  assert.deepEqual([exponential?.held, polynomial?.held, product?.held], [true, true, true]);
  assert.ok(Math.abs((exponential?.parts[0]?.difference?.mean as number) - 0.25) < 1e-9);
  assert.ok(Math.abs(polynomial?.parts[0]?.difference?.mean as number) < 1e-9);
  assert.ok(Math.abs((product?.parts[0]?.difference?.mean as number) - 1) < 1e-9);
  assert.match(exponential?.reading ?? '', /every 4.00 coefficients/);
});

test('a polynomial fall of subsets is reported as a failure', () => {
  const [exponential] = subsetSumClaims([1, 2].map((r) => sums('uniform', r, (n) => 1 / n)));
  assert.equal(exponential?.held, false);
  assert.deepEqual(
    subsetSumClaims([]).map(({ held }) => held),
    ['undecided', 'undecided', 'undecided'],
  );
});

test('approximations are compared with the target of their own replicate', () => {
  const point = (count: number, accuracy: number, near: number): Row => ({
    kind: 'point',
    name: 'approximation',
    level: count,
    values: { count, accuracy, near },
  });
  const records = [1, 2].flatMap((r) => [
    record('approximation', 'target', r, [{ kind: 'level', level: 0, density: 1, testAtEnd: 0.98 - 0.01 * r } as LevelSummary]),
    record('approximation', 'row', r, [point(8, 0.976 - 0.01 * r, 0.96), point(16, 0.98, 1)]),
    record('approximation', 'weight', r, [point(6, 0.95, 0.9)]),
    record('approximation', 'single', r, [point(6, 0.9, 0.2)]),
  ]);
  const claims = approximationClaims(records);
  assert.deepEqual(
    claims.map(({ held }) => held),
    [true, true, true],
  );
  assert.ok(Math.abs((claims[0]?.parts[0]?.difference?.mean as number) + 0.004) < 1e-12);
  assert.equal(approximationClaims(records, { tolerance: 0.003 })[0]?.held, false);
  assert.deepEqual(
    approximationClaims([]).map(({ held }) => held),
    ['undecided', 'undecided', 'undecided'],
  );
});

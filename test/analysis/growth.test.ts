/** Tables and statements on growing tickets, from rows small enough to work out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profileCorrelations, profileTable } from '../../src/analysis/profileTable.js';
import { searchClaims } from '../../src/analysis/searchClaims.js';
import { searchTable } from '../../src/analysis/searchTable.js';
import { surfaceCells } from '../../src/analysis/surfaceCells.js';
import { toRows } from '../../src/analysis/table.js';
import { stream } from '../../src/random.js';
import type { LevelSummary, Row, RunRecord } from '../../src/run/record.js';

const level = (n: number, more: Partial<LevelSummary>): LevelSummary => ({
  ...{ kind: 'level', level: n, density: 1, kept: 10, prunable: 10, parameters: 12, depth: 2, layers: {}, steps: 10, earlyStop: 10 },
  ...{ testAtEarlyStop: 0.9, testAtEnd: 0.9, validationAtEarlyStop: 0.9, validationAtEnd: 0.9, trainAtEnd: 0.95 },
  ...{ ticket: `t${n}`, parent: n === 0 ? null : `t${n - 1}`, operator: n === 0 ? 'initialise' : 'prune', ...more },
});
const record = (experiment: string, arm: string, replicate: number, rows: readonly Row[]): RunRecord => ({
  ...{ key: `${experiment}-${arm}-r${replicate}`, spec: { experiment, arm, replicate }, rows, status: 'done' },
});

test('cells of a surface are pruned networks and, of iterative pruning, dense ones', () => {
  const cells = toRows(
    surfaceCells([
      record('surface', 'growth', 1, [level(0, {}), level(1, { density: 0.5 }), level(2, { operator: 'deepen (identity)' })]),
      record('surface', 'imp', 1, [level(0, {}), level(1, { operator: 'prune and rewind', density: 0.5, trainAtEnd: 0.97 })]),
    ]),
  );
  assert.deepEqual(
    cells.map(({ arm, density, gap }) => [arm, density, Number(gap).toFixed(2)]),
    [
      ['growth', 0.5, '0.05'],
      ['imp', 1, '0.05'],
      ['imp', 0.5, '0.07'],
    ],
  );
});

const found = (iteration: number): Row => ({
  ...{ kind: 'point', name: 'search', level: 3, values: { iteration, reason: 'iterations', cost: 1000, architecture: 'mlp-16+dense2' } },
});
const search = (replicate: number): RunRecord[] => [
  record('search', 'search', replicate, [level(0, {}), level(3, { testAtEarlyStop: 0.95 + 0.001 * replicate }), found(2)]),
  record('search', 'search-random', replicate, [level(0, {}), level(3, { testAtEarlyStop: 0.93 }), found(1)]),
  record('search', 'dense', replicate, [level(0, { testAtEarlyStop: 0.97 })]),
  record('search', 'pruned', replicate, [level(0, { testAtEarlyStop: 0.97 }), level(1, { testAtEarlyStop: 0.94 })]),
];

test('what a search found stands beside its controls; a search that is under way has no row', () => {
  const rows = toRows(searchTable([...search(1), record('search', 'search', 2, [level(0, {})])]));
  assert.deepEqual(
    rows.map(({ arm, testAtEarlyStop, extensions }) => [arm, testAtEarlyStop, extensions]),
    [
      ['search', 0.951, 2],
      ['search-random', 0.93, 1],
      ['dense', 0.97, null],
      ['pruned', 0.94, null],
    ],
  );
});

test('claims on search: paired by replicate, each with its own bound', () => {
  const claims = searchClaims([1, 2, 3].flatMap(search));
  assert.deepEqual(
    claims.map(({ id, held }) => [id, held]),
    [
      ['pruned', true],
      ['dense', false],
      ['choice', true],
      ['gradient', 'undecided'],
    ],
  );
  assert.match(claims[0]?.sentence ?? '', /95.20 % and 94.00 %.*\+1.20 points/);
});

/** A ticket whose measures rise with its gain, but for sharpness, which knows nothing of it. */
const ticket = (run: number, gain: number, steps: readonly [number, number][]): RunRecord => {
  const curve = steps.map(
    ([step, accuracy]): Row => ({ kind: 'evaluation', level: 1, step, split: 'validation', loss: 1, accuracy, phase: 'training' }),
  );
  const values = { gain, stepsPerEpoch: 20, gradientNorm: 1 + gain, barrier: gain, sharpness: 3, distance: 1 - gain, test: 0.9 };
  return record('profile', `arm${run}`, 1, [...curve, { kind: 'point', name: 'profile', level: 1, values }]);
};

test('profiles: accuracy after one epoch and steps to the threshold come from the training curve', () => {
  const rows = toRows(
    profileTable([
      ticket(1, 0.1, [
        [10, 0.5],
        [20, 0.8],
        [30, 0.95],
      ]),
      ticket(2, 0.2, [[10, 0.5]]),
    ]),
  );
  assert.deepEqual(
    rows.map(({ firstEpoch, stepsToThreshold }) => [firstEpoch, stepsToThreshold]),
    [
      [0.8, 30],
      [0.5, null],
    ],
  );
});

test('correlations with the gain: supported, contradicted and undecided by the whole interval', () => {
  const records = Array.from({ length: 12 }, (_, i) =>
    ticket(
      i,
      i / 12,
      i < 3
        ? [[20, 0.5 + i / 30]]
        : [
            [5, 0.85],
            [20 - i, 0.91],
            [20, 0.92 + i / 1000],
          ],
    ),
  );
  const rows = toRows(profileCorrelations(profileTable(records), { random: stream(1, 'bootstrap'), resamples: 500 }));
  const of = (name: string) => rows.find(({ measure }) => measure === name);
  assert.equal(of('gradientNorm')?.verdict, 'supported');
  assert.ok(Math.abs(Number(of('gradientNorm')?.correlation) - 1) < 1e-12);
  assert.equal(of('distance')?.verdict, 'supported');
  assert.equal(of('barrier')?.verdict, 'contradicted');
  // A constant has no ranks.
  assert.deepEqual([of('sharpness')?.correlation, of('sharpness')?.verdict], [null, 'undecided']);
  // Runs that never reached the threshold count as the slowest: -1 but for their tie.
  assert.equal(of('stepsToThreshold')?.verdict, 'supported');
  assert.equal(of('stepsToThreshold')?.n, 12);
  // Two runs always lie in perfect order, one way or the other.
  for (const few of [2, 4]) {
    const table = profileCorrelations(profileTable(records.slice(6, 6 + few)), { random: stream(1, 'bootstrap'), resamples: 500 });
    assert.deepEqual([...new Set(toRows(table).map(({ verdict }) => verdict))], ['undecided'], `${few} runs`);
  }
});

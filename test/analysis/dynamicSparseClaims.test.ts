import assert from 'node:assert/strict';
import test from 'node:test';
import { dynamicSparseClaims } from '../../src/analysis/dynamicSparseClaims.js';
import { dynamicSparseTable } from '../../src/analysis/dynamicSparseTable.js';
import { toRows } from '../../src/analysis/table.js';
import type { Timings } from '../../src/run/readTimings.js';
import type { LevelSummary, RunRecord } from '../../src/run/record.js';
import { readSpec } from '../../src/run/experiments/experiments.js';

/** A run at one density and the multiples 1 and 2, with these accuracies at the end of each. */
function record(arm: string, replicate: number, ends: readonly number[]): RunRecord {
  const spec = readSpec({ experiment: 'dynamicSparse', arm, replicate, densities: [0.1], multiples: [1, 2], pruningFraction: 0.9 });
  const pruned = arm === 'pruning';
  const rows = ends.flatMap((testAtEnd, i) =>
    (pruned ? [0, 1] : [0]).map(
      (k) =>
        ({
          ...{ kind: 'level', level: pruned ? 2 * i + k : i, density: arm === 'dense' || (pruned && k === 0) ? 1 : 0.1, kept: 10 },
          ...{
            steps: (pruned ? 50 : 100) * (i + 1),
            testAtEnd: pruned && k === 0 ? 0.5 : testAtEnd,
            testAtEarlyStop: 0.1,
            validationAtEnd: 0.2,
          },
        }) as LevelSummary,
    ),
  );
  return { key: `${arm}-${replicate}`, spec, rows, status: 'done' };
}

/** Ends at the multiples 1 and 2; replicates differ by a tenth of a point, alike in all arms. */
const ends: Record<string, readonly [number, number]> = {
  rigl: [0.96, 0.975],
  set: [0.955, 0.97],
  static: [0.94, 0.95],
  gradual: [0.963, 0.98],
  pruning: [0.961, 0.98],
  dense: [0.98, 0.981],
};
const records = Object.entries(ends).flatMap(([arm, own]) =>
  [1, 2, 3].map((r) =>
    record(
      arm,
      r,
      own.map((end) => end + r / 1000),
    ),
  ),
);
const clock = (seconds: Readonly<Record<string, Readonly<Record<string, number>>>>): Timings => {
  const of = Object.fromEntries(records.map(({ key, spec }) => [key, seconds[String(spec['arm'])] ?? {}]));
  return { seconds: of, processor: of };
};
const timings = clock({
  rigl: { 'train-0.1-x1': 2, 'train-0.1-x2': 4 },
  pruning: { 'train-0.1-x1-level-00': 3, 'train-0.1-x1-level-01': 0.7, 'train-0.1-x2-level-00': 7 },
  gradual: { 'train-0.1-x1': 2.5 },
  dense: { 'train-1-x1': 3 },
  static: { 'train-0.1-x1': 1, 'train-0.1-x2': 2.1 },
});
const verdicts = (claims: ReturnType<typeof dynamicSparseClaims>) => Object.fromEntries(claims.map(({ id, held }) => [id, held]));

test('the table has the last level of each setting, with the steps and seconds of all', () => {
  const rows = toRows(dynamicSparseTable(records, timings)).filter(({ replicate }) => replicate === 1);
  const of = (arm: string) =>
    rows.filter((row) => row['arm'] === arm).map((row) => [row['multiple'], row['steps'], row['processor'], row['level']]);
  assert.deepEqual(of('pruning'), [
    [1, 100, 3.7, 1],
    [2, 200, 7, 1],
  ]);
  assert.deepEqual(of('dense'), [
    [1, 100, 3, 0],
    [2, 200, null, 0],
  ]);
  assert.equal(rows.find((row) => row['arm'] === 'pruning')?.['testAtEnd'], 0.962);
  // What is not finished has no row.
  const half = {
    ...(records.find(({ key }) => key === 'pruning-1') as RunRecord),
    rows: records.find(({ key }) => key === 'pruning-1')!.rows.slice(0, 3),
  };
  assert.equal(dynamicSparseTable([half]).numRows(), 1);
  assert.equal(dynamicSparseTable([]).numRows(), 0);
});

test('claims at equal steps compare the least multiple; RigL is behind dense and gradual pruning, a tenth of a point from iterative', () => {
  assert.deepEqual(verdicts(dynamicSparseClaims(records)), {
    ...{ static: true, set: true, pruning: true, gradual: false, dense: false, longer: true },
  });
  assert.equal(verdicts(dynamicSparseClaims(records, { tolerance: 0.0005 }))['pruning'], false);
});

test('equal time: the longest training that fits, with a tenth to spare', () => {
  // Within 1.1 times 3.7 seconds RigL can train for 4: at the multiple 2 it is ahead. Within 1.1 times 3 it can train for 2 only.
  const claims = dynamicSparseClaims(records, { timings });
  assert.deepEqual([verdicts(claims)['time-pruning'], verdicts(claims)['time-dense']], [true, false]);
  assert.match(
    claims.find(({ id }) => id === 'time-pruning')?.sentence ?? '',
    /RigL ×2 \(4\.0 s\) against iterative pruning ×1 \(3\.7 s\)/,
  );
  // At 2.5 seconds of gradual pruning RigL can train for 2: three tenths of a point behind.
  assert.equal(verdicts(claims)['time-gradual'], false);
  assert.match(claims.find(({ id }) => id === 'time-dense')?.sentence ?? '', /RigL ×1 \(2\.0 s\) against dense ×1 \(3\.0 s\)/);
  assert.equal(
    verdicts(dynamicSparseClaims(records, { timings, slack: 0 }))['time-pruning'],
    true,
    'the multiple 1 is a tenth of a point behind',
  );
  // Where nothing fits, or nothing was timed, nothing is decided.
  for (const none of [clock({ rigl: { 'train-0.1-x1': 9 }, dense: { 'train-1-x1': 3 } }), clock({})])
    assert.equal(verdicts(dynamicSparseClaims(records, { timings: none }))['time-dense'], 'undecided');
});

test('without runs every claim is undecided', () => {
  assert.ok(dynamicSparseClaims([], { timings }).every(({ held }) => held === 'undecided'));
  const alone = records.filter(({ spec }) => spec['arm'] === 'rigl');
  assert.equal(verdicts(dynamicSparseClaims(alone))['static'], 'undecided');
});

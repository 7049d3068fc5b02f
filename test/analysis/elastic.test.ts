/** Tables and claims of elastic tickets on records written by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barrier } from '../../src/ticket/interpolate.js';
import { elasticClaims } from '../../src/analysis/elasticClaims.js';
import { elasticLine } from '../../src/analysis/elasticLine.js';
import { elasticPairs } from '../../src/analysis/elasticPairs.js';
import { elasticTable } from '../../src/analysis/elasticTable.js';
import { toRows } from '../../src/analysis/table.js';
import type { LevelSummary, Point, Row, RunRecord } from '../../src/run/record.js';

const mlp = (n: number): string => `mlp-300x${n}-100`;
const level = (n: number, testAtEnd: number, density = 0.8 ** n): Row => ({ kind: 'level', level: n, density, testAtEnd }) as LevelSummary;
const line = (n: number, errors: readonly number[]): Point[] =>
  errors.map((error, i) => ({
    kind: 'point',
    name: 'connectivity',
    level: n,
    values: { alpha: i / (errors.length - 1), error, loss: error },
  }));

function run(arm: string, replicate: number, rows: readonly Row[], { source = mlp(3), model = mlp(4), ...more } = {}): RunRecord {
  const spec = {
    experiment: 'elastic',
    arm,
    replicate,
    source,
    model,
    mapping: null,
    replicated: null,
    dropped: null,
    length: '10it',
    at: [5, 10],
    ...more,
  };
  return { key: `elastic-${arm}-${source}-${model}-${JSON.stringify(more)}-r${replicate}`, spec, rows, status: 'done' };
}

/** Accuracies of an arm at levels 5 and 10 in three replicates, a little apart. */
const arm = (name: string, at5: number, at10: number, more = {}): RunRecord[] =>
  [1, 2, 3].map((r) => run(name, r, [level(5, at5 + r / 10_000), level(10, at10 + r / 10_000)], more));

const claimOf = (records: readonly RunRecord[], id: string) => elasticClaims(records).find((claim) => claim.id === id);

test('the table says where a ticket comes from and how its sparsity drifts', () => {
  const transfer: Point = {
    kind: 'point',
    name: 'transfer',
    level: 10,
    values: { source: mlp(3), mapping: '0:0', sourceSparsity: 0.89, sparsity: 0.9, drift: 0.01 },
  };
  const records = [
    run('elastic-append', 1, [transfer, level(10, 0.97, 0.1)]),
    run('elastic-append', 1, [level(10, 0.9)], { dropped: [1] } as never),
  ];
  const rows = toRows(elasticTable(records));
  assert.deepEqual(
    rows.map((row) => [row['pair'], row['variant'], row['sourceSparsity'], row['drift'], row['testAtEnd']]),
    [
      [`${mlp(3)} to ${mlp(4)}`, 'rule', 0.89, 0.01, 0.97],
      [`${mlp(3)} to ${mlp(4)}`, 'dropped 1', null, null, 0.9],
    ],
  );
  assert.equal(rows[0]?.['setting'], rows[1]?.['setting']);
  assert.deepEqual(toRows(elasticTable([])), []);
});

test('pairs stand beside the numbers of the paper', () => {
  const pairs = [2, 3, 4].flatMap((s) =>
    [2, 3, 4].flatMap((t) => arm('elastic-append', 0.5, 0.9 + s / 100 + t / 1000, { source: mlp(s), model: mlp(t) })),
  );
  const rows = toRows(elasticPairs(pairs));
  assert.equal(rows.length, 9);
  // Appendix C of Chen et al. 2021, by rows: source 2, 3, 4.
  assert.deepEqual(
    rows.map((row) => row['paper']),
    [0.9806, 0.9795, 0.9799, 0.9791, 0.9783, 0.9783, 0.9788, 0.9791, 0.9803],
  );
  assert.ok(Math.abs(Number(rows[5]?.['mean']) - 0.9342) < 1e-12, 'source 3, target 4, the last level only');
  assert.deepEqual([rows[5]?.['n'], rows[5]?.['level']], [3, 10]);
  const others = toRows(elasticPairs(arm('elastic-append', 0.5, 0.9, { source: 'resnet-14-4', model: 'resnet-20-4' })));
  assert.equal(others[0]?.['paper'], null);
});

test('claims are decided on the same target, level and replicate', () => {
  const records = [
    ...arm('imp', 0.98, 0.97),
    ...arm('elastic-append', 0.978, 0.966),
    ...arm('elastic-interpolate', 0.977, 0.967),
    ...arm('permute-copies', 0.976, 0.95),
    ...arm('reinitialise', 0.97, 0.96),
    ...arm('shuffle-mask', 0.96, 0.94),
    ...arm('snip', 0.99, 0.98),
  ];
  // 0.2 and 0.4 points below; half a point above by two; SNIP is above here.
  assert.equal(claimOf(records, 'own')?.held, true);
  assert.equal(elasticClaims(records, { tolerance: 0.001 }).find(({ id }) => id === 'own')?.held, false);
  assert.equal(claimOf(records, 'controls')?.held, true);
  assert.equal(claimOf(records, 'at-once')?.held, false);
  assert.match(
    claimOf(records, 'at-once')?.sentence ?? '',
    /'elastic, appended' against 'SNIP': did not hold, 97\.22 % against 98\.52 %, 6 comparisons/,
  );
  assert.equal(claimOf(records, 'orders')?.held, true);
  assert.equal(claimOf(records, 'replicas')?.held, true);
  assert.equal(claimOf(records, 'early'), undefined, 'no run speaks to it');
  assert.equal(claimOf(records, 'closer'), undefined);
});

test('runs of other lengths, targets or sources are not compared', () => {
  const own = arm('elastic-append', 0.9, 0.9);
  assert.equal(claimOf([...own, ...arm('reinitialise', 0.1, 0.1, { model: mlp(3) })], 'controls'), undefined);
  assert.equal(claimOf([...own, ...arm('reinitialise', 0.1, 0.1, { length: '99it' })], 'controls'), undefined);
  assert.equal(claimOf([...own, ...arm('permute-copies', 0.1, 0.1, { source: mlp(2) })], 'replicas'), undefined);
  // A baseline of the target counts whatever source it was made beside.
  assert.equal(claimOf([...own, ...arm('reinitialise', 0.1, 0.1, { source: mlp(2) })], 'controls')?.held, true);
  // A ticket in its own network is no transfer.
  const diagonal = arm('elastic-append', 0.9, 0.9, { source: mlp(4), model: mlp(4) });
  assert.equal(claimOf([...diagonal, ...arm('reinitialise', 0.1, 0.1)], 'controls'), undefined);
});

test('dropping early blocks is held against dropping late ones', () => {
  const pair = { source: 'resnet-20-4', model: 'resnet-14-4' };
  const records = [...arm('elastic-append', 0.5, 0.4, pair), ...arm('elastic-append', 0.45, 0.35, { ...pair, dropped: [1] })];
  assert.equal(claimOf(records, 'early')?.held, true);
  assert.match(claimOf(records, 'early')?.sentence ?? '', /difference \+5\.00 points/);
  const late = [...arm('elastic-append', 0.5, 0.4, pair), ...arm('elastic-append', 0.45, 0.35, { ...pair, dropped: [2] })];
  assert.equal(claimOf(late, 'early'), undefined);
});

test('the barrier of a farther source less that of a nearer one', () => {
  assert.ok(Math.abs(barrier([0.1, 0.6, 0.3]) - 0.4) < 1e-12);
  const records = [1, 2, 3].flatMap((r) => [
    run('elastic-append', r, line(10, [0.02, 0.1 + r / 1000, 0.04])),
    run('elastic-append', r, line(10, [0.02, 0.7 + r / 1000, 0.06]), { source: mlp(2) }),
    run('elastic-append', r, line(10, [0.02, 0.9, 0.02]), { source: mlp(4) }),
  ]);
  // Barriers 0.07 and 0.66: the ticket in its own network plays no part.
  assert.equal(claimOf(records, 'closer')?.held, true);
  assert.match(claimOf(records, 'closer')?.sentence ?? '', /66\.20 % and 7\.20 %.*difference \+59\.00 points/);
  const names = new Set(toRows(elasticLine(records)).map((row) => row['name']));
  assert.deepEqual(
    [...names],
    [`elastic, appended from ${mlp(3)}`, `elastic, appended from ${mlp(2)}`, `elastic, appended from ${mlp(4)}`],
  );
  const unknownFamily = records.map((record) => ({ ...record, spec: { ...record.spec, source: `alien-${record.spec['source']}` } }));
  assert.equal(claimOf(unknownFamily, 'closer'), undefined);
});

test('without runs there is one open claim', () => {
  const claims = elasticClaims([]);
  assert.deepEqual(
    claims.map(({ held }) => held),
    ['undecided'],
  );
});

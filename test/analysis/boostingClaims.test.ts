import assert from 'node:assert/strict';
import test from 'node:test';
import { adversarialClaims, obfuscationClaims } from '../../src/analysis/adversarialClaims.js';
import { boostingClaims } from '../../src/analysis/boostingClaims.js';
import { boostingSummary } from '../../src/analysis/boostingSummary.js';
import { accuracyAtEpochs, boostingTable } from '../../src/analysis/boostingTable.js';
import { fromRows, toRows } from '../../src/analysis/table.js';
import { withSeconds } from '../../src/analysis/withSeconds.js';
import type { Evaluation, LevelSummary, Point, Row, RunRecord } from '../../src/run/record.js';

const record = (experiment: string, arm: string, replicate: number, rows: readonly Row[]): RunRecord => ({
  key: `${experiment}-${arm}-${replicate}`,
  spec: { experiment, arm, replicate },
  rows,
  status: 'done',
});
const level = (n: number, earlyStop: number, testAtEnd: number): Row =>
  ({ kind: 'level', level: n, density: n === 0 ? 1 : 0.2, earlyStop, testAtEnd }) as LevelSummary;
const validation = (n: number, step: number, accuracy: number): Evaluation => ({
  kind: 'evaluation',
  level: n,
  step,
  split: 'validation',
  loss: 1,
  accuracy,
  phase: 'training',
});
const point = (name: string, values: Point['values']): Point => ({ kind: 'point', name, level: 1, values });

const boost = (arm: string, r: number, first: number, stop: number, end: number, kept: number): RunRecord =>
  record('boosting', arm, r, [
    // The training for the mask must not be compared with anything.
    ...[validation(0, 100, 0.1), level(0, 5, 0.5)],
    ...[validation(1, 0, 0.12), validation(1, 200, 0.999), validation(1, 100, first), level(1, stop, end)],
    point('path', { sparsity: 0.8, kept }),
  ]);

test('the first measurement after the start is what arms are compared by', () => {
  const rows = toRows(
    boostingTable([
      boost('boosting', 1, 0.9, 500, 0.99, 0.1),
      record('boosting', 'dense', 1, [validation(0, 100, 0.8), level(0, 700, 0.98)]),
    ]),
  );
  assert.deepEqual(
    rows.map(({ arm, level: n, first, firstStep, earlyStop }) => [arm, n, first, firstStep, earlyStop]),
    [
      ['boosting', 1, 0.9, 100, 500],
      ['dense', 0, 0.8, 100, 700],
    ],
  );
});

test('epochs are counted where the length of training is given in them', () => {
  const rows = [...[50, 100, 150, 200, 300].map((step) => validation(1, step, step / 1000)), { ...level(1, 200, 0.9), steps: 300 } as Row];
  const spec = {
    experiment: 'boosting',
    arm: 'winning',
    replicate: 1,
    length: '3ep',
    maskRate: { rate: 0.01 },
    learningRate: { rate: 0.1 },
  };
  const own: RunRecord = { key: 'k', spec, rows, status: 'done' };
  // 300 iterations in 3 epochs: the first one ends at 100, the early stop at 200 is epoch 2; a winning mask comes from the large rate.
  const [row] = toRows(boostingTable([own]));
  assert.deepEqual([row?.first, row?.firstStep, row?.earlyStopEpoch, row?.maskRate], [0.1, 100, 2, 0.1]);
  assert.deepEqual(
    toRows(accuracyAtEpochs([own], [1, 2, 3, 4])).map(({ epoch, accuracy }) => [epoch, accuracy]),
    [
      [1, 0.1],
      [2, 0.2],
      [3, 0.3],
    ],
  );
  const [inIterations] = toRows(boostingTable([{ ...own, spec: { ...spec, length: '300it' } }]));
  assert.deepEqual([inIterations?.first, inIterations?.earlyStopEpoch], [0.05, null]);
});

test('the summary has a row for each arm, with means over replicates and the range of early stops', () => {
  const run = (replicate: number, stop: number, end: number): RunRecord => {
    const spec = { experiment: 'boosting', arm: 'boosting', replicate, length: '3ep' };
    const rows = [validation(1, 100, 0.8), { ...level(1, stop, end), steps: 300, testAtEarlyStop: end + 0.01 } as Row];
    return { key: `s${replicate}`, spec, rows, status: 'done' };
  };
  const [row] = toRows(boostingSummary([run(1, 100, 0.9), run(2, 300, 0.92)]));
  assert.deepEqual(
    [row?.arm, row?.replicates, row?.first, row?.earlyStopEpoch, row?.earliest, row?.latest],
    ['boosting ticket', 2, 0.8, 2, 1, 3],
  );
  assert.ok(Math.abs(Number(row?.testAtEnd) - 0.91) < 1e-9 && Math.abs(Number(row?.testAtEarlyStop) - 0.92) < 1e-9);
});

test("seconds at a point are the mask's and that part of the training", () => {
  const points = fromRows([
    { key: 'a', step: 100, robust: 0.1 },
    { key: 'a', step: 400, robust: 0.2 },
    { key: 'b', step: 50, robust: 0.3 },
  ]);
  const timings = { seconds: { a: { mask: 10, train: 80, 'robust-100': 7 } }, processor: {} };
  assert.deepEqual(
    toRows(withSeconds(points, timings)).map(({ seconds, processor }) => [seconds, processor]),
    [
      [30, null],
      [90, null],
      [null, null],
    ],
  );
});

test('boosting claims with hand-worked differences', () => {
  const claims = boostingClaims([
    ...[boost('boosting', 1, 0.9, 500, 0.99, 0.1), boost('boosting', 2, 0.902, 510, 0.99, 0.12)],
    ...[boost('winning', 1, 0.8, 900, 0.991, 0.4), boost('winning', 2, 0.8, 900, 0.991, 0.44)],
  ]);
  const means = claims.map(({ parts }) => parts[0]?.difference?.mean as number);
  [0.101, 395, -0.001, 0.31].forEach((wanted, i) => assert.ok(Math.abs((means[i] as number) - wanted) < 1e-9, `${i}: ${means[i]}`));
  assert.deepEqual(
    claims.map(({ held }) => held),
    [true, true, true, true],
  );
  assert.equal(
    boostingClaims([
      boost('boosting', 1, 0.9, 500, 0.95, 0.1),
      boost('boosting', 2, 0.9, 500, 0.95, 0.1),
      ...[1, 2].map((r) => boost('winning', r, 0.95, 400, 0.99, 0.1)),
    ])[2]?.held,
    false,
  );
  assert.deepEqual(
    boostingClaims([]).map(({ held }) => held),
    ['undecided', 'undecided', 'undecided', 'undecided'],
  );
});

const robust = (arm: string, r: number, ends: readonly [number, number][]): RunRecord =>
  record(
    'adversarial',
    arm,
    r,
    ends.map(([evaluations, accuracy], i) => point('robust', { step: (i + 1) * 100, evaluations, robust: accuracy, clean: 0.9 })),
  );

test('the saving is counted in gradient evaluations and, with timings, in seconds of training', () => {
  const records = [1, 2].flatMap((r) => [
    robust('fgsm-mask', r, [
      [400, 0.4],
      [700, 0.4985],
    ]),
    robust('dense', r, [
      [500, 0.3],
      [1000, 0.5],
    ]),
    robust('reinitialise', r, [
      [400, 0.3],
      [700, 0.5],
    ]),
  ]);
  const timings = Object.fromEntries(
    [1, 2].flatMap((r) => [
      [`adversarial-fgsm-mask-${r}`, { mask: 20, train: 40, 'robust-100': 1000 }],
      [`adversarial-dense-${r}`, { train: 80 }],
    ]),
  );
  const [cheaper, mask] = adversarialClaims(records, { timings: { seconds: timings, processor: {} } });
  const means = cheaper?.parts.map(({ difference }) => difference?.mean as number) ?? [];
  [-0.0015, 0.3, 0.25].forEach((wanted, i) => assert.ok(Math.abs((means[i] as number) - wanted) < 1e-9, `${i}: ${means[i]}`));
  assert.deepEqual([cheaper?.held, mask?.held, cheaper?.parts.length], [true, true, 3]);
  const both = adversarialClaims(records, { timings: { seconds: timings, processor: timings } })[0];
  assert.deepEqual([both?.held, both?.parts.length], [true, 4]);
  assert.equal(adversarialClaims(records)[0]?.parts.length, 2);
});

test('hidden gradients are seen: more steps that do less harm, bounds that do not matter', () => {
  const check = (name: string, accuracy: number, dip = 0): Point =>
    point('hidden gradients', { attack: name, robust: accuracy, dip, rise: 1 });
  const honest = ['one step', 'evaluation', 'five times the steps', 'whole cube', 'transfer'].map((name, i) =>
    check(name, [0.6, 0.5, 0.49, 0, 0.7][i] as number),
  );
  const runs = (rows: readonly Row[]) => [1, 2].map((r) => record('adversarial', 'dense', r, rows));
  assert.equal(obfuscationClaims(runs(honest))[0]?.held, true);
  const masked = ['one step', 'evaluation', 'five times the steps', 'whole cube', 'transfer'].map((name, i) =>
    check(name, [0.3, 0.5, 0.6, 0.4, 0.2][i] as number, 0.5),
  );
  assert.deepEqual(
    obfuscationClaims(runs(masked))[0]?.parts.map(({ held }) => held),
    [false, false, false, false, false],
  );
  // Runs of two settings are no further replicates: the worst run of each replicate counts.
  const twice = [...runs(honest), ...runs(masked).map((run) => ({ ...run, key: `other-${run.key}` }))];
  const first = (records: RunRecord[]) => obfuscationClaims(records)[0]?.parts[0]?.difference;
  assert.equal(first(twice)?.n, 2);
  assert.equal(first(twice)?.mean, first(runs(masked))?.mean);
  assert.equal(obfuscationClaims([])[0]?.held, 'undecided');
  // A network that always says one class cannot be fooled, and is not robust.
  const constant = ['one step', 'evaluation', 'five times the steps', 'whole cube', 'transfer'].map((name) =>
    point('hidden gradients', { attack: name, clean: 0.1, robust: 0.1, dip: 0, rise: 0 }),
  );
  const third = obfuscationClaims([...runs(honest), record('adversarial', 'dense', 3, constant)])[0];
  assert.deepEqual([third?.held, third?.parts[0]?.difference?.n], [true, 2]);
  assert.match(third?.reading ?? '', /1 of 3 runs/);
});

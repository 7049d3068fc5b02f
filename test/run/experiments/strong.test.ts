/** Strong, boosting and robust tickets as whole runs at the smallest scale, on real MNIST. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NotNow } from '../../../src/run/exitCode.js';
import { experiments, keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { planRuns } from '../../../src/run/experiments/planRuns.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import { readCertificate } from '../../../src/run/readRecord.js';
import type { LevelSummary, Point, RunRecord } from '../../../src/run/record.js';
import { openStore, runFolder, type Store } from '../../../src/run/store.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-strong-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const storeIn = (name: string): Store => openStore({ root: join(folder, name), records: [] });

function make(store: Store, options: object): Promise<RunRecord> {
  const spec = readSpec(options);
  return getOrRun(store, spec, keyOf(spec), (s, context) => experiments[s.experiment]!.run(s, context, store));
}
const points = ({ rows }: RunRecord): Point['values'][] =>
  rows.filter((row): row is Point => row.kind === 'point').map(({ values }) => values);
const levels = ({ rows }: RunRecord): LevelSummary[] => rows.filter((row): row is LevelSummary => row.kind === 'level');

test('subset sums: a row for each count, the interval around the median, the same bits again', async () => {
  const options = { experiment: 'subsetSums', counts: [2, 8], trials: 300 };
  const [first, second] = [await make(storeIn('sums-1'), options), await make(storeIn('sums-2'), options)];
  assert.deepEqual(first.rows, second.rows);
  for (const { low, medianLow, median, medianHigh, high } of points(first)) {
    assert.ok(
      Number(low) < Number(medianLow) &&
        Number(medianLow) < Number(median) &&
        Number(median) < Number(medianHigh) &&
        Number(medianHigh) < Number(high),
    );
  }
});

test('approximation: many coefficients give the target back, and every way finds the one target', async () => {
  const store = storeIn('approximation');
  const small = { experiment: 'approximation', model: 'mlp-12', trainLimit: 3000, length: '60it', validateEvery: '30it', counts: [1, 16] };
  const plan = planRuns({
    experiment: 'approximation',
    options: { ...small, experiment: undefined },
    arms: ['row', 'single', 'target'],
    replicates: 1,
  });
  assert.equal(plan.length, 3, 'the target that others need is the target that was asked for');
  await assert.rejects(
    make(store, { ...small, arm: 'row' }),
    (error: Error) => error instanceof NotNow && /arm 'target'/.test(error.message),
  );
  const target = await make(store, { ...small, arm: 'target' });
  for (const arm of ['row', 'weight']) {
    const [poor, good] = points(await make(store, { ...small, arm }));
    assert.ok(
      Number(good?.maxError) < 0.1 && Number(poor?.maxError) > 0.2 && Number(good?.near) > 0.9,
      `${arm} ${JSON.stringify([poor, good])}`,
    );
    assert.ok(Math.abs(Number(good?.accuracy) - (levels(target)[0]?.testAtEnd as number)) < 0.01, arm);
    assert.equal(good?.candidates, 16 * (784 * 12 + 120));
  }
  const [, single] = points(await make(store, { ...small, arm: 'single' }));
  assert.ok(Number(single?.keptShare) <= 1 / 16);
});

test('supermasks: every arm certifies frozen weights, and keeps what was asked for', async () => {
  const store = storeIn('supermask');
  const small = {
    experiment: 'supermask',
    model: 'mlp-20',
    trainLimit: 3000,
    length: '40it',
    validateEvery: '20it',
    freezeEvery: '10it',
    densities: [0.2],
  };
  for (const arm of Object.keys(experiments['supermask']!.arms)) {
    const record = await make(store, { ...small, arm });
    const found = levels(record);
    assert.ok(
      found.every(({ testAtEnd }) => testAtEnd > 0.1),
      arm,
    );
    const certificate = readCertificate(runFolder(store, record.key));
    if (arm === 'trained') continue;
    assert.ok(
      certificate?.every(({ checks }) => /unchanged, bit by bit/.test(JSON.stringify(checks))),
      arm,
    );
    if (arm === 'edge-popup' || arm === 'biprop')
      assert.deepEqual(
        found.map(({ kept }) => kept),
        [3136 + 40],
      );
    // Of scores left alive, those of at least a half count: never more than are alive.
    if (arm === 'gem-miner') assert.ok(found.every(({ density }, i) => density <= (small.densities[i] as number) + 1e-9));
    assert.deepEqual(
      found.map(({ steps }) => steps),
      found.map(() => 40),
    );
  }
  // Weights have a rate of their own where one is given, and that of scores where none is.
  const trained = async (options: object) =>
    (await make(store, { ...small, arm: 'trained', ...options })).rows.flatMap((row) => (row.kind === 'evaluation' ? [row.loss] : []));
  const plain = await trained({});
  assert.deepEqual(await trained({ learningRate: { rate: 0.5 }, trainedRate: { rate: 0.1, decay: { name: 'cosine' } } }), plain);
  assert.notDeepEqual(await trained({ trainedRate: { rate: 0.01 } }), plain);
});

test('approximation: draws differ, the first is that of a run with one draw, and a layer can be left as it is', async () => {
  const store = storeIn('draws');
  const small = {
    experiment: 'approximation',
    arm: 'row',
    model: 'mlp-12',
    trainLimit: 3000,
    length: '60it',
    validateEvery: '30it',
    counts: [4],
  };
  await make(store, { ...small, arm: 'target' });
  const [one] = points(await make(store, small));
  const several = points(await make(store, { ...small, draws: 3 }));
  assert.deepEqual(several[0], { ...one, draw: 1 });
  assert.equal(new Set(several.map(({ loss }) => loss)).size, 3);
  const [left] = points(await make(store, { ...small, leave: ['output/kernel'] }));
  assert.deepEqual([left?.weights, left?.low, left?.high], [784 * 12, one?.low, one?.high]);
  await assert.rejects(make(store, { ...small, leave: ['nowhere/kernel'] }), /nowhere\/kernel/);
  await assert.rejects(make(store, { ...small, leave: ['dense1/kernel', 'output/kernel'] }), /at least one kernel/);
});

test('constructions: both arms build the same targets, every one within its bound', async () => {
  const store = storeIn('construction');
  const small = { experiment: 'construction', sizes: [4, 3, 2], counts: [2, 12], targets: 4, inputs: 50 };
  const [sums, nearest] = [points(await make(store, small)), points(await make(store, { ...small, arm: 'nearest' }))];
  for (const values of [...sums, ...nearest]) {
    assert.deepEqual([values.targets, values.within], [4, 4]);
    assert.ok(Number(values.maxError) <= Number(values.maxBound) && Number(values.maxRatio) <= 1);
  }
  assert.ok(Number(sums[1]?.error) < Number(nearest[1]?.error));
  assert.equal(nearest[0]?.keptPerWeight, 2);
  assert.equal(sums[0]?.drawnPerWeight, 4);
});

test('mask actions: criteria look at one dense network, kept shares are exact, frozen weights are certified', async () => {
  const store = storeIn('mask-actions');
  const small = {
    ...{ experiment: 'maskActions', model: 'mlp-20', trainLimit: 3000, length: '40it', validateEvery: '20it' },
    ...{ densities: [0.5, 0.1], retrain: [0.1], kept: ['rewind', 'constantSigned'], pruned: ['zero', 'freeze'] },
  };
  await assert.rejects(make(store, small), (error: Error) => error instanceof NotNow && /arm 'dense'/.test(error.message));
  const dense = await make(store, { ...small, arm: 'dense' });
  assert.equal(keyOf(readSpec({ ...small, arm: 'dense', kept: ['reshuffle'] })), dense.key, 'one dense network for all');
  const record = await make(store, small);
  const found = points(record);
  const total = 784 * 20 + 200;
  assert.deepEqual(
    found.map(({ kept }) => kept),
    [total / 2, total / 2, total / 10, total / 10, ...Array(4).fill(total / 10)],
  );
  assert.deepEqual(
    found.slice(4).map(({ keptAction, prunedAction }) => `${keptAction} ${prunedAction}`),
    ['rewind zero', 'rewind freeze', 'constantSigned zero', 'constantSigned freeze'],
  );
  // The whole start is there when pruned weights are frozen and kept ones rewound: as accurate as before any training.
  const atStart = dense.rows.find((row) => row.kind === 'evaluation' && row.split === 'test' && row.step === 0);
  assert.equal(found[5]?.untrained, atStart?.kind === 'evaluation' ? atStart.accuracy : null);
  const checks = readCertificate(runFolder(store, record.key))?.map((entry) => JSON.stringify(entry.checks)) ?? [];
  assert.deepEqual(
    checks.map((text) => /frozen weights.*unchanged, bit by bit/.test(text)),
    [false, true, false, true],
  );
});

test('boosting: densities to the weight, the controls share or shuffle its mask, the path is measured', async () => {
  const store = storeIn('boosting');
  const small = {
    experiment: 'boosting',
    model: 'mlp-20',
    trainLimit: 3000,
    maskLength: '40it',
    length: '40it',
    validateEvery: '20it',
    sparsities: [0.5, 0.9],
    learningRate: { rate: 0.05 },
  };
  const record = await make(store, { ...small, arm: 'boosting' });
  const total = 784 * 20 + 200;
  assert.deepEqual(
    levels(record).map(({ kept }) => kept),
    [total, total / 2, total / 10],
  );
  assert.ok(points(record).every(({ kept, all }) => Number(kept) > 0 && Number(kept) < Number(all)));
  const masks = ({ layers }: LevelSummary) => layers;
  assert.deepEqual(levels(await make(store, { ...small, arm: 'reinitialise' })).map(masks), levels(record).slice(1).map(masks));
  const random = levels(await make(store, { ...small, arm: 'random-mask' }));
  assert.deepEqual(
    random.map(({ kept }) => kept),
    [total / 2, total / 10],
  );
  assert.deepEqual(
    levels(await make(store, { ...small, arm: 'dense' })).map(({ kept }) => kept),
    [total],
  );
});

test('robust tickets: the cost is that of the mask and of each update, and the checks are all there', async () => {
  const store = storeIn('adversarial');
  const attack = { norm: 'linf', epsilon: 0.1, stepSize: 0.05, steps: 3, randomStart: true };
  const small = {
    experiment: 'adversarial',
    model: 'mlp-20',
    trainLimit: 3000,
    maskLength: '30it',
    ticketLength: '40it',
    length: '60it',
    measureEvery: '20it',
    evaluated: 200,
    attack,
    evaluation: { ...attack, randomStart: false },
  };
  const pipeline = points(await make(store, { ...small, arm: 'fgsm-mask' }));
  // FGSM costs 2 gradient evaluations an update, PGD-3 4.
  assert.deepEqual(
    pipeline.filter(({ evaluations }) => evaluations !== undefined).map(({ evaluations }) => evaluations),
    [60 + 80, 60 + 160],
  );
  assert.equal(pipeline.filter(({ attack: name }) => name !== undefined).length, 6);
  const dense = points(await make(store, { ...small, arm: 'dense', checks: false }));
  assert.deepEqual(
    dense.map(({ evaluations }) => evaluations),
    [80, 160, 240],
  );
  const natural = points(await make(store, { ...small, arm: 'natural-mask', checks: false, trades: 3 }));
  // TRADES has the clean batch beside the attacked one: 5 an update.
  assert.equal(natural[0]?.evaluations, 30 + 100);
});

test('lists with a value twice, shares that leave nothing and intervals without length are refused before anything runs', () => {
  const refused: readonly [options: object, message: RegExp][] = [
    [{ experiment: 'boosting', sparsities: [0.5, 1] }, /sparsities\.1: a sparsity below 1/],
    [{ experiment: 'boosting', sparsities: [0.5, 0.5] }, /sparsities: each value once/],
    [{ experiment: 'boosting', validateEvery: '0ep' }, /validateEvery: an interval of at least 1 iteration/],
    [{ experiment: 'adversarial', sparsity: 1 }, /sparsity: a sparsity below 1/],
    [{ experiment: 'adversarial', measureEvery: '0it' }, /measureEvery: an interval of at least 1 iteration/],
    [{ experiment: 'supermask', densities: [0] }, /densities\.0: a density above 0/],
    [{ experiment: 'supermask', densities: [0.3, 0.3] }, /densities: each value once/],
    [{ experiment: 'supermask', freezeEvery: '0it' }, /freezeEvery: an interval of at least 1 iteration/],
    [{ experiment: 'maskActions', kept: ['rewind', 'rewind'] }, /kept: each value once/],
    [{ experiment: 'maskActions', retrain: [0.1, 0.1] }, /retrain: each value once/],
    [{ experiment: 'subsetSums', counts: [2, 2] }, /counts: each value once/],
    [{ experiment: 'construction', counts: [2, 2] }, /counts: each value once/],
    [{ experiment: 'approximation', counts: [2, 2] }, /counts: each value once/],
  ];
  for (const [options, message] of refused) assert.throws(() => readSpec(options), message, JSON.stringify(options));
  assert.ok(readSpec({ experiment: 'boosting', sparsities: [0, 0.99], validateEvery: '0ep1it' }));
  assert.ok(readSpec({ experiment: 'supermask', densities: [1] }));
});

test('networks and kernels that there are not are refused when runs are planned', () => {
  for (const experiment of ['supermask', 'boosting', 'adversarial', 'approximation', 'maskActions']) {
    const plan = (model: string) => () => planRuns({ experiment, options: { model }, replicates: 1 });
    assert.throws(plan('lenet5'), /unknown architecture: 'lenet5'\. Did you mean 'lenet-5'\?/, experiment);
    assert.throws(plan('lenet-5x0'), /a width above 0/, experiment);
    assert.doesNotThrow(plan('conv-2x0.25'), experiment);
  }
  const left = (leave: string[]) => () => planRuns({ experiment: 'approximation', options: { leave }, replicates: 1 });
  assert.throws(left(['nowhere/kernel']), /unknown kernel of 'mlp-500': 'nowhere\/kernel'\. Known: dense1\/kernel, output\/kernel/);
  assert.throws(left(['dense1/kernel', 'output/kernel']), /at least one kernel/);
});

test('the estimated updates follow the number of training images', () => {
  const updates = (options: object): number => {
    const spec = readSpec(options);
    return experiments[spec.experiment]?.updates(spec) as number;
  };
  const part = { trainLimit: 1000, batchSize: 50, length: '3ep' };
  assert.equal(updates({ experiment: 'supermask', arm: 'trained', ...part }), 60);
  assert.equal(updates({ experiment: 'maskActions', arm: 'dense', ...part }), 60);
});

/** Search, surface and profiles on real MNIST at the smallest scale: whole runs, certified, killed and resumed. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { profileTable } from '../../../src/analysis/profileTable.js';
import { surfaceCells } from '../../../src/analysis/surfaceCells.js';
import { toRows } from '../../../src/analysis/table.js';
import { toPoints } from '../../../src/analysis/toTable.js';
import { architecture } from '../../../src/model/families/families.js';
import { parameterCount } from '../../../src/model/shapes.js';
import { stream } from '../../../src/random.js';
import { NotNow } from '../../../src/run/exitCode.js';
import { experiments, keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import { readCertificate } from '../../../src/run/readRecord.js';
import type { LevelSummary, RunRecord } from '../../../src/run/record.js';
import { openStore, runFolder, type Store } from '../../../src/run/store.js';
import { killedRun } from './killedRun.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-growth-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const storeIn = (name: string): Store => openStore({ root: join(folder, name), records: [] });
const searchSmall = { experiment: 'search', trainLimit: 1000, batchSize: 50, length: '20it', trial: '5it', iterations: 2, widenBy: [1] };

function make(store: Store, options: object): Promise<RunRecord> {
  const spec = readSpec(options);
  return getOrRun(store, spec, keyOf(spec), (s, context) => experiments[s.experiment]!.run(s, context, store));
}

const levelsOf = ({ rows }: RunRecord): LevelSummary[] => rows.filter((row): row is LevelSummary => row.kind === 'level');

test('search: the lineage is whole, the taken extension has the best score, the budget holds, the cost is paid again from scratch', async () => {
  const store = storeIn('search');
  for (const arm of ['search', 'search-gradient', 'search-plan', 'search-random']) {
    const record = await make(store, { ...searchSmall, arm });
    const levels = levelsOf(record);
    const tried = toRows(toPoints([record], 'candidate'));
    assert.deepEqual(
      levels.map(({ level }) => level),
      [0, 1, 2, 3],
    );
    for (const iteration of [1, 2]) {
      const own = tried.filter(({ level }) => level === iteration);
      const [taken, ...more] = own.filter(({ chosen }) => chosen === true);
      assert.equal(more.length, 0);
      assert.equal(taken?.ticket, levels[iteration]?.ticket, 'the ticket that trains is the one that was taken');
      assert.equal(taken?.parent, levels[iteration]?.parent);
      if (arm === 'search' || arm === 'search-gradient') {
        assert.ok(own.length >= 3);
        assert.equal(Number(taken?.score), Math.max(...own.map(({ score }) => Number(score))));
      } else assert.ok(own.every(({ score }) => score === null));
    }
    const [end] = toRows(toPoints([record], 'search'));
    assert.ok(Number(end?.parameters) <= 80_000 && Number(end?.cost) > 0);
    assert.equal(readCertificate(runFolder(store, record.key))?.length, 4);
    // The last network is pruned in every layer: 20 % are left.
    assert.ok(Math.abs(Number(end?.density) - 0.2) < 0.001);
  }
  const [found] = toRows(toPoints([await make(store, { ...searchSmall })], 'search'));
  const dense = await make(store, { ...searchSmall, arm: 'dense' });
  const pruned = await make(store, { ...searchSmall, arm: 'pruned' });
  assert.equal(levelsOf(dense)[0]?.parameters, found?.parameters);
  assert.equal(levelsOf(pruned)[1]?.kept, found?.kept);
  const [level] = levelsOf(dense);
  // A multilayer perceptron has one multiply-add for each weight; 50 images an update.
  assert.equal(level?.steps, Math.floor(Number(found?.cost) / (50 * Number(level?.prunable))));
  const halves = levelsOf(pruned).map(({ steps, kept }) => steps * kept * 50);
  for (const half of halves) assert.ok(Math.abs(half / Number(found?.cost) - 0.5) < 0.05);
});

test('search: a control without its parent, a seed over the budget, a budget that admits nothing, a plan that ends', async () => {
  await assert.rejects(make(storeIn('orphan'), { ...searchSmall, arm: 'dense' }), (error: Error) => {
    assert.ok(error instanceof NotNow);
    return /missing parent run 'search-/.test(error.message);
  });
  const small = { unit: 'parameters', most: 100 };
  await assert.rejects(make(storeIn('seed'), { ...searchSmall, budget: small }), /seed 'mlp-16' has 12730 parameters/);
  const seed = parameterCount(architecture('mlp-16', [28, 28, 1], 10));
  const tight = await make(storeIn('tight'), { ...searchSmall, budget: { unit: 'parameters', most: seed } });
  const [end] = toRows(toPoints([tight], 'search'));
  assert.deepEqual([end?.reason, end?.iteration, end?.parameters], ['no extension fits the budget', 0, seed]);
  const plan = [{ operator: 'widen', layer: 'dense1', count: 4 }];
  const planned = await make(storeIn('plan'), { ...searchSmall, arm: 'search-plan', plan });
  const [last] = toRows(toPoints([planned], 'search'));
  assert.equal(last?.reason, 'the plan is at its end');
  const [, widened] = levelsOf(planned);
  assert.deepEqual(
    [widened?.operator, widened?.parameters],
    ['widen dense1 by 4', parameterCount(architecture('mlp-20', [28, 28, 1], 10))],
  );
  assert.throws(() => readSpec({ ...searchSmall, plan: [{ operator: 'shrink', layer: 'dense1' }] }), /plan/);
  const lost = { ...searchSmall, arm: 'search-plan', plan: [...plan, { operator: 'deepen', layer: 'dense7', unit: 'layer' }] };
  const store = storeIn('lost');
  await assert.rejects(make(store, lost), /step 2 of the plan, deepen after dense7: unknown layer of .*'dense7'.*dense1/);
  assert.ok(!existsSync(join(runFolder(store, keyOf(readSpec(lost))), 'stages', '000-train-00')), 'refused before anything trains');
  const outer = [{ operator: 'gradMax', layer: 'output', count: 2 }];
  await assert.rejects(make(storeIn('output'), { ...lost, plan: outer }), /step 1 of the plan, gradMax output by 2: no single layer/);
});

test('search: convolutional and residual networks grow from one layer', async () => {
  for (const family of ['convNet', 'resnet']) {
    const options = { ...searchSmall, family, iterations: 1, length: '4it', trial: '2it', trainLimit: 300 };
    const record = await make(storeIn(family), { ...options, budget: { unit: 'multiplyAdds', most: 3_000_000 } });
    assert.equal(levelsOf(record)[0]?.depth, 2);
    const tried = toRows(toPoints([record], 'candidate')).map(({ text }) => text);
    assert.deepEqual(tried, family === 'convNet' ? ['deepen after conv1', 'widen conv1 by 8'] : ['deepen after conv', 'widen conv by 8']);
  }
});

test('search: GradMax passes over layers whose gradients are 0, such as a residual block that has learnt nothing yet', async () => {
  const still = { learningRate: { rate: 1e-60 }, optimizer: { name: 'sgd' }, operators: ['deepen', 'gradMax'], widenBy: [0.5] };
  const options = { ...searchSmall, ...still, family: 'resnet', arm: 'search-gradient', trainLimit: 300, length: '2it', patience: 9 };
  const record = await make(storeIn('still'), options);
  const tried = toRows(toPoints([record], 'candidate')).map(({ level, text }) => [level, text]);
  assert.deepEqual(tried, [
    [1, 'deepen after conv'],
    [2, 'deepen after stage1.block1'],
  ]);
});

test('surface: growth and iterative pruning reach the same cells, exact to the weight', async () => {
  const options = {
    experiment: 'surface',
    trainLimit: 600,
    batchSize: 50,
    length: '5it',
    depths: 2,
    densities: [1, 0.5, 0.1],
    model: 'mlp-16x{depth}',
  };
  for (const arm of ['growth', 'imp']) {
    const cells = toRows(surfaceCells([await make(storeIn(`surface-${arm}`), { ...options, arm })]));
    // 784 16 + 16 10 = 12,704 weights, and 16 16 more with a second layer; each layer rounds what it prunes.
    assert.deepEqual(
      cells.map(({ depth, kept }) => [depth, kept]),
      [
        [2, 12_704],
        [2, 6352],
        [2, 1254 + 16],
        [3, 12_960],
        [3, 6480],
        [3, 1254 + 16 + 26],
      ],
    );
  }
  await assert.rejects(make(storeIn('rising'), { ...options, densities: [0.1, 0.5] }), /invalid densities/);
  assert.throws(() => readSpec({ ...options, model: 'mlp-16' }), /depth/);
  const store = storeIn('elsewhere');
  for (const [wrong, message] of [
    [{ insertion: 'dirac' }, /invalid place for a new block/],
    [{ model: 'blocks-4x{depth}', insertion: 'identity' }, /mismatched network after the last growth: expected that of 'blocks-4x2'/],
  ] as const) {
    const spec = { ...options, ...wrong, arm: 'growth' };
    await assert.rejects(make(store, spec), message);
    assert.ok(
      !existsSync(join(runFolder(store, keyOf(readSpec(spec))), 'stages', '000-depth-1-grown-1')),
      'refused before anything trains',
    );
  }
});

test('profile: every ticket has every measure, and a factor changes what it names', async () => {
  const options = {
    ...{ experiment: 'profile', trainLimit: 600, width: 12, iterations: 1, length: '24it', validateEvery: '6it', batchSize: 50 },
    // The same data set stands in for another, which would have to be fetched.
    ...{ examples: 64, powerIterations: 4, transferTo: 'mnist' },
  };
  const store = storeIn('profile');
  const records = [];
  for (const arm of ['base', 'reset', 'batch-small', 'order']) records.push(await make(store, { ...options, arm }));
  const rows = toRows(profileTable(records));
  assert.equal(rows.length, 8);
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (name !== 'trainLimit' && name !== 'stepsToThreshold') assert.notEqual(value, null, name);
    }
    assert.ok(Number(row.barrier) >= 0 && Number(row.deadUnits) >= 0 && Number(row.deadUnits) <= 1);
    assert.ok(Number(row.effectiveRank) <= 12.001 && Number(row.gradientFlow) <= 1);
    assert.ok(Math.abs(Number(row.gain) - (Number(row.test) - Number(row.fresh))) < 1e-12);
  }
  const of = (arm: string, n: number) => rows.find((row) => row.arm === arm && row.level === n);
  // The same start, another order: the same gradient, other weights at the end.
  assert.equal(of('base', 0)?.gradientNorm, of('order', 0)?.gradientNorm);
  assert.notEqual(of('base', 0)?.distance, of('order', 0)?.distance);
  assert.deepEqual([of('base', 0)?.stepsPerEpoch, of('batch-small', 0)?.stepsPerEpoch], [12, 46]);
  const norms = toRows(toPoints(records, 'gradient')).filter(({ arm, level }) => arm === 'base' && level === 1);
  assert.deepEqual(
    norms.map(({ layer }) => layer),
    ['dense1/kernel', 'dense2/kernel', 'output/kernel'],
  );
  assert.ok(Math.abs(Math.hypot(...norms.map(({ norm }) => Number(norm))) - Number(of('base', 1)?.gradientNorm)) < 1e-6);
  assert.equal(toRows(toPoints(records, 'barrier')).filter(({ arm, level }) => arm === 'base' && level === 1).length, 11);
});

test('search: killed at random moments and resumed, it ends with the bytes of one that was left alone', { timeout: 300_000 }, async () => {
  const spec = readSpec({ ...searchSmall, length: '150it', trial: '60it' });
  const random = stream(11, 'kills');
  const { kills, killed, undisturbed } = await killedRun(spec, {
    ...{ folder, saveEvery: 0.05, most: 4 },
    async wait(child, _, root) {
      const list = join(root, keyOf(spec), 'stages');
      const stages = (): number => (existsSync(list) ? readdirSync(list).length : 0);
      // Some time after a stage or two have begun, so that each attempt gets further than the one before.
      const until = stages() + 1 + random.integer(2);
      while (child.exitCode === null && stages() < until) await setTimeout(5);
      await setTimeout(200 * random.uniform());
    },
  });
  assert.ok(kills >= 2, `only ${kills} kills before the run was done`);
  assert.deepEqual(killed, undisturbed);
});

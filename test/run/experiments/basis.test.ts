/** Iterative pruning in every basis on real MNIST at the smallest scale. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type BasisName, bases } from '../../../src/model/bases/bases.js';
import { stream } from '../../../src/random.js';
import { experiments, keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { planRuns } from '../../../src/run/experiments/planRuns.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import { readCertificate } from '../../../src/run/readRecord.js';
import type { LevelSummary, Point, RunRecord } from '../../../src/run/record.js';
import { openStore, runFolder, type Store } from '../../../src/run/store.js';
import { criteria } from '../../../src/score/criteria.js';
import { killedRun, untilStageGrows } from './killedRun.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-basis-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const storeIn = (name: string): Store => openStore({ root: join(folder, name), records: [] });
const small = { trainLimit: 600, length: '20it', validateEvery: '10it', model: 'mlp-20', levels: 2, fraction: 0.5, gradientExamples: 60 };

function make(store: Store, options: object): Promise<RunRecord> {
  const spec = readSpec(options);
  return getOrRun(store, spec, keyOf(spec), (s, context) => experiments[s.experiment]!.run(s, context, store));
}

const levelsOf = ({ rows }: RunRecord): LevelSummary[] => rows.filter((row): row is LevelSummary => row.kind === 'level');

test('the basis renames no run: its default is not part of a key', () => {
  assert.equal(keyOf(readSpec({ experiment: 'imp' })), 'imp-a0ff2c43c526-r1');
  assert.equal(keyOf(readSpec({ experiment: 'imp', basis: 'canonical', basisAxes: null })), 'imp-a0ff2c43c526-r1');
  assert.notEqual(keyOf(readSpec({ experiment: 'imp', basis: 'dct' })), 'imp-a0ff2c43c526-r1');
  assert.throws(() => readSpec({ experiment: 'imp', basis: 'fourier' }), /basis/);
  assert.throws(() => readSpec({ experiment: 'imp', basis: 'dct', basisAxes: ['time'] }), /basisAxes/);
});

const expected: Record<string, { kept: number[]; stored?: number[] }> = {
  // 15,680 weights halve twice; of the output's 200 a tenth goes each time.
  weights: { kept: [15_880, 8_020, 4_082] },
  // 20 units become 10 and 5; each reads 784 pixels and is read by 10 classes.
  units: { kept: [15_880, 8_040, 4_120], stored: [15_880, 7_940, 3_970] },
  // 20 components become 10 and 5, each of 784 coefficients and a vector of 20.
  lowRank: { kept: [15_880, 8_040, 4_120], stored: [15_880, 10 * 804 + 200, 5 * 804 + 200] },
};

for (const basis of Object.keys(bases) as BasisName[]) {
  test(`${basis}: tickets, controls and certificates as in any other`, async () => {
    const store = storeIn(basis);
    const record = await make(store, { ...small, experiment: 'imp', basis });
    const counts = expected[basis] ?? (expected['weights'] as { kept: number[]; stored?: number[] });
    assert.deepEqual(
      levelsOf(record).map(({ kept }) => kept),
      counts.kept,
    );
    if (basis === 'canonical') assert.ok(levelsOf(record).every((level) => !Object.hasOwn(level, 'stored')));
    else if (basis !== 'svd')
      assert.deepEqual(
        levelsOf(record).map(({ stored }) => stored),
        counts.stored ?? counts.kept,
      );
    const certificate = readCertificate(runFolder(store, record.key));
    assert.deepEqual(
      certificate?.map(({ level, kept }) => [level, kept]),
      counts.kept.map((kept, level) => [level, kept]),
    );
    // Controls differ between bases in what they read of their parent: nothing, or the network that the basis was made from.
    for (const arm of basis === 'lowRank' ? ['reinitialise', 'shuffle-mask', 'random-mask'] : ['reinitialise']) {
      const control = await make(store, { ...small, experiment: 'imp', basis, arm });
      assert.deepEqual(
        levelsOf(control).map(({ kept }) => kept),
        counts.kept.slice(1),
      );
    }
  });
}

test('every criterion, scope and way of retraining works on coefficients', async () => {
  for (const criterion of Object.keys(criteria)) {
    const record = await make(storeIn(`criterion-${criterion}`), { ...small, experiment: 'imp', basis: 'dct', levels: 1, criterion });
    assert.equal(levelsOf(record)[1]?.kept, 8_020);
  }
  for (const options of [
    { scope: 'global', fractions: {} },
    { rewind: '10it' },
    { retrain: 'learningRate' },
    { retrain: 'fineTune', fineTuneLength: '10it' },
    { optimizer: { name: 'sgd', momentum: 0.9 }, weightDecay: 0.001 },
    { basisAxes: ['outputs'] },
    { granularity: 'unit', exclude: ['output/kernel'], fractions: {} },
  ]) {
    const record = await make(storeIn(`option-${JSON.stringify(options).replaceAll(/\W/g, '')}`), {
      ...{ ...small, experiment: 'imp', basis: 'randomOrthogonal' },
      ...options,
    });
    assert.equal(levelsOf(record).length, 3);
  }
  await assert.rejects(
    make(storeIn('both'), { ...small, experiment: 'imp', basis: 'units', granularity: 'weight', levels: 1 }).then(() =>
      make(storeIn('both'), { ...small, experiment: 'imp', basis: 'units', granularity: 'component' }),
    ),
    /invalid granularity 'component' in the basis 'units', which prunes by 'output'/,
  );
});

test('what cannot be pruned is refused before anything trains', () => {
  const plan =
    (options: object, experiment = 'imp') =>
    () =>
      planRuns({ experiment, options: { model: 'mlp-20', ...options }, replicates: 1 });
  assert.throws(plan({ basis: 'lowRank', granularity: 'unit' }), /invalid granularity 'unit' in the basis 'lowRank'/);
  assert.throws(plan({ granularity: 'channel' }, 'basis'), /invalid granularity 'channel' in the basis 'units'/);
  for (const basis of ['svd', 'units', 'canonical']) assert.throws(plan({ basis, basisAxes: ['pixels'] }), /basisAxes make no difference/);
  assert.throws(plan({ basis: 'dct', exclude: ['dense9/kernel'] }), /unknown excluded parameter of 'mlp-20': 'dense9\/kernel'/);
  assert.throws(plan({ fractions: { 'outptu/kernel': 0.1 } }, 'basis'), /'outptu\/kernel'.*Did you mean 'output\/kernel'/);
  assert.throws(plan({ length: '20it', rewind: '21it' }), /invalid rewinding step 21it/);
  assert.ok(plan({ length: '20it', rewind: '20it', basisAxes: ['pixels'] }, 'basis')().length > 0);
});

test("the arm 'canonical' of the comparison is plain pruning, row by row", async () => {
  const store = storeIn('same');
  for (const [arm, control] of [
    ['canonical', 'ticket'],
    ['canonical-reinitialise', 'reinitialise'],
  ]) {
    const compared = await make(store, { ...small, experiment: 'basis', arm });
    const plain = await make(store, { ...small, experiment: 'imp', arm: control });
    assert.deepEqual(
      compared.rows.filter(({ kind }) => kind !== 'point'),
      plain.rows,
    );
  }
});

test('the comparison keeps the first filters of the level nearest to a density of 0.06', async () => {
  const record = await make(storeIn('filters'), { ...small, experiment: 'basis', arm: 'dct', levels: 4 });
  const filters = record.rows.filter((row): row is Point => row.kind === 'point');
  assert.equal(filters.length, 9);
  for (const { level, values } of filters) {
    assert.equal(level, 4);
    assert.deepEqual([values['height'], values['width']], [28, 28]);
    const bytes = new Int8Array(Buffer.from(String(values['pixels']), 'base64'));
    assert.equal(bytes.length, 784);
    assert.equal(Math.max(...bytes.map(Math.abs)), 127);
  }
});

test('each basis of the comparison is planned before its control', () => {
  const runs = planRuns({ experiment: 'basis', options: small, replicates: 2 });
  assert.equal(runs.length, 2 * (2 * Object.keys(bases).length - 1), 'all but the subspace have a control');
  for (const { spec, parents } of runs) {
    const arm = String(spec['arm']);
    assert.equal(parents.length, arm.endsWith('-reinitialise') ? 1 : 0);
  }
});

test('killed again and again, a run in an adaptive basis ends with the bytes of one that was left alone', {
  timeout: 300_000,
}, async () => {
  const spec = readSpec({ ...small, experiment: 'basis', arm: 'lowRank', length: '150it', levels: 1 });
  const random = stream(9, 'kills');
  const { kills, killed, undisturbed } = await killedRun(spec, {
    ...{ folder, saveEvery: 0.1, most: 6 },
    async wait(child, _, root) {
      await untilStageGrows(child, root);
      await setTimeout(40 * random.uniform());
    },
  });
  assert.ok(kills >= 1, 'no kill before the run was done');
  assert.deepEqual(killed, undisturbed);
});

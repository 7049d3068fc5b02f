/** Experiments on real MNIST at the smallest scale: whole runs, certified, killed and resumed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { stream } from '../../../src/random.js';
import { NotNow } from '../../../src/run/exitCode.js';
import { defaultsOf, experiments, keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import { readCertificate } from '../../../src/run/readRecord.js';
import type { Evaluation, LevelSummary, RunRecord, Spec } from '../../../src/run/record.js';
import { openStore, runFolder, type Store } from '../../../src/run/store.js';
import { killedRun } from './killedRun.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-experiments-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const storeIn = (name: string): Store => openStore({ root: join(folder, name), records: [] });
const small = { trainLimit: 3000, length: '60it', validateEvery: '20it' };
const impSmall = { ...small, experiment: 'imp', levels: 2, fraction: 0.5 };
const juvenileSmall = { ...small, experiment: 'juvenile', iterations: 2, fullModel: 'mlp-128x3' };

function make(store: Store, options: object): Promise<RunRecord> {
  const spec = readSpec(options);
  return getOrRun(store, spec, keyOf(spec), (s, context) => experiments[s.experiment]!.run(s, context, store));
}

const levelsOf = ({ rows }: RunRecord): LevelSummary[] => rows.filter((row): row is LevelSummary => row.kind === 'level');

test('iterative pruning: densities to the weight, certificates, early stop on the validation loss', async () => {
  const store = storeIn('imp');
  const record = await make(store, impSmall);
  // 235,200 and 30,000 weights halve; of the output's 1,000 a tenth goes: 117,600 + 15,000 + 900, then 58,800 + 7,500 + 810.
  assert.deepEqual(
    levelsOf(record).map(({ kept }) => kept),
    [266_200, 133_500, 67_110],
  );
  for (const level of levelsOf(record)) {
    const losses = record.rows.filter((row) => row.kind === 'evaluation' && row.level === level.level && row.split === 'validation');
    const least = Math.min(...losses.map((row) => (row.kind === 'evaluation' ? row.loss : Infinity)));
    const first = losses.find((row) => row.kind === 'evaluation' && row.loss === least);
    assert.equal(level.earlyStop, first?.kind === 'evaluation' && first.step);
    assert.deepEqual(
      losses.map((row) => row.kind === 'evaluation' && row.step),
      [0, 20, 40, 60],
    );
  }
  const certificate = readCertificate(runFolder(store, record.key));
  assert.deepEqual(
    certificate?.map(({ level, kept }) => [level, kept]),
    [
      [0, 266_200],
      [1, 133_500],
      [2, 67_110],
    ],
  );

  const control = await make(store, { ...impSmall, arm: 'reinitialise' });
  assert.deepEqual(
    levelsOf(control).map(({ level, kept }) => [level, kept]),
    [
      [1, 133_500],
      [2, 67_110],
    ],
  );
  assert.deepEqual(
    levelsOf(control).map(({ layers }) => layers),
    levelsOf(record)
      .slice(1)
      .map(({ layers }) => layers),
  );
  const shuffled = await make(store, { ...impSmall, arm: 'shuffle-mask' });
  assert.deepEqual(
    levelsOf(shuffled).map(({ layers }) => layers),
    levelsOf(record)
      .slice(1)
      .map(({ layers }) => layers),
  );
});

test('a control without its parent says which run is missing', async () => {
  await assert.rejects(make(storeIn('orphan'), { ...impSmall, arm: 'reinitialise' }), (error: Error) => {
    assert.ok(error instanceof NotNow);
    return /missing parent run 'imp-/.test(error.message);
  });
});

test('rewinding starts later levels at the rewinding step, bit-equal to the dense network there', async () => {
  const record = await make(storeIn('rewind'), { ...impSmall, rewind: '20it' });
  const starts = [0, 1, 2].map((level) => record.rows.find((row) => row.kind === 'evaluation' && row.level === level));
  assert.deepEqual(
    starts.map((row) => row?.kind === 'evaluation' && row.step),
    [0, 20, 20],
  );
});

for (const retrain of ['learningRate', 'fineTune']) {
  test(`retraining by ${retrain} goes on from the trained weights`, async () => {
    const record = await make(storeIn(retrain), { ...impSmall, retrain, fineTuneLength: '20it' });
    const level = (n: number) => record.rows.filter((row) => row.kind === 'evaluation' && row.level === n && row.split === 'validation');
    const [start] = level(1);
    assert.equal(start?.kind === 'evaluation' && start.step, 0);
    assert.ok(start?.kind === 'evaluation' && start.accuracy > 0.5, 'the network still knows what it learned');
    assert.equal(levelsOf(record)[1]?.steps, retrain === 'fineTune' ? 20 : 60);
  });
}

test('recursive growth: the arms end at equal or known sizes, growth starts where its parent ended', async () => {
  const store = storeIn('juvenile');
  const final: Record<string, number | undefined> = {};
  for (const arm of Object.keys(experiments['juvenile']!.arms)) {
    const record = await make(store, { ...juvenileSmall, arm });
    assert.equal(levelsOf(record).length, 3);
    final[arm] = record.rows.filter((row): row is Evaluation => row.kind === 'evaluation' && row.phase === 'pruned').at(-1)?.kept;
    if (arm !== 'grow-identity') continue;
    for (const level of [1, 2]) {
      const pruned = record.rows.find(
        (row) => row.kind === 'evaluation' && row.phase === 'pruned' && row.level === level - 1 && row.split === 'validation',
      );
      const start = record.rows.find(
        (row) => row.kind === 'evaluation' && row.phase === 'training' && row.level === level && row.split === 'validation',
      );
      assert.ok(pruned?.kind === 'evaluation' && start?.kind === 'evaluation');
      assert.equal(start.accuracy, pruned.accuracy, 'an identity layer changes no answer');
      assert.ok(Math.abs(start.loss - pruned.loss) < 1e-5);
    }
  }
  // 5 % of 100,352, of two times 16,384 and of 1,280 weights: 5,018 + 2 * 819 + 64; without the hidden layers 5,082.
  assert.deepEqual(final, { 'grow-identity': 6720, 'grow-random': 6720, reset: 6720, 'keep-deep': 6720, 'keep-shallow': 5082 });
});

test('a plan that cannot end at the full network is refused before anything trains', async () => {
  await assert.rejects(make(storeIn('plan'), { ...juvenileSmall, iterations: 1 }), /mismatched network after the last growth/);
});

test('criteria that need derivatives prune through the same run', async () => {
  for (const criterion of ['snip', 'synflow', 'taylor']) {
    const record = await make(storeIn(criterion), { ...impSmall, criterion, levels: 1, gradientExamples: 100 });
    assert.equal(levelsOf(record)[1]?.kept, 133_500);
  }
});

test('specs are read as hostile', () => {
  assert.throws(() => readSpec({ experiment: 'impp' }), /unknown experiment: 'impp'. Did you mean 'imp'\?/);
  assert.throws(() => readSpec({ experiment: 'imp', fraction: 2 }), /fraction/);
  assert.throws(() => readSpec({ experiment: 'imp', pruneRate: 0.2 }), /pruneRate/);
  assert.throws(() => readSpec({ experiment: 'imp', length: '12' }), /500it/);
  assert.throws(() => readSpec(null), /unknown experiment/);
  assert.throws(() => readSpec({ experiment: '__proto__' }), /unknown experiment/);
});

test('keys of the committed records stay what they are', () => {
  const keys = [
    readSpec({ experiment: 'imp' }),
    readSpec({ experiment: 'imp', arm: 'reinitialise', replicate: 2 }),
    readSpec({ experiment: 'juvenile', arm: 'reset' }),
  ].map(keyOf);
  assert.deepEqual(keys, ['imp-a0ff2c43c526-r1', 'imp-8cbe90b92bbc-r2', 'juvenile-373587e9b55b-r1']);
  assert.equal(keyOf(defaultsOf('imp') as Spec), 'imp-a0ff2c43c526-r1');
});

test('killed at 20 random moments and resumed, a run ends with the bytes of one that was left alone', { timeout: 300_000 }, async () => {
  const spec = readSpec({ ...juvenileSmall, arm: 'grow-random', length: '240it' });
  const random = stream(9, 'kills');
  const { kills, killed, undisturbed } = await killedRun(spec, {
    ...{ folder, saveEvery: 0.1, most: 20 },
    wait: (_, whole) => setTimeout(random.uniform() * whole * 0.5),
  });
  assert.ok(kills >= 3, `only ${kills} kills before the run was done`);
  assert.deepEqual(Object.keys(killed), Object.keys(undisturbed));
  assert.deepEqual(killed, undisturbed);
});

/** Dynamic sparse training and its rivals as whole runs at the smallest scale, on real MNIST. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { dynamicSparseTable } from '../../../src/analysis/dynamicSparseTable.js';
import { toRows } from '../../../src/analysis/table.js';
import { kept, overlap } from '../../../src/mask.js';
import { allocate } from '../../../src/prune/allocation.js';
import { stream } from '../../../src/random.js';
import { type DynamicSparseSpec, dynamicSparseSettings } from '../../../src/run/experiments/dynamicSparse.js';
import { experiments, keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { planRuns } from '../../../src/run/experiments/planRuns.js';
import { unpack } from '../../../src/run/experiments/trainStage.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import { readCertificate, readStage } from '../../../src/run/readRecord.js';
import { readTimings } from '../../../src/run/readTimings.js';
import type { LevelSummary, Point, RunRecord } from '../../../src/run/record.js';
import { openStore, runFolder, type Store } from '../../../src/run/store.js';
import { killedRun, untilStageGrows } from './killedRun.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-dynamic-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const storeIn = (name: string): Store => openStore({ root: join(folder, name), records: [] });
const small = {
  ...{ experiment: 'dynamicSparse', model: 'mlp-20', trainLimit: 3000, length: '40it', validateEvery: '20it' },
  ...{ multiples: [1, 2], densities: [0.2, 0.05], updateEvery: '5it' },
};
/** Weights of 784-20-10, and what each density keeps of them. */
const counts = { 0.2: 3176, 0.05: 794 };

function make(store: Store, options: object): Promise<RunRecord> {
  const spec = readSpec(options);
  return getOrRun(store, spec, keyOf(spec), (s, context) => experiments[s.experiment]!.run(s, context, store));
}
const levels = ({ rows }: RunRecord): LevelSummary[] => rows.filter((row): row is LevelSummary => row.kind === 'level');
const updates = ({ rows }: RunRecord): Point[] => rows.filter((row): row is Point => row.kind === 'point' && row.name === 'mask update');
const maskOf = (store: Store, record: RunRecord, stage: string) => unpack(readStage(runFolder(store, record.key), stage).arrays).mask;

test('sparse arms start from one mask; RigL and SET move it, keep every layer, and certify it', async () => {
  const store = storeIn('sparse');
  const fixed = await make(store, { ...small, arm: 'static' });
  for (const arm of ['rigl', 'set']) {
    const record = await make(store, { ...small, arm });
    assert.deepEqual(
      levels(record).map((level) => [level.level, level.kept, level.steps]),
      [
        [0, counts[0.2], 40],
        [1, counts[0.05], 40],
        [2, counts[0.2], 80],
        [3, counts[0.05], 80],
      ],
    );
    const shapes = { 'dense1/kernel': [784, 20], 'output/kernel': [20, 10] };
    for (const [density, stage] of [
      [0.2, 'train-0.2-x1'],
      [0.05, 'train-0.05-x2'],
    ] as const) {
      const [moved, start] = [maskOf(store, record, stage), maskOf(store, fixed, stage)];
      const asked = allocate(shapes, counts[density], 'erk');
      for (const name of Object.keys(asked))
        assert.deepEqual([kept({ [name]: moved[name]! }), kept({ [name]: start[name]! })], [asked[name], asked[name]]);
      assert.ok(overlap(moved, start) < 0.8, `${arm} has moved connections`);
    }
    // Three quarters of 40 and 80 iterations, every 5: 5 and 11 updates.
    const told = updates(record).filter(({ level }) => level === 0);
    assert.deepEqual(
      told.map(({ values }) => values['step']),
      [5, 10, 15, 20, 25],
    );
    for (const { values } of updates(record)) assert.equal(values['kept'], counts[values['density'] as 0.2 | 0.05]);
    assert.ok(told.every(({ values }) => Number(values['overlap']) < 1 && Number(values['moved']) > 0));
    const certificate = readCertificate(runFolder(store, record.key));
    assert.deepEqual(
      certificate?.map(({ checks }) => (checks as Record<string, string>)['layers keep their counts']),
      [
        '2 layers through 5 mask updates',
        '2 layers through 5 mask updates',
        '2 layers through 11 mask updates',
        '2 layers through 11 mask updates',
      ],
    );
  }
  assert.deepEqual(updates(fixed), []);
  // The start and the data are the same, so the first measurements are.
  const first = (record: RunRecord) => record.rows.filter((row) => row.kind === 'evaluation' && row.step === 0);
  assert.deepEqual(first(await make(store, { ...small, arm: 'rigl' })), first(fixed));
});

test('iterative pruning takes as many steps in all as the others, and ends at the same counts', async () => {
  const store = storeIn('pruning');
  const records = [
    await make(store, { ...small, arm: 'pruning', pruningFraction: 0.5 }),
    await make(store, { ...small, arm: 'dense' }),
    await make(store, { ...small, arm: 'static' }),
  ];
  const spec = records[0]?.spec as DynamicSparseSpec;
  // Halving: 0.2 after 3 prunings (0.585 stays of each), 0.05 after 5.
  assert.deepEqual(
    dynamicSparseSettings(spec).map(({ first, last, stage }) => [first, last, stage]),
    [
      [0, 3, 'train-0.2-x1'],
      [4, 9, 'train-0.05-x1'],
      [10, 13, 'train-0.2-x2'],
      [14, 19, 'train-0.05-x2'],
    ],
  );
  const pruned = levels(records[0] as RunRecord);
  assert.deepEqual(
    pruned.slice(0, 10).map(({ steps }) => steps),
    [10, 10, 10, 10, 6, 6, 6, 6, 6, 10],
  );
  const rows = toRows(dynamicSparseTable(records, readTimings(store, records)));
  assert.equal(rows.length, 4 + 2 + 4);
  for (const row of rows) {
    assert.equal(row['steps'], 40 * Number(row['multiple']));
    assert.equal(row['kept'], row['arm'] === 'dense' ? 15_880 : counts[row['asked'] as 0.2 | 0.05]);
    assert.equal(row['level'], row['arm'] === 'dense' ? 0 : row['asked'] === 0.2 ? 1 : 2);
    assert.ok(Number(row['processor']) > 0 && Number(row['seconds']) > 0);
  }
  // The levels of a setting are added up, and of no other: 0.2-x1 is a beginning of 0.2-x1-level-00 only.
  const timing = readTimings(store, records).processor[(records[0] as RunRecord).key] as Record<string, number>;
  const all = rows.filter(({ arm }) => arm === 'pruning').reduce((sum, row) => sum + Number(row['processor']), 0);
  assert.ok(Math.abs(all - Object.values(timing).reduce((a, b) => a + b, 0)) < 1e-9);
});

test('gradual pruning starts dense, only shrinks, and ends at the counts of the others, certified', async () => {
  const store = storeIn('gradual');
  const [record, dense, moved] = [
    await make(store, { ...small, arm: 'gradual' }),
    await make(store, { ...small, arm: 'dense', multiples: [1] }),
    await make(store, { ...small, arm: 'static' }),
  ];
  assert.deepEqual(
    levels(record).map((level) => [level.level, level.kept, level.density, level.steps]),
    [
      [0, counts[0.2], 0.2, 40],
      [1, counts[0.05], 0.05, 40],
      [2, counts[0.2], 0.2, 80],
      [3, counts[0.05], 0.05, 80],
    ],
  );
  for (const { stage } of dynamicSparseSettings(record.spec as DynamicSparseSpec)) {
    const [own, other] = [maskOf(store, record, stage), maskOf(store, moved, stage)];
    for (const name of Object.keys(own)) assert.equal(kept({ [name]: own[name]! }), kept({ [name]: other[name]! }), `${stage} ${name}`);
  }
  const pruned = record.rows.filter((row): row is Point => row.kind === 'point' && row.name === 'gradual pruning');
  // Five prunings in the first 30 of 40 iterations: 15,880 (0.2 + 0.8 (1 - k/5)^3) are left, to a weight a layer for rounding.
  const first = pruned.filter(({ level }) => level === 0).map(({ values }) => values);
  assert.deepEqual(
    first.map(({ step }) => step),
    [5, 10, 15, 20, 25],
  );
  first.forEach(({ kept, left }, k) => {
    const share = 0.2 + 0.8 * (1 - (k + 1) / 5) ** 3;
    assert.ok(Math.abs(Number(kept) - 15_880 * share) <= 2, `${kept} at pruning ${k + 1}`);
    assert.equal(left, Number(kept) / 15_880);
  });
  assert.equal(
    first.reduce((sum, { removed }) => sum + Number(removed), 0),
    15_880 - counts[0.2],
  );
  assert.deepEqual(
    readCertificate(runFolder(store, record.key))?.map(({ checks }) => (checks as Record<string, string>)['layers end as asked']),
    [
      '3176 weights in 2 layers after 5 prunings, all of the first mask',
      '794 weights in 2 layers after 5 prunings, all of the first mask',
      '3176 weights in 2 layers after 11 prunings, all of the first mask',
      '794 weights in 2 layers after 11 prunings, all of the first mask',
    ],
  );
  // The start and the data are those of the dense network.
  const start = ({ rows }: RunRecord) => rows.find((row) => row.kind === 'evaluation' && row.step === 0 && row.level === 0);
  assert.deepEqual(start(record), start(dense));
  // Begun after half of the training: iterations 25 and 29 of 40 are the first it could use, every 5 and before 30.
  const late = await make(store, { ...small, arm: 'gradual', multiples: [1], densities: [0.2], pruneFrom: 0.5 });
  assert.deepEqual(
    late.rows.filter((row): row is Point => row.kind === 'point').map(({ values }) => [values['step'], values['kept']]),
    [[25, counts[0.2]]],
  );
});

test('options that make no difference to an arm rename no run', () => {
  const key = (options: object): string => keyOf(readSpec({ experiment: 'dynamicSparse', ...options }));
  assert.equal(key({ arm: 'dense', densities: [0.5], updateEvery: '7it', pruningFraction: 0.1 }), key({ arm: 'dense' }));
  assert.equal(key({ arm: 'static', updateShare: 0.1 }), key({ arm: 'static' }));
  assert.equal(key({ arm: 'rigl', pruningFraction: 0.1 }), key({ arm: 'rigl' }));
  assert.equal(key({ arm: 'rigl', pruneFrom: 0.1 }), key({ arm: 'rigl' }));
  assert.equal(key({ arm: 'gradual', updateShare: 0.1, pruningFraction: 0.1 }), key({ arm: 'gradual' }));
  assert.notEqual(key({ arm: 'gradual', pruneFrom: 0.1 }), key({ arm: 'gradual' }));
  assert.notEqual(key({ arm: 'gradual', updateUntil: 0.5 }), key({ arm: 'gradual' }));
  // The committed records of before gradual pruning was an arm are those of the same specs.
  assert.equal(key({ arm: 'rigl', dataset: 'mnist', engine: 'sparse' }), 'dynamicSparse-56286df37c39-r1');
  assert.notEqual(key({ arm: 'rigl', updateShare: 0.1 }), key({ arm: 'rigl' }));
  assert.notEqual(key({ arm: 'pruning', pruningFraction: 0.1 }), key({ arm: 'pruning' }));
});

test('what cannot be trained is refused before anything trains', () => {
  const plan = (options: object, arms?: readonly string[]) => () =>
    planRuns({ experiment: 'dynamicSparse', options: { model: 'mlp-20', ...options }, replicates: 1, ...(arms && { arms }) });
  assert.throws(plan({ densities: [0.00005] }), /density of 'mlp-20'.*weight in each of its 2 kernels/);
  assert.throws(plan({ length: '2it', densities: [0.01] }), /length.*levels of pruning/);
  for (const options of [
    { densities: [] },
    { densities: [0.1, 0.1] },
    { densities: [0] },
    { multiples: [0] },
    { multiples: [1.5] },
    { length: '0it' },
    { updateEvery: '0it' },
    { updateShare: 1.1 },
    { updateUntil: -0.1 },
    { pruneFrom: 1.1 },
    { pruningFraction: 1 },
    { allocation: 'even' },
  ])
    assert.throws(plan(options), new RegExp(Object.keys(options)[0] as string), JSON.stringify(options));
  // No update at all is the static mask, by another name; but gradual pruning would never get there.
  assert.ok(plan({ updateUntil: 0 }, ['rigl', 'pruning'])().length > 0);
  for (const options of [{ updateUntil: 0 }, { pruneFrom: 0.75 }, { updateEvery: '5000it' }])
    assert.throws(plan(options), /pruneFrom, updateEvery and updateUntil.*at least/, JSON.stringify(options));
});

test('a network with nothing to update is the static mask', async () => {
  const store = storeIn('none');
  const once_ = { ...small, multiples: [1], densities: [0.2] };
  const [moved, fixed] = [await make(store, { ...once_, arm: 'rigl', updateUntil: 0 }), await make(store, { ...once_, arm: 'static' })];
  assert.deepEqual(moved.rows, fixed.rows);
});

for (const [arm, engine] of [
  ['rigl', 'sparse'],
  ['set', 'tensorflow'],
  ['gradual', 'sparse'],
])
  test(`${arm} on the engine ${engine}: killed again and again, a run ends with the bytes of one that was left alone`, {
    timeout: 300_000,
  }, async () => {
    const spec = readSpec({ ...small, arm, engine, length: '400it', multiples: [1] });
    const random = stream(9, 'kills', arm as string);
    const { kills, killed, undisturbed } = await killedRun(spec, {
      ...{ folder, saveEvery: 0.02, most: 4 },
      async wait(child, _, root) {
        await untilStageGrows(child, root);
        await setTimeout(40 * random.uniform());
      },
    });
    assert.ok(kills >= 1, 'no kill before the run was done');
    assert.deepEqual(killed, undisturbed);
  });

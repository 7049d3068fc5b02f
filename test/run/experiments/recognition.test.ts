/** Tickets of detectors at the smallest scale, on scenes of real Fashion-MNIST with a backbone from real CIFAR-10: whole runs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { firstDifference, pick } from '../../../src/array.js';
import { experiments, keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { planRuns } from '../../../src/run/experiments/planRuns.js';
import { unpack } from '../../../src/run/experiments/trainStage.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import { readStage } from '../../../src/run/readRecord.js';
import type { LevelSummary, Point, RunRecord } from '../../../src/run/record.js';
import { openStore, runFolder } from '../../../src/run/store.js';
import { writeSmallCoco, writeSmallVoc } from '../../fixtures/coco/smallFolder.js';
import { applyMask, isSubMask, type Mask } from '../../../src/mask.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-recognition-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const store = openStore({ root: folder, records: [] });
const smoke = experiments['recognition']!.presets['smoke']!.options;

function make(spec: object): Promise<RunRecord> {
  const read = readSpec(spec);
  return getOrRun(store, read, keyOf(read), (s, context) => experiments[s.experiment]!.run(s, context, store));
}

const levels = ({ rows }: RunRecord): LevelSummary[] => rows.filter((row): row is LevelSummary => row.kind === 'level');
const pointsOf = ({ rows }: RunRecord, name: string): Point[] =>
  rows.filter((row): row is Point => row.kind === 'point' && row.name === name);
const stage = ({ key }: RunRecord, name: string) => unpack(readStage(runFolder(store, key), name).arrays);

test('arms that do not read an option share their runs', () => {
  const keyFor = (options: object) => keyOf(readSpec({ experiment: 'recognition', ...options }));
  for (const options of [{ densities: [0.3] }, { scope: 'layerwise' }, { modules: ['neck'] }, { reset: '2ep' }]) {
    assert.equal(keyFor({ arm: 'dense', ...options }), keyFor({ arm: 'dense' }));
    assert.equal(keyFor({ arm: 'transfer', ...options }), keyFor({ arm: 'transfer' }));
    assert.notEqual(keyFor({ arm: 'direct', ...options }), keyFor({ arm: 'direct' }));
  }
  assert.equal(keyFor({ arm: 'pretrain', scenes: 7, parts: [] }), keyFor({ arm: 'pretrain' }));
  assert.notEqual(keyFor({ arm: 'pretrain', width: 7 }), keyFor({ arm: 'pretrain' }));
  // Every preset's dense detector is the default's or its own, and one pretraining serves all of one width.
  const { presets } = experiments['recognition']!;
  const pretrainings = Object.entries(presets)
    .filter(([name]) => name !== 'smoke' && name !== 'large')
    .map(([, { options }]) => planRuns({ experiment: 'recognition', options, replicates: 1 })[0]?.key);
  assert.equal(new Set(pretrainings).size, 1);
});

test('all arms: exact sparsity, what each starts from, COCO numbers, detections to draw', async () => {
  const plan = planRuns({ experiment: 'recognition', options: smoke, replicates: 1 });
  assert.equal(plan.length, 7);
  const records = new Map<string, RunRecord>();
  for (const { spec } of plan) records.set(String(spec['arm']), await make(spec));
  const of = (arm: string) => records.get(arm) as RunRecord;

  const dense = stage(of('dense'), 'level-00');
  const early = dense.snapshots[4] as typeof dense.weights;
  const pretrained = stage(of('pretrain'), 'level-00').weights;
  const ticket = stage(of('pretrain'), 'level-01');
  const backbone = Object.keys(dense.mask).filter((name) => name.startsWith('backbone.'));
  const count = (names: string[], mask: Mask) => names.reduce((sum, name) => sum + (mask[name]?.values.reduce((a, b) => a + b, 0) ?? 0), 0);
  const size = (names: string[]) => names.reduce((sum, name) => sum + (dense.mask[name]?.values.length ?? 0), 0);

  for (const arm of ['direct', 'shuffle-mask', 'reinitialise']) {
    const { mask } = stage(of(arm), 'level-01');
    const all = Object.keys(mask);
    assert.equal(count(all, mask), size(all) - Math.round(0.7 * size(all)), arm);
  }
  for (const arm of ['transfer', 'mask-transfer']) {
    const { mask } = stage(of(arm), 'level-01');
    assert.equal(count(backbone, mask), size(backbone) - Math.round(0.7 * size(backbone)));
    const rest = Object.keys(mask).filter((name) => !backbone.includes(name));
    assert.equal(count(rest, mask), size(rest), `${arm} prunes the backbone only`);
  }
  assert.equal(firstDifference(pick(ticket.mask, backbone), pick(stage(of('transfer'), 'level-01').mask, backbone)), undefined);
  // Direct pruning keeps the largest weights of the trained detector, whole network.
  const direct = stage(of('direct'), 'level-01');
  const keptLeast = Math.min(
    ...Object.entries(direct.mask).flatMap(([name, { values }]) =>
      [...values].flatMap((m, i) => (m ? [Math.abs(dense.weights[name]?.values[i] as number)] : [])),
    ),
  );
  const goneMost = Math.max(
    ...Object.entries(direct.mask).flatMap(([name, { values }]) =>
      [...values].flatMap((m, i) => (m ? [] : [Math.abs(dense.weights[name]?.values[i] as number)])),
    ),
  );
  assert.ok(keptLeast >= goneMost);
  assert.ok(isSubMask(direct.mask, dense.mask));
  // The first measurement of direct pruning is made at the reset step with the early weights.
  const [first] = of('direct').rows.flatMap((row) => (row.kind === 'evaluation' ? [row.step] : []));
  assert.equal(first, 4);
  assert.notEqual(firstDifference(applyMask(early, direct.mask), applyMask(dense.weights, direct.mask)), undefined);
  assert.ok(pretrained['backbone.conv/kernel'] !== undefined);

  for (const arm of ['direct', 'transfer', 'mask-transfer', 'shuffle-mask', 'reinitialise', 'dense']) {
    const found = pointsOf(of(arm), 'detection');
    assert.deepEqual(
      found.map(({ values }) => values['detected']),
      ['box', 'mask', 'keypoints'],
    );
    // Box AP is what the level itself reports at its end.
    assert.equal(found[0]?.values['ap'] ?? 0, levels(of(arm))[0]?.testAtEnd, arm);
    assert.equal(pointsOf(of(arm), 'category').length, 12);
    assert.equal(pointsOf(of(arm), 'tide').length, 6);
  }
  const overlaps = pointsOf(of('dense'), 'overlap');
  assert.equal(overlaps.length, 9);
  for (const { values } of overlaps) assert.ok((values['overlap'] as number) > 0 && (values['overlap'] as number) <= 1);
});

test('another task with the mask of the first: what both have is carried, the rest is dense', async () => {
  const spec = { ...smoke, experiment: 'recognition', arm: 'direct', parts: ['keypoints'], ticketParts: ['masks'], replicate: 1 };
  for (const { spec: each } of planRuns({
    experiment: 'recognition',
    options: { ...smoke, parts: ['keypoints'], ticketParts: ['masks'] },
    arms: ['direct'],
    replicates: 1,
  }))
    await make(each);
  const record = await make(spec);
  const { mask } = stage(record, 'level-01');
  assert.ok(mask['heads.keypoints.conv/kernel']?.values.every((m) => m === 1));
  assert.ok(mask['heads.boxes.conv/kernel']?.values.includes(0));
  assert.equal(mask['heads.prototypes.conv/kernel'], undefined);
  assert.deepEqual(
    pointsOf(record, 'detection').map(({ values }) => values['detected']),
    ['box', 'keypoints'],
  );
});

test('a COCO folder in place of scenes: masks and keypoints of those that have them; what it lacks is named', async () => {
  const coco = join(folder, 'coco');
  await writeSmallCoco(coco, { train: 40, val: 8 });
  const options = { ...smoke, folder: coco, length: '2ep', reset: '1ep', snapshots: ['1ep'], validateEvery: '1ep' };
  const plan = planRuns({ experiment: 'recognition', options, arms: ['dense', 'direct'], replicates: 1 });
  const records = new Map<string, RunRecord>();
  for (const { spec } of plan) records.set(String(spec['arm']), await make(spec));
  const direct = records.get('direct') as RunRecord;
  // 36 images of training are 4 updates of 8 an epoch.
  assert.equal(levels(direct)[0]?.steps, 8);
  assert.deepEqual(
    pointsOf(direct, 'detection').map(({ values }) => values['detected']),
    ['box', 'mask', 'keypoints'],
  );
  const categories = pointsOf(direct, 'category').map(({ values }) => `${values['detected']} ${values['category']}`);
  assert.deepEqual(categories, ['box person', 'box bottle', 'mask person', 'mask bottle', 'keypoints person']);

  const voc = join(folder, 'voc');
  await writeSmallVoc(voc, { train: 8, val: 4 });
  const dense = plan.find(({ spec }) => spec['arm'] === 'dense')?.spec as object;
  await assert.rejects(make({ ...dense, folder: voc, replicate: 1 }), /missing masks in the train part of .*parts=\[\]/);
  await assert.rejects(make({ ...dense, folder: join(folder, 'none'), replicate: 1 }), /missing annotations in '.*none'/);
});

test('a step to go back to that was not kept is named before anything is trained', async () => {
  const spec = { ...smoke, experiment: 'recognition', arm: 'direct', reset: '5it', replicate: 1 };
  await assert.rejects(make(spec), /invalid reset '5it'.*0it, 4it, 8it/);
  const { check } = experiments['recognition']!;
  await assert.rejects(async () => check?.(readSpec(spec)), /invalid reset '5it'/);
  const short = readSpec({ experiment: 'recognition', arm: 'dense', length: '2ep', replicate: 1 });
  await assert.rejects(async () => check?.(short), /invalid snapshot '3ep': expected a step of the training, which has '2ep'/);
  const nowhere = readSpec({ experiment: 'recognition', arm: 'dense', folder: join(folder, 'nowhere'), replicate: 1 });
  await assert.rejects(async () => check?.(nowhere), /missing annotations in/);
  for (const preset of Object.values(experiments['recognition']!.presets))
    for (const { spec: each } of planRuns({ experiment: 'recognition', options: preset.options, replicates: 1 })) await check?.(each);
});

/** Elastic tickets on real MNIST at the smallest scale: whole runs with their parents. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { experiments, keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { planRuns } from '../../../src/run/experiments/planRuns.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import { readCertificate } from '../../../src/run/readRecord.js';
import type { LevelSummary, Point, RunRecord } from '../../../src/run/record.js';
import { openStore, runFolder } from '../../../src/run/store.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-elastic-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const store = openStore({ root: folder, records: [] });
const small = {
  engine: 'sparse',
  ...{ source: 'mlp-30x3-20', model: 'mlp-30x4-20', trainLimit: 2000, length: '40it', validateEvery: '20it', rewind: '10it', levels: 2 },
  ...{ at: [1, 2], fraction: 0.5, gradientExamples: 50, connectivityImages: 200, connectivityPoints: 5 },
};

function make(spec: object): Promise<RunRecord> {
  const read = readSpec(spec);
  return getOrRun(store, read, keyOf(read), (s, context) => experiments[s.experiment]!.run(s, context, store));
}

const levels = ({ rows }: RunRecord): LevelSummary[] => rows.filter((row): row is LevelSummary => row.kind === 'level');
const pointsOf = ({ rows }: RunRecord, name: string): Point[] =>
  rows.filter((row): row is Point => row.kind === 'point' && row.name === name);

test('all arms: equal sparsity, masks of the source, lineage, certificates, the line to iterative pruning', async () => {
  const plan = planRuns({ experiment: 'elastic', options: small, replicates: 1 });
  const records = new Map<string, RunRecord>();
  for (const { spec } of plan) records.set(spec.experiment === 'imp' ? String(spec['model']) : String(spec['arm']), await make(spec));
  assert.deepEqual([...records.keys()].sort(), [...Object.keys(experiments['elastic']!.arms), small.source, small.model].sort());

  const [own, source] = [small.model, small.source].map((name) => levels(records.get(name) as RunRecord).slice(1)) as LevelSummary[][];
  const layersOf = (level: LevelSummary) => level.layers;
  for (const [arm, record] of records) {
    if (arm === small.model || arm === small.source) continue;
    const found = levels(record);
    assert.deepEqual(
      found.map(({ level }) => level),
      [1, 2],
    );
    if (/elastic|permute/.test(arm)) {
      for (const [i, level] of found.entries()) {
        const theirs = layersOf((source as LevelSummary[])[i] as LevelSummary);
        const from = arm === 'elastic-interpolate' ? [1, 2, 2, 3] : [1, 2, 3, 2];
        from.forEach((layer, j) => assert.equal(level.layers[`dense${j + 1}/kernel`], theirs[`dense${layer}/kernel`]));
        assert.equal(level.layers['output/kernel'], 1);
        // The ticket of the source's run is the parent, by the hash that the run recorded.
        assert.equal(level.parent, source?.[i]?.ticket);
        assert.match(level.operator, /^elastic transfer/);
      }
      const transfers = pointsOf(record, 'transfer');
      assert.deepEqual(
        transfers.map(({ values }) => values['mapping']),
        Array(2).fill(arm === 'elastic-interpolate' ? '0:0;1:1,2;2:3|0:0' : '0:0;1:1,3;2:2|0:0'),
      );
      assert.ok(transfers.every(({ values }, i) => Math.abs(1 - Number(values['sparsity']) - (found[i]?.density ?? 0)) < 1e-12));
    } else {
      assert.deepEqual(
        found.map(({ kept }) => kept),
        own?.map(({ kept }) => kept),
        `${arm} at the sparsity of iterative pruning`,
      );
      const same = JSON.stringify(found.map(layersOf)) === JSON.stringify(own?.map(layersOf));
      assert.equal(same, ['imp', 'reinitialise', 'shuffle-mask'].includes(arm), arm);
    }
    const first = record.rows.find((row) => row.kind === 'evaluation');
    assert.equal(first?.kind === 'evaluation' && first.step, arm === 'reinitialise' ? 0 : 10);
    const line = pointsOf(record, 'connectivity').map(({ values }) => values);
    const connected = /^(imp|elastic|permute)/.test(arm);
    assert.deepEqual(
      line.map(({ alpha }) => alpha),
      connected ? [0, 0.25, 0.5, 0.75, 1] : [],
    );
    const certificate = readCertificate(runFolder(store, record.key)) ?? [];
    const mapped = certificate.filter(({ mapping }) => mapping !== undefined);
    assert.equal(mapped.length, /elastic|permute/.test(arm) ? 2 : 0);
    assert.equal(certificate.length - mapped.length, 2);
  }
  // Both lines begin in the same network: the end of iterative pruning.
  const starts = ['imp', 'elastic-append'].map((arm) => pointsOf(records.get(arm) as RunRecord, 'connectivity')[0]?.values['loss']);
  assert.equal(starts[0], starts[1]);
  // A mapping that is written out is the one of the rule.
  const written = await make({ ...small, experiment: 'elastic', mapping: '0:0;1:1,3;2:2' });
  assert.deepEqual(
    levels(written).map(({ ticket, testAtEnd }) => [ticket, testAtEnd]),
    levels(records.get('elastic-append') as RunRecord).map(({ ticket, testAtEnd }) => [ticket, testAtEnd]),
  );
});

test('parents are the runs of `imp` that somebody else would make', () => {
  const plan = planRuns({ experiment: 'elastic', options: small, arms: ['elastic-append'], replicates: 1 });
  const imp = {
    ...{ experiment: 'imp', model: 'mlp-30x3-20', levels: 2, fraction: 0.5, fractions: {}, scope: 'global', exclude: ['output/kernel'] },
    ...{ engine: 'sparse', trainLimit: 2000, length: '40it', validateEvery: '20it', rewind: '10it', batchSize: 64 },
    learningRate: { rate: 0.0012, decay: { name: 'steps', at: ['1500it'] } },
  };
  assert.deepEqual(
    plan.map(({ key }) => key),
    [keyOf(readSpec(imp)), keyOf(readSpec({ ...imp, model: 'mlp-30x4-20' })), keyOf(readSpec({ ...small, experiment: 'elastic' }))],
  );
  // One key, written down: an option that is added must not rename it.
  assert.equal(keyOf(readSpec({ experiment: 'elastic' })), 'elastic-94382ef8f711-r1');
});

test('what cannot be mapped is refused before anything trains', () => {
  const plan =
    (options: object, arms = ['elastic-append']) =>
    () =>
      planRuns({ experiment: 'elastic', options: { ...small, ...options }, arms, replicates: 1 });
  assert.throws(plan({ source: 'lenet-300-100' }), /'dense2\/kernel'|equal shape|cannot stretch/);
  assert.throws(plan({ dataset: 'cifar-10', source: 'resnet-8', model: 'resnet-14' }), /cannot stretch 1 to 2 blocks/);
  assert.throws(plan({ mapping: '0:0;1:1,2' }), /unmapped block 3/);
  assert.throws(plan({ mapping: '0:0;x' }), /invalid part 'x'/);
  assert.throws(plan({ source: 'mlp-30x4-20', model: 'mlp-30x3-20' }, ['permute-copies']), /nothing to permute.*replicates no block/);
  assert.throws(plan({ at: [3] }), /'at' at most 'levels'/);
  assert.throws(plan({ connectivityPoints: 2 }), /at least 3/);
  assert.throws(plan({ exclude: ['outputs/kernel'] }), /unknown excluded parameter of 'mlp-30x3-20'.*Did you mean 'output\/kernel'/);
  assert.throws(plan({ rewind: '50it' }), /invalid rewinding step 50it: training ends before, at 40it/);
});

test('an ablation that changes nothing is refused', () => {
  const plan = (options: object) =>
    planRuns({ experiment: 'elastic', options: { ...small, ...options }, arms: ['elastic-append'], replicates: 1 });
  const smaller = { source: 'mlp-30x4-20', model: 'mlp-30x3-20' };
  assert.throws(() => plan({ dropped: [1] }), /'dropped' has no meaning from 'mlp-30x3-20' to 'mlp-30x4-20': no stage shrinks/);
  assert.throws(() => plan({ ...smaller, replicated: [1] }), /'replicated' has no meaning .*: no stage grows/);
  assert.throws(() => plan({ mapping: '0:0;1:1,3;2:2', replicated: [2] }), /'replicated' has no meaning beside 'mapping'/);
  assert.equal(plan({ replicated: [2] }).length, 3);
  assert.equal(plan({ ...smaller, dropped: [1] }).length, 3);
});

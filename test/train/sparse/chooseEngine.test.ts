import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEngine } from '../../../src/train/sparse/chooseEngine.js';
import { whyNoSparseKernels } from '../../../src/train/sparse/kernels.js';
import { openTrainer, type Trainer } from '../../../src/train/trainer.js';
import { architecture } from '../../../src/model/families/families.js';
import { initialise } from '../../../src/model/initialise.js';
import { prunable } from '../../../src/model/shapes.js';
import { openTensorflow } from '../../../src/model/tensorflow.js';
import { tinyDataset } from '../../fixtures/tinyDataset.js';

const dataset = tinyDataset();
let clock = 0;

/** A trainer whose updates take that long on the test's own clock. */
function timed(engine: Trainer['engine'], milliseconds: number, loaded: string[] = []): Trainer {
  return {
    architecture: { name: 'none', input: [8, 8, 1], layers: [] },
    dataset,
    batchSize: 20,
    engine,
    stepsPerCall: 1,
    load: () => void loaded.push(engine),
    update: (updates) => {
      assert.ok(updates.every(({ indices }) => indices.length === 20 && indices.every((i) => i >= 0 && i < dataset.train.count)));
      clock += milliseconds;
      return new Float32Array(updates.length);
    },
    state: () => ({ weights: {}, slots: {} }),
    evaluate: () => ({ loss: 0, accuracy: 0 }),
    evaluation: () => assert.fail('nothing is measured on the way'),
    close: () => {},
  };
}

const mask = { 'a/kernel': { shape: [2, 5], values: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0) } };
const choose = (...trainers: Trainer[]) => chooseEngine(trainers, mask, {}, { now: () => clock });

test('the faster trainer is taken, and the reason says why', () => {
  const loaded: string[] = [];
  const decision = choose(timed('compiled', 8, loaded), timed('sparse', 2, loaded));
  assert.deepEqual(decision, {
    engine: 'sparse',
    density: 0.1,
    milliseconds: { compiled: 8, sparse: 2 },
    reason: 'sparse at density 0.100: compiled 8.00 ms, sparse 2.00 ms an update',
  });
  assert.deepEqual(loaded, ['compiled', 'sparse']);
});

test('the first one serves unless another is faster by the margin', () => {
  assert.equal(choose(timed('compiled', 10), timed('sparse', 9.8)).engine, 'compiled');
  assert.equal(choose(timed('compiled', 10), timed('sparse', 9)).engine, 'sparse');
  assert.equal(choose(timed('compiled', 10)).engine, 'compiled');
});

test('a single quick update decides nothing', () => {
  // One update in four of the second takes half as long as all others, and a round has room for one only.
  const lucky = timed('sparse', 60);
  let count = 0;
  const sometimes: Trainer = {
    ...lucky,
    update(updates) {
      if (count++ % 4 === 1) clock -= 30;
      return lucky.update(updates);
    },
  };
  const { engine, milliseconds } = choose(timed('compiled', 50), sometimes);
  assert.equal(engine, 'compiled');
  assert.equal(milliseconds['sparse'], 52.5);
});

test('no trainer is an error', () => assert.throws(() => choose(), /missing trainers/));

const native = (await openTensorflow()) === 'tensorflow';
test('a wide network at 1 % trains on the sparse kernels', {
  skip: whyNoSparseKernels() ?? (native ? false : 'no native backend'),
}, async () => {
  const network = architecture('mlp-800-800', [8, 8, 1], 4);
  const options = { architecture: network, dataset, batchSize: 20, optimizer: { name: 'adam' } } as const;
  const trainers = [await openTrainer({ ...options, engine: 'compiled' }), await openTrainer({ ...options, engine: 'sparse' })];
  const thin = Object.fromEntries(
    prunable(network).map((p) => {
      const values = new Uint8Array(p.shape.reduce((a, b) => a * b, 1)).map((_, i) => (i % 101 === 0 ? 1 : 0));
      return [p.name, { shape: p.shape, values }];
    }),
  );
  assert.equal(chooseEngine(trainers, thin, initialise(network, 1, 'heNormal')).engine, 'sparse');
  for (const trainer of trainers) trainer.close();
});

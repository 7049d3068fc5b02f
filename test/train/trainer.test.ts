/** What a trainer promises about masks, state, evaluation and memory, on each engine. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Arrays, firstDifference, get, mapArrays, mapEach, ndArray, pick } from '../../src/array.js';
import { batches } from '../../src/dataset/batches.js';
import { denseMask, kept, type Mask } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { forward } from '../../src/model/forward.js';
import { initialise } from '../../src/model/initialise.js';
import { prunable } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { normalise } from '../../src/dataset/dataset.js';
import { stream } from '../../src/random.js';
import { derivatives } from '../../src/train/derivatives.js';
import type { OptimizerOptions } from '../../src/train/optimizers.js';
import { openTrainer, type Trainer, type TrainerOptions } from '../../src/train/trainer.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

const backend = await openTensorflow();
const engines = backend === 'tensorflow' ? (['eager', 'compiled'] as const) : (['eager'] as const);
const dataset = tinyDataset();
const mlp = smallArchitectures['mlp'] as Architecture;
const norm = smallArchitectures['BatchNorm and average pooling'] as Architecture;
const order = batches({ count: dataset.train.count, batchSize: 20, seed: 5 });

function maskOf(architecture: Architecture, share: number, purpose = 'mask'): Mask {
  const random = stream(3, purpose);
  const dense = denseMask(
    pick(
      initialise(architecture, 1),
      prunable(architecture).map((p) => p.name),
    ),
  );
  return mapEach(dense, ({ shape, values }) => ({ shape, values: values.map(() => Number(random.uniform() < share)) }));
}

const update = (step: number, learningRate = 0.05) => ({ indices: order.indices(step).slice(), learningRate, step, seed: 11 });
const open = (options: Partial<TrainerOptions> = {}): Promise<Trainer> =>
  openTrainer({ architecture: mlp, dataset, optimizer: { name: 'sgd', momentum: 0.9 }, batchSize: 20, ...options });

/** Throws unless pruned places are exactly 0 in the weights and in every slot. */
function assertPruned(trainer: Trainer, mask: Mask): void {
  const { weights, slots } = trainer.state();
  for (const [name, { values }] of Object.entries(mask)) {
    const arrays = [
      get(weights, name),
      ...Object.keys(slots)
        .filter((slot) => slot.endsWith(`/${name}`))
        .map((slot) => get(slots, slot)),
    ];
    for (const array of arrays)
      values.forEach((keep, i) => assert.ok(keep === 1 || Object.is(array.values[i], 0), `${name} at ${i}: ${array.values[i]}`));
  }
}

const optimizers: Record<string, OptimizerOptions> = {
  sgd: { name: 'sgd' },
  momentum: { name: 'sgd', momentum: 0.9 },
  nesterov: { name: 'sgd', momentum: 0.9, nesterov: true },
  adam: { name: 'adam' },
};
test('an unknown engine and a batch of nothing are refused', async () => {
  await assert.rejects(open({ engine: 'sprase' as 'sparse' }), /unknown engine: 'sprase'. Did you mean 'sparse'/);
  for (const batchSize of [0, 1.5, -1])
    await assert.rejects(open({ batchSize }), /invalid batch size: expected a whole number of at least 1/);
});

for (const engine of engines) {
  describe(`masks, ${engine}`, () => {
    for (const [name, optimizer] of Object.entries(optimizers)) {
      test(`${name} with weight decay and BatchNorm: pruned weights and their slots are exactly 0 after every update, kept ones move`, async () => {
        const trainer = await open({ architecture: norm, optimizer, weightDecay: 0.01, engine });
        const [mask, weights] = [maskOf(norm, 0.5), initialise(norm, 1, 'heNormal')];
        trainer.load(mask, weights);
        assertPruned(trainer, mask);
        for (let step = 0; step < 8; step++) {
          trainer.update([update(step, name === 'adam' ? 0.005 : 0.05)]);
          assertPruned(trainer, mask);
        }
        const moved = trainer.state().weights;
        for (const [parameter, { values }] of Object.entries(mask)) {
          const still = values.filter(
            (keep, i) => keep === 1 && get(moved, parameter).values[i] === get(weights, parameter).values[i],
          ).length;
          assert.ok(still < 0.05 * kept({ [parameter]: { shape: [], values } }), `${still} kept weights of ${parameter} did not move`);
        }
        for (const other of ['norm1/gamma', 'norm1/beta', 'norm1/mean', 'norm1/variance', 'norm2/mean', 'output/bias']) {
          assert.notDeepEqual(get(moved, other), get(weights, other), other);
        }
        trainer.close();
      });
    }

    for (const [name, optimizer] of Object.entries(optimizers)) {
      test(`${name}: weights and slots that are loaded for pruned places count as 0 and stay there`, async () => {
        const trainer = await open({ optimizer, engine });
        const [mask, weights] = [maskOf(mlp, 0.5), initialise(mlp, 1, 'heNormal')];
        trainer.load(mask, weights);
        const full = mapEach(trainer.state().slots, ({ shape, values }) => ({ shape, values: values.map((_, i) => 0.1 + (i % 7)) }));
        trainer.load(mask, weights, full);
        for (let step = 0; step < 3; step++) {
          trainer.update([update(step)]);
          assertPruned(trainer, mask);
        }
        trainer.close();
      });
    }
    test('images outside the training part are refused: they are those to be tested on', async () => {
      const trainer = await open({ engine });
      trainer.load(maskOf(mlp, 0.5), initialise(mlp, 1, 'heNormal'));
      const { count } = trainer.dataset.train;
      for (const wrong of [count, -1]) {
        const indices = update(0).indices.slice();
        indices[3] = wrong;
        const message = new RegExp(
          `image number 3 of a batch, outside the data set.s training part: expected 0 to ${count - 1}, found ${wrong}`,
        );
        assert.throws(() => trainer.update([{ ...update(0), indices }]), message);
      }
      trainer.close();
    });
    test('a new level overwrites weights, mask and slots of the one before', async () => {
      const trainer = await open({ engine });
      const weights = initialise(mlp, 1, 'heNormal');
      const run = (share: number): Arrays => {
        trainer.load(maskOf(mlp, share), weights);
        trainer.update([0, 1, 2, 3].map((step) => update(step)));
        return trainer.state().weights;
      };
      const first = run(0.5);
      run(1);
      assert.equal(firstDifference(run(0.5), first), undefined);
      trainer.close();
    });

    test('state and load: going on from a state gives the bits of going on without a break', async () => {
      const trainer = await open({ engine, architecture: norm, optimizer: { name: 'adam' } });
      const mask = maskOf(norm, 0.7);
      trainer.load(mask, initialise(norm, 1, 'heNormal'));
      trainer.update([0, 1, 2].map((step) => update(step, 0.01)));
      const middle = trainer.state();
      trainer.update([3, 4, 5].map((step) => update(step, 0.01)));
      const whole = trainer.state();
      trainer.load(mask, middle.weights, middle.slots);
      trainer.update([3, 4, 5].map((step) => update(step, 0.01)));
      const resumed = trainer.state();
      trainer.close();
      assert.equal(firstDifference(resumed.weights, whole.weights), undefined);
      assert.equal(firstDifference(resumed.slots, whole.slots), undefined);
    });

    test('the first update is w - rate (g + decay w), with the gradient that criteria see', async () => {
      // All 240 images in one batch would be two for the derivatives, so the part is cut to 120.
      const small = tinyDataset({ train: 120 });
      const trainer = await openTrainer({
        architecture: mlp,
        dataset: small,
        optimizer: { name: 'sgd' },
        weightDecay: 0.1,
        batchSize: 120,
        engine,
      });
      const [mask, weights] = [maskOf(mlp, 0.6), initialise(mlp, 1, 'heNormal')];
      trainer.load(mask, weights);
      const start = trainer.state().weights;
      const found = await derivatives({ architecture: mlp, weights, mask, dataset: small, examples: 120, random: stream(0, 'all') });
      const gradient = await found.gradient();
      trainer.update([{ indices: Int32Array.from({ length: 120 }, (_, i) => i), learningRate: 0.5, step: 0, seed: 0 }]);
      const moved = trainer.state().weights;
      for (const [name, { values }] of Object.entries(mask)) {
        values.forEach((keep, i) => {
          const w = get(start, name).values[i] as number;
          const expected = keep === 0 ? 0 : w - 0.5 * ((get(gradient, name).values[i] as number) + 0.1 * w);
          assert.ok(Math.abs((get(moved, name).values[i] as number) - expected) < 1e-6, `${name} at ${i}`);
        });
      }
      trainer.close();
    });

    test('evaluation: mean loss and accuracy over a split and over a part of it, in batches of a thousand, against plain operations', async () => {
      const large = tinyDataset({ train: 20, validation: 1303, test: 7 });
      const trainer = await openTrainer({ architecture: norm, dataset: large, optimizer: { name: 'sgd' }, batchSize: 20, engine });
      const weights = mapArrays(initialise(norm, 1, 'heNormal'), (w, i, name) => (name.endsWith('mean') ? 0.1 * i : w));
      trainer.load(maskOf(norm, 1), weights);
      for (const [split, limit] of [
        ['validation', undefined],
        ['validation', 1001],
        ['validation', 9999],
        ['test', 3],
      ] as const) {
        const part = large[split];
        const count = Math.min(limit ?? part.count, part.count);
        const [loss, accuracy] = tf.tidy(() => {
          const tensors = Object.fromEntries(
            Object.entries(weights).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
          );
          const logits = forward(norm, tensors, tf.tensor4d(normalise(large, part, 0, count), [count, 8, 8, 1]));
          const labels = tf.tensor1d([...part.labels.subarray(0, count)], 'int32');
          const right = tf.mean(tf.cast(tf.equal(tf.cast(tf.argMax(logits, 1), 'int32'), labels), 'float32'));
          return [tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 4), logits).dataSync()[0] as number, right.dataSync()[0] as number];
        }) as [number, number];
        const found = trainer.evaluate(split, limit);
        assert.ok(Math.abs(found.loss - loss) < 1e-5 * loss, `${found.loss}, expected ${loss}`);
        assert.ok(Math.abs(found.accuracy - accuracy) < 1e-6, `${found.accuracy}, expected ${accuracy}`);
      }
      trainer.close();
    });

    test('no tensor is left over: not by updates, levels or evaluations, and none after closing', async () => {
      const before = tf.memory().numTensors;
      const trainer = await open({
        architecture: smallArchitectures['a block and dropout'] as Architecture,
        augmentation: 'cropFlip',
        engine,
      });
      const counts = [];
      for (const level of [0, 1, 2]) {
        trainer.load(maskOf(trainer.architecture, 0.8 ** level), initialise(trainer.architecture, level));
        trainer.update([update(0), update(1)]);
        trainer.evaluate('test');
        trainer.state();
        counts.push(tf.memory().numTensors);
      }
      assert.deepEqual(counts, [counts[0], counts[0], counts[0]]);
      trainer.close();
      assert.equal(tf.memory().numTensors, before);
    });

    test('augmentation and dropout: a function of seed and step', async () => {
      const architecture = smallArchitectures['a block and dropout'] as Architecture;
      const trainer = await open({ architecture, augmentation: 'cropFlip', engine });
      const lossAt = (seed: number, step: number): number => {
        trainer.load(maskOf(architecture, 1), initialise(architecture, 1));
        return trainer.update([{ ...update(0), seed, step }])[0] as number;
      };
      assert.equal(lossAt(1, 4), lossAt(1, 4));
      assert.notEqual(lossAt(1, 4), lossAt(2, 4));
      assert.notEqual(lossAt(1, 4), lossAt(1, 5));
      trainer.close();
    });
  });
}

describe('refused', () => {
  const trainer = open();
  after(async () => (await trainer).close());
  const weights = initialise(mlp, 1);
  const refuse = (what: string, work: (trainer: Trainer) => unknown, message: RegExp): void => {
    test(what, async () => {
      const opened = await trainer;
      assert.throws(() => work(opened), { name: 'UserError', message });
    });
  };
  refuse(
    'weights of another architecture',
    (t) => t.load(maskOf(mlp, 1), initialise(norm, 1)),
    /weights of 'mlp-12-8' 'dense1\/kernel': expected shape \[64,12\], found \[16,6\]/,
  );
  refuse(
    'weights of another width',
    (t) => t.load(maskOf(mlp, 1), { ...weights, 'dense1/kernel': ndArray([64, 13]) }),
    /weights of 'mlp-12-8' 'dense1\/kernel'.*\[64,12\].*\[64,13\]/,
  );
  refuse(
    'a mask of another architecture',
    (t) => t.load(maskOf(norm, 1), weights),
    /'dense1\/kernel' in mask of 'mlp-12-8'|mask of 'mlp-12-8'/,
  );
  refuse(
    'a mask on a bias',
    (t) => t.load({ ...maskOf(mlp, 1), 'dense1/bias': { shape: [12], values: new Uint8Array(12) } }, weights),
    /mask of 'mlp-12-8'.*also 'dense1\/bias'/,
  );
  refuse(
    'slots of another optimizer',
    (t) => t.load(maskOf(mlp, 1), weights, { 'm/dense1/kernel': ndArray([64, 12]) }),
    /the optimizer's arrays/,
  );
  refuse(
    'no slots where the optimizer has some',
    (t) => t.load(maskOf(mlp, 1), weights, {}),
    /missing 'velocity\/dense1\/kernel' in the optimizer's arrays/,
  );
  refuse(
    'a batch that is not full',
    (t) => t.update([{ ...update(0), indices: Int32Array.of(1, 2) }]),
    /mismatched batch: expected 20 images, found 2/,
  );

  const refuseOpening = (what: string, options: Partial<TrainerOptions>, message: RegExp): void => {
    test(what, () => assert.rejects(open(options), { name: 'UserError', message }));
  };
  refuseOpening(
    'images of another shape',
    { dataset: tinyDataset({ shape: [8, 8, 3] }) },
    /input of 'mlp-12-8': expected \[8,8,3\] of 'tiny', found \[8,8,1\]/,
  );
  refuseOpening(
    'another number of classes',
    { dataset: tinyDataset({ classes: 2 }) },
    /output of 'mlp-12-8': expected \[2\] classes of 'tiny', found \[4\]/,
  );
  refuseOpening('an unknown augmentation', { augmentation: 'flip' as never }, /unknown augmentation: 'flip'/);
  refuseOpening('an unknown loss', { loss: 'hinge' as never }, /unknown loss: 'hinge'/);
  refuseOpening('an unknown optimizer', { optimizer: { name: 'rmsprop' as never } }, /unknown optimizer: 'rmsprop'/);
  test('an empty part', async () => {
    const opened = await open({ dataset: tinyDataset({ test: 0 }) });
    assert.throws(() => opened.evaluate('test'), /the test part of 'tiny' is empty/);
    opened.close();
  });
});

/** The sparse engine against the compiled masked step: two independent ways to the same numbers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Arrays, get, pick } from '../../../src/array.js';
import { batches } from '../../../src/dataset/batches.js';
import { denseMask, type Mask } from '../../../src/mask.js';
import type { Architecture } from '../../../src/model/architecture.js';
import { architecture } from '../../../src/model/families/families.js';
import { initialise } from '../../../src/model/initialise.js';
import { prunable } from '../../../src/model/shapes.js';
import { openTensorflow } from '../../../src/model/tensorflow.js';
import { stream } from '../../../src/random.js';
import { type LossName, losses } from '../../../src/train/losses.js';
import type { OptimizerOptions } from '../../../src/train/optimizers.js';
import { whyNoSparseKernels } from '../../../src/train/sparse/kernels.js';
import { openTrainer, type TrainerOptions } from '../../../src/train/trainer.js';
import { smallArchitectures } from '../../fixtures/smallArchitectures.js';
import { tinyDataset } from '../../fixtures/tinyDataset.js';
import { normalisedArchitectures, photos, smoothed, sparseArchitectures } from './sparseArchitectures.js';

const native = (await openTensorflow()) === 'tensorflow';
const why = whyNoSparseKernels() ?? (native ? undefined : 'the compiled engine needs the native backend');
const skip = why ?? false;
const dataset = tinyDataset();

type Options = Omit<TrainerOptions, 'dataset' | 'batchSize' | 'engine'> & {
  density?: number;
  batchSize?: number;
  dataset?: TrainerOptions['dataset'];
};

function randomMask(weights: Arrays, network: Architecture, density: number): Mask {
  const random = stream(3, 'mask');
  const dense = denseMask(
    pick(
      weights,
      prunable(network).map((p) => p.name),
    ),
  );
  return Object.fromEntries(
    Object.entries(dense).map(([name, { shape, values }]) => [
      name,
      { shape, values: values.map(() => (random.uniform() < density ? 1 : 0)) },
    ]),
  );
}

async function trained(options: Options & { engine: 'compiled' | 'sparse' }, steps: number) {
  const { density = 0.5, batchSize = 20, ...rest } = options;
  const trainer = await openTrainer({ dataset, ...rest, batchSize });
  assert.equal(trainer.engine, options.engine);
  const weights = initialise(options.architecture, 1, 'heNormal');
  const mask = randomMask(weights, options.architecture, density);
  trainer.load(mask, weights);
  const order = batches({ count: trainer.dataset.train.count, batchSize, seed: 5 });
  // Small: at 0.02 with momentum the smallest difference grows a thousandfold in 50 steps, between eager and compiled as well.
  const learningRate = options.optimizer.name === 'adam' ? 0.002 : 0.005;
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    found.push(...trainer.update([{ indices: order.indices(step).slice(), learningRate, step, seed: 11 }]));
  }
  const result = {
    losses: found,
    state: trainer.state(),
    validation: trainer.evaluate('validation'),
    train: trainer.evaluate('train', 50),
    mask,
  };
  trainer.close();
  return result;
}

/** Largest difference relative to the largest value of the array. */
function difference(a: Arrays, b: Arrays): number {
  assert.deepEqual(Object.keys(a), Object.keys(b));
  return Math.max(
    0,
    ...Object.keys(a).map((name) => {
      const [x, y] = [get(a, name).values, get(b, name).values];
      const scale = Math.max(1e-3, ...x.map(Math.abs));
      return Math.max(...x.map((v, i) => Math.abs(v - (y[i] as number)))) / scale;
    }),
  );
}

/** 50 updates of each engine by itself: losses, weights, slots, evaluations. */
async function compare(options: Options, tolerance = 1e-4, steps = 50): Promise<void> {
  const compiled = await trained({ ...options, engine: 'compiled' }, steps);
  const sparse = await trained({ ...options, engine: 'sparse' }, steps);
  sparse.losses.forEach((loss, i) => {
    const expected = compiled.losses[i] as number;
    assert.ok(Math.abs(loss - expected) <= tolerance * Math.max(0.1, expected), `loss ${i}: sparse ${loss}, compiled ${expected}`);
  });
  const weights = difference(compiled.state.weights, sparse.state.weights);
  assert.ok(weights <= tolerance, `weights differ by ${weights}`);
  const slots = difference(compiled.state.slots, sparse.state.slots);
  // A slot holds gradients, which are differences of larger numbers.
  assert.ok(slots <= 10 * tolerance, `slots differ by ${slots}`);
  for (const part of ['validation', 'train'] as const) {
    assert.ok(Math.abs(sparse[part].loss - compiled[part].loss) <= tolerance * Math.max(0.1, compiled[part].loss), `${part} loss`);
    assert.ok(Math.abs(sparse[part].accuracy - compiled[part].accuracy) < 0.021, `${part} accuracy`);
  }
  for (const [name, { values }] of Object.entries(sparse.mask)) {
    const w = get(sparse.state.weights, name).values;
    assert.ok(
      values.every((kept, i) => kept === 1 || Object.is(w[i], 0)),
      `pruned weights of ${name} are 0`,
    );
  }
}

/**
 * 50 updates of each engine from the compiled engine's state, so that one pixel on the other side of a kink spoils one update and not
 * all that follow.
 * @param allowed how many such updates there may be
 */
async function compareUpdates(options: Options, allowed = 1): Promise<void> {
  const { density = 0.5, batchSize = 20, ...rest } = options;
  const [compiled, sparse] = await Promise.all(
    (['compiled', 'sparse'] as const).map((engine) => openTrainer({ dataset, ...rest, batchSize, engine })),
  );
  if (compiled === undefined || sparse === undefined) throw new Error('two trainers');
  assert.equal(sparse.engine, 'sparse');
  const weights = initialise(options.architecture, 1, 'heNormal');
  const mask = randomMask(weights, options.architecture, density);
  compiled.load(mask, weights);
  const order = batches({ count: compiled.dataset.train.count, batchSize, seed: 5 });
  const unequal: string[] = [];
  for (let step = 0; step < 50; step++) {
    const before = compiled.state();
    sparse.load(mask, before.weights, before.slots);
    const update = { indices: order.indices(step).slice(), learningRate: 0.02, step, seed: 11 };
    const [[expected = 0], [found = 0]] = [compiled.update([update]), sparse.update([update])];
    assert.ok(Math.abs(found - expected) <= 1e-5 * Math.max(0.1, expected), `loss ${step}: sparse ${found}, compiled ${expected}`);
    const [a, b] = [compiled.state(), sparse.state()];
    const differences = [difference(a.weights, b.weights), difference(a.slots, b.slots)];
    if (!differences.every((d) => d <= 1e-4)) unequal.push(`step ${step}: weights differ by ${differences[0]}, slots by ${differences[1]}`);
  }
  assert.ok(unequal.length <= allowed, unequal.join('; '));
  compiled.close();
  sparse.close();
}

describe('sparse equals compiled over 50 steps', { skip }, () => {
  const momentum = { name: 'sgd', momentum: 0.9 } as const;
  for (const [name, network] of Object.entries({ ...smallArchitectures, ...sparseArchitectures })) {
    test(`architecture, update by update: ${name}`, () =>
      compareUpdates({ architecture: network, optimizer: momentum, weightDecay: 1e-3 }));
    test(`architecture without kinks: ${name}`, () => compare({ architecture: smoothed(network), optimizer: momentum, weightDecay: 1e-3 }));
  }
  // 60 images are four blocks or more, the last one not full.
  const blocks = (network: Architecture): Options => ({
    ...{ architecture: network, batchSize: 60, optimizer: momentum, weightDecay: 1e-3 },
    dataset: photos(network),
  });
  for (const [name, network] of Object.entries(normalisedArchitectures)) {
    for (const density of [0.5, 1]) {
      test(`block by block at density ${density}: ${name}`, () => compare({ ...blocks(smoothed(network)), density }));
    }
  }
  // 30 times as many pixels as in the other networks: the sparser, the more often one of them is on the other side of a kink.
  for (const [density, allowed] of [
    [0.1, 20],
    [0.5, 8],
  ] as const) {
    test(`block by block at density ${density} with ReLU, update by update`, () =>
      compareUpdates({ ...blocks(normalisedArchitectures['blocks with every kind of shortcut'] as Architecture), density }, allowed));
  }
  const mlp = smoothed(smallArchitectures['mlp'] as Architecture);
  const convolutions = smoothed(smallArchitectures['convolution and max pooling'] as Architecture);
  const block = smoothed(smallArchitectures['residual blocks'] as Architecture);
  const optimizers: Record<string, OptimizerOptions> = {
    sgd: { name: 'sgd' },
    momentum,
    nesterov: { name: 'sgd', momentum: 0.9, nesterov: true },
    adam: { name: 'adam' },
  };
  for (const [name, optimizer] of Object.entries(optimizers)) {
    test(`optimizer: ${name}`, () => compare({ architecture: mlp, optimizer, weightDecay: 1e-3 }));
    test(`optimizer on convolutions: ${name}`, () => compare({ architecture: convolutions, optimizer }));
  }
  for (const loss of Object.keys(losses) as LossName[])
    test(`loss: ${loss}`, () => compare({ architecture: mlp, optimizer: { name: 'adam' }, loss }));
  test('augmentation: the same noise, the same windows', () =>
    compare({ architecture: block, optimizer: momentum, augmentation: 'cropFlip' }));
  for (const density of [0, 0.05, 1]) {
    for (const network of [mlp, block]) {
      test(`density ${density} of ${network.name}`, () =>
        compare({ architecture: network, optimizer: momentum, density, weightDecay: 1e-3 }));
    }
  }
  for (const batchSize of [1, 7, 16, 33]) {
    test(`batch of ${batchSize}`, () => compare({ architecture: mlp, optimizer: momentum, batchSize }));
    test(`batch of ${batchSize} through convolutions`, () => compare({ architecture: convolutions, optimizer: momentum, batchSize }));
  }
  // Above a density of 0.65 a dense layer is computed as a blocked matrix product that never writes its gradient.
  const wide = smoothed(sparseArchitectures['features wider than a panel'] as Architecture);
  for (const [name, optimizer] of Object.entries(optimizers)) {
    test(`dense products: ${name}`, () => compare({ architecture: wide, optimizer, weightDecay: 1e-3, density: 0.9 }));
  }
  for (const batchSize of [1, 7, 33, 70]) {
    test(`dense products, batch of ${batchSize}`, () =>
      compare({ architecture: wide, optimizer: { name: 'adam' }, batchSize, density: 1 }));
  }
  test('evaluation: normalised in the convolutions, few images at once where they are large, and for every batch size the same bits', async () => {
    // A block of these activations is larger than what an evaluation takes at once.
    const photos = tinyDataset({ shape: [32, 32, 3], train: 100, test: 130 });
    const network = architecture('resnet-8', photos.shape, 4);
    const weights = initialise(network, 1, 'heNormal');
    const mask = randomMask(weights, network, 0.3);
    const common = { architecture: network, dataset: photos, optimizer: momentum };
    const compiled = await openTrainer({ ...common, batchSize: 50, engine: 'compiled' });
    compiled.load(mask, weights);
    // Running statistics that are not those of the start.
    for (let step = 0; step < 3; step++)
      compiled.update([{ indices: Int32Array.from({ length: 50 }, (_, i) => i + step), learningRate: 0.01, step, seed: 1 }]);
    const trained = compiled.state().weights;
    const expected = [1, 33, 130].map((limit) => compiled.evaluate('test', limit));
    compiled.close();
    const found = [];
    for (const batchSize of [5, 100]) {
      const sparse = await openTrainer({ ...common, batchSize, engine: 'sparse' });
      sparse.load(mask, trained);
      found.push([1, 33, 130].map((limit) => sparse.evaluate('test', limit)));
      // An evaluation leaves nothing behind that an update would see.
      const update = { indices: Int32Array.from({ length: batchSize }, (_, i) => i), learningRate: 0.01, step: 3, seed: 1 };
      const [[after = 0]] = [sparse.update([update])];
      sparse.load(mask, trained);
      assert.equal(sparse.update([update])[0], after);
      sparse.close();
    }
    assert.deepEqual(found[0], found[1]);
    for (const [i, { loss, accuracy }] of (found[0] ?? []).entries()) {
      assert.ok(Math.abs(loss - (expected[i]?.loss ?? 0)) <= 1e-4 * loss, `loss: sparse ${loss}, compiled ${expected[i]?.loss}`);
      assert.equal(accuracy, expected[i]?.accuracy);
    }
  });
  test('images of three channels that are not square', () => {
    const oblong = tinyDataset({ shape: [12, 14, 3] });
    return compare({ architecture: smoothed(architecture('lenet-5', oblong.shape, 4)), optimizer: momentum, dataset: oblong });
  });
});

/** Compiled programs against the same programs run operation by operation. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Arrays, get, pick } from '../../src/array.js';
import { batches } from '../../src/dataset/batches.js';
import { denseMask, type Mask } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { initialise } from '../../src/model/initialise.js';
import { prunable } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { type AugmentationName, augmentations } from '../../src/train/augment.js';
import { type LossName, losses } from '../../src/train/losses.js';
import type { OptimizerOptions } from '../../src/train/optimizers.js';
import { openSession, type SessionSpec } from '../../src/train/session.js';
import { openTrainer, type TrainerOptions } from '../../src/train/trainer.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

const backend = await openTensorflow();
const native = backend === 'tensorflow';
const dataset = tinyDataset();
const optimizerList: Record<string, OptimizerOptions> = {
  sgd: { name: 'sgd' },
  momentum: { name: 'sgd', momentum: 0.9 },
  nesterov: { name: 'sgd', momentum: 0.9, nesterov: true },
  adam: { name: 'adam' },
};

/** Three quarters of the weights, drawn by seed. */
function randomMask(weights: Arrays, architecture: Architecture): Mask {
  const random = stream(3, 'mask');
  const dense = denseMask(
    pick(
      weights,
      prunable(architecture).map((p) => p.name),
    ),
  );
  return Object.fromEntries(
    Object.entries(dense).map(([name, { shape, values }]) => [
      name,
      { shape, values: values.map(() => (random.uniform() < 0.75 ? 1 : 0)) },
    ]),
  );
}

async function trained(options: Omit<TrainerOptions, 'dataset' | 'batchSize'>, steps: number) {
  const trainer = await openTrainer({ ...options, dataset, batchSize: 20 });
  const weights = initialise(options.architecture, 1, 'heNormal');
  trainer.load(randomMask(weights, options.architecture), weights);
  const order = batches({ count: dataset.train.count, batchSize: 20, seed: 5 });
  const learningRate = options.optimizer.name === 'adam' ? 0.002 : 0.02;
  const found: number[] = [];
  for (let step = 0; step < steps; step += 5) {
    const updates = [0, 1, 2, 3, 4].map((k) => ({ indices: order.indices(step + k).slice(), learningRate, step: step + k, seed: 11 }));
    found.push(...trainer.update(updates));
  }
  const result = { losses: found, state: trainer.state(), validation: trainer.evaluate('validation'), engine: trainer.engine };
  trainer.close();
  return result;
}

/** Largest difference relative to the largest value. */
function difference(a: Arrays, b: Arrays): number {
  return Math.max(
    ...Object.keys(a).map((name) => {
      const [x, y] = [get(a, name).values, get(b, name).values];
      const scale = Math.max(1e-3, ...x.map(Math.abs));
      return Math.max(...x.map((v, i) => Math.abs(v - (y[i] as number)))) / scale;
    }),
  );
}

async function compare(options: Omit<TrainerOptions, 'dataset' | 'batchSize' | 'engine'>): Promise<void> {
  const eager = await trained({ ...options, engine: 'eager' }, 50);
  const compiled = await trained({ ...options, engine: 'compiled' }, 50);
  assert.equal(compiled.engine, 'compiled');
  compiled.losses.forEach((loss, i) => {
    const expected = eager.losses[i] as number;
    assert.ok(Math.abs(loss - expected) <= 2e-3 * Math.max(0.1, expected), `loss ${i}: compiled ${loss}, eager ${expected}`);
  });
  assert.ok(
    difference(eager.state.weights, compiled.state.weights) < 5e-3,
    `weights differ by ${difference(eager.state.weights, compiled.state.weights)}`,
  );
  assert.ok((eager.losses.at(-1) as number) < (eager.losses[0] as number), 'training lowers the loss');
}

describe('compiled equals eager over 50 steps', { skip: native ? false : 'the compiled engine needs the native backend' }, () => {
  for (const [name, architecture] of Object.entries(smallArchitectures)) {
    test(`architecture: ${name}`, () => compare({ architecture, optimizer: { name: 'sgd', momentum: 0.9 }, weightDecay: 1e-3 }));
  }
  const mlp = smallArchitectures['mlp'] as Architecture;
  for (const [name, optimizer] of Object.entries(optimizerList))
    test(`optimizer: ${name}`, () => compare({ architecture: mlp, optimizer }));
  for (const loss of Object.keys(losses) as LossName[])
    test(`loss: ${loss}`, () => compare({ architecture: mlp, optimizer: { name: 'adam' }, loss }));
  const block = smallArchitectures['residual blocks'] as Architecture;
  for (const augmentation of Object.keys(augmentations) as AugmentationName[]) {
    test(`augmentation: ${augmentation}`, () => compare({ architecture: block, optimizer: { name: 'sgd', momentum: 0.9 }, augmentation }));
  }

  test('several updates in one call give the bits of single ones', async () => {
    const options = { architecture: mlp, optimizer: { name: 'adam' } as const, engine: 'compiled' as const };
    const single = await trained(options, 50);
    const several = await trained({ ...options, stepsPerCall: 5 }, 50);
    assert.deepEqual(several.losses, single.losses);
    assert.deepEqual(several.state, single.state);
  });

  test('the same spec gives the same bits', async () => {
    const options = { architecture: block, optimizer: { name: 'sgd', momentum: 0.9 } as const, augmentation: 'cropFlip' as const };
    assert.deepEqual(await trained(options, 20), await trained(options, 20));
  });
});

describe('what cannot be compiled is refused, never frozen', {
  skip: native ? false : 'the compiled engine needs the native backend',
}, () => {
  const spec = (body: SessionSpec['programs'][string]['body'], inputs = {}): SessionSpec => ({
    variables: { w: { shape: [3] } },
    programs: { p: { inputs, body } },
  });
  before(openTensorflow);

  test('random numbers drawn by the body', async () => {
    const program = spec((scope) => ({ y: tf.mul(scope.variable('w'), tf.randomUniform([3])) }));
    await assert.rejects(openSession(program, 'compiled'), /depends on values/);
  });
  test('a value that is read', async () => {
    const program = spec((scope) => ({ y: tf.mul(scope.variable('w'), scope.variable('w').dataSync()[0] as number) }));
    await assert.rejects(openSession(program, 'compiled'), /reads the value of a tensor/);
  });
  test('an input that is never used', async () => {
    const program = spec((scope) => ({ y: scope.variable('w') }), { x: { shape: [1], dtype: 'float32' } });
    await assert.rejects(openSession(program, 'compiled'), /input 'x' of program 'p' is never used/);
  });
  test('auto goes on eagerly, says why, and is right', async () => {
    const session = await openSession(
      spec((scope) => {
        const w = scope.variable('w');
        return { y: tf.mul(w, Math.max(...w.dataSync())) };
      }),
    );
    assert.equal(session.engine, 'eager');
    assert.match(session.fallback ?? '', /reads the value/);
    session.write({ w: { shape: [3], values: new Float32Array([1, 2, 3]) } });
    assert.deepEqual([...(session.run('p', {})['y'] as Float32Array)], [3, 6, 9]);
    session.close();
  });
  test('a traced program leaves no tensors behind, and a closed session refuses to run', async () => {
    const before = tf.memory().numTensors;
    const session = await openSession(
      spec((scope) => {
        scope.assign('w', tf.add(scope.variable('w'), 1));
        return { y: scope.variable('w') };
      }),
      'compiled',
    );
    for (let i = 1; i <= 3; i++) assert.deepEqual([...(session.run('p', {})['y'] as Float32Array)], [i, i, i]);
    session.close();
    assert.equal(tf.memory().numTensors, before);
    assert.throws(() => session.run('p', {}), /closed/);
  });
});

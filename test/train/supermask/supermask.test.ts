/** Supermasks: choices and their gradients by hand, and trainings in which no frozen weight may change a bit. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs';
import { type Arrays, firstDifference, get, pick } from '../../../src/array.js';
import { batches } from '../../../src/dataset/batches.js';
import type { Architecture } from '../../../src/model/architecture.js';
import { initialise } from '../../../src/model/initialise.js';
import { parameters, prunable } from '../../../src/model/shapes.js';
import { openTensorflow, tf } from '../../../src/model/tensorflow.js';
import { withoutBias } from '../../../src/model/withoutBias.js';
import { keepTop } from '../../../src/prune/keepTop.js';
import { stream } from '../../../src/random.js';
import { maskOfScores } from '../../../src/ticket/strong/maskOfScores.js';
import { bernoulliRescaled } from '../../../src/train/supermask/bernoulli.js';
import { biprop } from '../../../src/train/supermask/biprop.js';
import { edgePopup } from '../../../src/train/supermask/edgePopup.js';
import { gemMiner } from '../../../src/train/supermask/gemMiner.js';
import { keptOf, scoreOf, type Supermask, supermaskParameterisation, topMask } from '../../../src/train/supermask/supermask.js';
import { supermasks } from '../../../src/train/supermask/supermasks.js';
import { openTrainer } from '../../../src/train/trainer.js';
import { smallArchitectures } from '../../fixtures/smallArchitectures.js';
import { tinyDataset } from '../../fixtures/tinyDataset.js';

const backend = await openTensorflow();
const dataset = tinyDataset();
/** Values without the sign of 0, which a product with a negative weight has. */
const plain = (tensor: Tensor): number[] => [...tensor.dataSync()].map((v) => v + 0);
const noNoise = () => {
  throw new Error('no noise here');
};
const options = { training: false, noise: noNoise, keep: 2 } as const;

test('the mask by halving is that of sorting', () => {
  const random = stream(1, 'scores');
  for (const n of [5, 100, 3000]) {
    const scores = Float32Array.from({ length: n }, () => Math.abs(random.normal()));
    for (const keep of [1, 2, Math.floor(n / 3), n - 1, n]) {
      const found = tf.tidy(() => topMask(tf.tensor1d(scores), keep).dataSync());
      assert.deepEqual(Uint8Array.from(found), keepTop(scores, keep), `${keep} of ${n}`);
    }
  }
});

test('edge-popup: the top by |score|, and the gradient as if all were kept', () => {
  const [w, s] = [tf.tensor1d([2, -3, 5, 7]), tf.tensor1d([0.1, -0.9, 0.5, -0.2])];
  assert.deepEqual(plain(edgePopup.kernel(w, s, options)), [0, -3, 5, 0]);
  // d/ds of sum(c * w * m) is c * w * sign(s), kept or not.
  const gradient = tf.grad((x) => tf.sum(tf.mul(edgePopup.kernel(w, x, options), tf.tensor1d([1, 2, 3, 4]))))(s);
  assert.deepEqual([...gradient.dataSync()], [1 * 2, 2 * -3 * -1, 3 * 5, 4 * 7 * -1]);
});

test('multi-prize: kept weights count the mean magnitude with their sign, gradients are weighed by |w|', () => {
  const [w, s] = [tf.tensor1d([2, -3, 5, 7]), tf.tensor1d([0.1, -0.9, 0.5, -0.2])];
  assert.deepEqual(plain(biprop.kernel(w, s, options)), [0, -4, 4, 0]);
  const gradient = tf.grad((x) => tf.sum(tf.mul(biprop.kernel(w, x, options), tf.tensor1d([1, 2, 3, 4]))))(s);
  assert.deepEqual([...gradient.dataSync()], [1 * 2, 2 * -3 * -1, 3 * 5, 4 * 7 * -1]);
  assert.deepEqual([...biprop.effective(Float32Array.of(2, -3, 5, 7), Uint8Array.of(0, 1, 1, 0))], [0, -4, 4, 0]);
});

test('multi-prize: scores that are all equal choose nothing, which is 0 and not NaN', () => {
  assert.deepEqual(plain(biprop.kernel(tf.tensor1d([2, -3, 5, 7]), tf.tensor1d([0.5, -0.5, 0.5, 0.5]), options)), [0, 0, 0, 0]);
});

test('Gem-Miner: kept from a half up, gradients pass, scores are clipped', () => {
  const [w, p] = [tf.tensor1d([2, -3, 5]), tf.tensor1d([0.5, 0.49, 0.9])];
  assert.deepEqual(plain(gemMiner.kernel(w, p, options)), [2, 0, 5]);
  assert.deepEqual(
    [
      ...tf
        .grad((x) => tf.sum(gemMiner.kernel(w, x, options)))(p)
        .dataSync(),
    ],
    [2, -3, 5],
  );
  assert.deepEqual([...(gemMiner.constrain?.(tf.tensor1d([-0.5, 0.25, 3])).dataSync() ?? [])], [0, 0.25, 1]);
});

test('Bernoulli: drawn in training, rounded in evaluation, rescaled by total / kept; the gradient is that of the probability', () => {
  const [w, s] = [tf.tensor1d([2, -3, 5, 7]), tf.tensor1d([-1, 0, 1, Math.log(3)])];
  assert.deepEqual(plain(supermasks.bernoulli.kernel(w, s, options)), [0, -3, 5, 7]);
  const drawn = { ...options, training: true, noise: () => tf.tensor1d([0.2, 0.6, 0.1, 0.8]) };
  // sigmoid: 0.269, 0.5, 0.731, 0.75.
  assert.deepEqual(plain(supermasks.bernoulli.kernel(w, s, drawn)), [2, 0, 5, 0]);
  assert.deepEqual(plain(bernoulliRescaled.kernel(w, s, drawn)), [4, 0, 10, 0]);
  assert.deepEqual([...bernoulliRescaled.effective(Float32Array.of(2, -3, 5, 7), Uint8Array.of(1, 0, 1, 0))], [4, 0, 10, 0]);
  const gradient = tf
    .grad((x) => tf.sum(supermasks.bernoulli.kernel(w, x, drawn)))(s)
    .dataSync();
  assert.ok(Math.abs((gradient[1] as number) - -3 * 0.25) < 1e-6 && Math.abs((gradient[3] as number) - 7 * 0.1875) < 1e-6);
});

/** Frozen weights, their start, and the scores. */
function held(architecture: Architecture, supermask: Supermask): Arrays {
  const weights = initialise(architecture, 1, 'signedConstant');
  const random = stream(2, 'scores');
  const scores = prunable(architecture).map((p) => [scoreOf(p.name), { shape: p.shape, values: supermask.start(p, random) }] as const);
  return { ...weights, ...Object.fromEntries(scores) };
}

async function trained(architecture: Architecture, supermask: Supermask, engine: 'auto' | 'eager', steps: number) {
  const trainer = await openTrainer({
    ...{ architecture, dataset, batchSize: 20, optimizer: { name: 'sgd', momentum: 0.9 }, engine },
    parameterisation: supermaskParameterisation(supermask, 0.5),
  });
  const start = held(architecture, supermask);
  const scoreNames = prunable(architecture).map((p) => scoreOf(p.name));
  const mask = supermask.freezes
    ? Object.fromEntries(
        scoreNames.map((name) => [
          name,
          { shape: get(start, name).shape, values: Uint8Array.from(get(start, name).values, (_, i) => (i % 5 === 0 ? 0 : 1)) },
        ]),
      )
    : {};
  trainer.load(mask, start);
  const before = trainer.evaluate('train').loss;
  const order = batches({ count: dataset.train.count, batchSize: 20, seed: 5 });
  for (let step = 0; step < steps; step++)
    trainer.update([{ indices: order.indices(step).slice(), learningRate: supermask.noisy ? 5 : 0.1, step, seed: 11 }]);
  const { weights } = trainer.state();
  const evaluated = trainer.evaluate('test');
  const result = { trainer: trainer.engine, start, weights, mask, scoreNames, before, after: trainer.evaluate('train').loss, evaluated };
  trainer.close();
  return result;
}

describe('training', { skip: backend !== 'tensorflow' && 'compares the compiled engine with the eager one' }, () => {
  const architecture = withoutBias(smallArchitectures['mlp'] as Architecture);
  before(() => assert.equal(backend, 'tensorflow'));
  for (const [name, supermask] of Object.entries(supermasks)) {
    test(`${name}: frozen weights do not change a bit, scores do; compiled and eager steps agree`, async () => {
      const [compiled, eager] = await Promise.all(
        (['auto', 'eager'] as const).map((engine) => trained(architecture, supermask, engine, 10)),
      );
      assert.ok(compiled && eager);
      assert.deepEqual([compiled.trainer, eager.trainer], ['compiled', 'eager']);
      const frozen = parameters(architecture).map((p) => p.name);
      assert.equal(firstDifference(pick(compiled.start, frozen), pick(compiled.weights, frozen)), undefined);
      for (const score of compiled.scoreNames) {
        const [a, b] = [get(compiled.weights, score).values, get(eager.weights, score).values];
        assert.notDeepEqual(a, get(compiled.start, score).values);
        a.forEach((v, i) => assert.ok(Math.abs(v - (b[i] as number)) < 1e-4, `${score} ${v} ${b[i]}`));
        if (supermask.freezes) {
          assert.ok(a.every((v, i) => v >= 0 && v <= 1 && (i % 5 !== 0 || v === 0)));
        }
      }
    });
    test(`${name}: the loss falls, and the mask of the scores on the frozen weights is the network that was evaluated`, async () => {
      const { start, weights, before, after, evaluated } = await trained(architecture, supermask, 'auto', 150);
      assert.ok(after < 0.8 * before, `${before} to ${after}`);
      const names = prunable(architecture).map((p) => p.name);
      const mask = maskOfScores(supermask, weights, names, 0.5);
      if ('top' in supermask.keeps) {
        for (const kernel of names) {
          const { values } = get(mask, kernel);
          assert.equal(
            values.reduce((a, b) => a + b, 0),
            keptOf(0.5, values.length),
          );
        }
      }
      const masked = await openTrainer({ architecture, dataset, batchSize: 20, optimizer: { name: 'sgd' } });
      const effective = Object.fromEntries(
        names.map((n) => [n, { shape: get(start, n).shape, values: supermask.effective(get(start, n).values, get(mask, n).values) }]),
      );
      masked.load(mask, effective);
      const again = masked.evaluate('test');
      masked.close();
      assert.equal(again.accuracy, evaluated.accuracy);
      assert.ok(Math.abs(again.loss - evaluated.loss) < 1e-5);
    });
  }
});

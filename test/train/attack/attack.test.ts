/** Attacks on networks whose worst case can be worked out, and what every attack promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { batches } from '../../../src/dataset/batches.js';
import { unitRange } from '../../../src/dataset/unitRange.js';
import { denseMask } from '../../../src/mask.js';
import { pick } from '../../../src/array.js';
import type { Architecture } from '../../../src/model/architecture.js';
import { initialise } from '../../../src/model/initialise.js';
import { prunable } from '../../../src/model/shapes.js';
import { openTensorflow, tf } from '../../../src/model/tensorflow.js';
import { type Adversary, klDivergence } from '../../../src/train/attack/adversary.js';
import {
  type Attack,
  balls,
  checkAttack,
  craft,
  crossEntropyObjective,
  fgsm,
  gradientEvaluations,
} from '../../../src/train/attack/attack.js';
import { openAttacker } from '../../../src/train/attack/openAttacker.js';
import { openTrainer } from '../../../src/train/trainer.js';
import { smallArchitectures } from '../../fixtures/smallArchitectures.js';
import { tinyDataset } from '../../fixtures/tinyDataset.js';

const backend = await openTensorflow();
const pgd: Attack = { norm: 'linf', epsilon: 0.1, stepSize: 0.03, steps: 7, randomStart: true };

/** Two classes on 2 x 2 images: logits 0 and w . x. */
const w = [3, -1, 0, 2];
const linear = (images: Tensor4D) =>
  tf.concat([tf.zeros([images.shape[0], 1]), tf.matMul(tf.reshape(images, [images.shape[0], 4]), tf.tensor2d(w, [4, 1]))], 1);
const labelled = (labels: number[]) => crossEntropyObjective(linear, tf.tensor1d(labels, 'int32') as Tensor1D);

test('FGSM on a linear model: each pixel goes by the sign of its weight, against the label, and stays in [0, 1]', () => {
  const clean = tf.tensor4d([0.5, 0.5, 0.5, 0.95, 0.5, 0.5, 0.5, 0.05], [2, 2, 2, 1]);
  const found = craft(fgsm(0.1), labelled([0, 1]), clean, clean).dataSync();
  // Label 0 is hurt by a larger w . x, label 1 by a smaller; where the weight is 0 nothing changes.
  const wanted = [0.6, 0.4, 0.5, 1, 0.4, 0.6, 0.5, 0];
  found.forEach((v, i) => assert.ok(Math.abs(v - (wanted[i] as number)) < 1e-6, `${i}: ${v}`));
});

test('l2 on a linear model: the change lies along the weights, as long as the ball allows', () => {
  const clean = tf.tensor4d([0.5, 0.5, 0.5, 0.5], [1, 2, 2, 1]);
  const attack: Attack = { norm: 'l2', epsilon: 0.2, stepSize: 0.15, steps: 3, randomStart: false };
  const found = craft(attack, labelled([0]), clean, clean).dataSync();
  const length = Math.hypot(...w);
  found.forEach((v, i) => assert.ok(Math.abs(v - 0.5 - (0.2 * (w[i] as number)) / length) < 1e-5, `${i}: ${v}`));
  // One step, shorter than the ball, is as long as the step.
  const once = craft({ ...attack, steps: 1 }, labelled([0]), clean, clean).dataSync();
  assert.ok(Math.abs(Math.hypot(...[...once].map((v) => v - 0.5)) - 0.15) < 1e-5);
});

/** Logits of a network with two ReLU units on two pixels, in tensors and by hand. */
const [hidden, out] = [
  [
    [1, -2],
    [3, 0.5],
  ],
  [
    [1, 0],
    [-1, 2],
  ],
] as [number[][], number[][]];
const twoLayers = (images: Tensor4D) =>
  tf.matMul(tf.relu(tf.matMul(tf.reshape(images, [images.shape[0], 2]), tf.tensor2d(hidden))), tf.tensor2d(out));
const times = (x: readonly number[], kernel: readonly number[][]): number[] =>
  [0, 1].map((k) => x.reduce((sum, v, i) => sum + v * (kernel[i] as number[])[k]!, 0));
const lossByHand = (x: readonly number[], label: number): number => {
  const z = times(
    times(x, hidden).map((v) => Math.max(0, v)),
    out,
  );
  return Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0)) - (z[label] as number);
};

test('steps on a network with ReLU are those of differences of its loss, worked in plain numbers; the ball and [0, 1] hold', () => {
  const shift = (x: readonly number[], i: number, by: number) => x.map((v, k) => (k === i ? v + by : v));
  const byHand = ({ norm, epsilon, stepSize, steps }: Attack, clean: readonly number[], label: number): number[] => {
    let x = [...clean];
    for (let step = 0; step < steps; step++) {
      const g = x.map((_, i) => (lossByHand(shift(x, i, 1e-5), label) - lossByHand(shift(x, i, -1e-5), label)) / 2e-5);
      x = x.map((v, i) => v + stepSize * (norm === 'linf' ? Math.sign(g[i]!) : g[i]! / Math.hypot(...g)));
      const change = x.map((v, i) => v - clean[i]!);
      const far = Math.max(1, Math.hypot(...change) / epsilon);
      x = change.map((c, i) => clean[i]! + (norm === 'linf' ? Math.min(Math.max(c, -epsilon), epsilon) : epsilon === 0 ? 0 : c / far));
      x = x.map((v) => Math.min(Math.max(v, 0), 1));
    }
    return x;
  };
  for (const norm of ['linf', 'l2'] as const) {
    for (const epsilon of [0, 0.05, 0.3, 2]) {
      for (const steps of [1, 4]) {
        const attack: Attack = { norm, epsilon, stepSize: Math.max(0.02, epsilon / 2.5), steps, randomStart: false };
        // Points and labels whose paths stay off the kinks of ReLU, where a slope is a choice.
        for (const x of [
          [0.2, 0.7],
          [0.9, 0.1],
          [0, 1],
        ]) {
          const clean = tf.tensor4d(x, [1, 1, 2, 1]);
          const found = [
            ...craft(attack, crossEntropyObjective(twoLayers, tf.tensor1d([0], 'int32') as Tensor1D), clean, clean).dataSync(),
          ];
          const wanted = byHand(attack, x, 0);
          found.forEach((v, i) => assert.ok(Math.abs(v - wanted[i]!) < 1e-4, `${JSON.stringify(attack)} at ${x}: ${found}, ${wanted}`));
          const change = found.map((v, i) => v - x[i]!);
          assert.ok((norm === 'linf' ? Math.max(...change.map(Math.abs)) : Math.hypot(...change)) <= epsilon + 1e-6);
        }
      }
    }
  }
});

test('random starts lie in the ball, and differ', () => {
  const clean = tf.fill([50, 4, 4, 1], 0.5) as Tensor4D;
  for (const norm of ['linf', 'l2'] as const) {
    const change = tf.sub(
      balls[norm].start(clean, 0.2, (shape) => tf.randomUniform([...shape], 0, 1, 'float32', 3)),
      clean,
    );
    const sizes = (norm === 'linf' ? tf.max(tf.abs(change), [1, 2, 3]) : tf.sqrt(tf.sum(tf.square(change), [1, 2, 3]))).dataSync();
    assert.ok(
      sizes.every((size) => size <= 0.2 + 1e-6 && size > 0),
      norm,
    );
    assert.ok(Math.max(...sizes) > 0.15);
  }
});

test('the divergence against a worked example, and 0 of equal logits', () => {
  // p = (3/4, 1/4), q = (1/4, 3/4): 3/4 ln 3 - 1/4 ln 3 = ln(3) / 2.
  const [p, q] = [tf.tensor2d([[Math.log(3), 0]]), tf.tensor2d([[0, Math.log(3)]])];
  assert.ok(Math.abs((klDivergence(p, q).dataSync()[0] as number) - Math.log(3) / 2) < 1e-6);
  assert.ok(Math.abs(klDivergence(p, p).dataSync()[0] as number) < 1e-7);
});

test('the cost in gradient evaluations, and attacks without sense', () => {
  assert.deepEqual(
    [undefined, fgsm(0.1), pgd].map((attack) => gradientEvaluations(attack)),
    [1, 2, 8],
  );
  // TRADES evaluates the clean images as well.
  assert.equal(gradientEvaluations(pgd, 6), 9);
  assert.throws(() => checkAttack({ ...pgd, steps: 0 }), /steps of an attack/);
  assert.throws(() => checkAttack({ ...pgd, stepSize: 0 }), /step of an attack/);
  assert.throws(() => checkAttack({ ...pgd, epsilon: -1 }), /radius/);
  assert.doesNotThrow(() => checkAttack(fgsm(0)), 'a ball without radius is an attack that changes nothing');
  assert.throws(() => checkAttack({ ...pgd, norm: 'l1' as 'l2' }), /norm/);
});

const dataset = tinyDataset();
const architecture = smallArchitectures['BatchNorm and average pooling'] as Architecture;

async function trained(adversary: Adversary | undefined, steps: number, engine: 'auto' | 'eager' = 'auto', data = dataset) {
  const trainer = await openTrainer({
    architecture,
    dataset: data,
    batchSize: 20,
    optimizer: { name: 'sgd', momentum: 0.9 },
    engine,
    ...(adversary && { adversary }),
  });
  const weights = initialise(architecture, 1, 'heNormal');
  trainer.load(
    denseMask(
      pick(
        weights,
        prunable(architecture).map((p) => p.name),
      ),
    ),
    weights,
  );
  const order = batches({ count: data.train.count, batchSize: 20, seed: 5 });
  const losses = [...Array(steps).keys()].flatMap((step) => [
    ...trainer.update([{ indices: order.indices(step).slice(), learningRate: 0.05, step, seed: 11 }]),
  ]);
  const result = { engine: trainer.engine, losses, weights: trainer.state().weights, evaluated: trainer.evaluate('test') };
  trainer.close();
  return result;
}

const adversaries: Record<string, Adversary> = {
  fgsm: { attack: fgsm(0.1) },
  'pgd, random start': { attack: { ...pgd, steps: 3 } },
  'l2, random start': { attack: { norm: 'l2', epsilon: 0.5, stepSize: 0.2, steps: 3, randomStart: true } },
  trades: { attack: { ...pgd, steps: 3, randomStart: false }, trades: 6 },
};
for (const [name, adversary] of Object.entries(adversaries)) {
  test(`training against ${name}: compiled and eager steps agree`, {
    skip: backend !== 'tensorflow' && 'needs the native backend',
  }, async () => {
    const [compiled, eager] = [await trained(adversary, 6), await trained(adversary, 6, 'eager')];
    assert.deepEqual([compiled.engine, eager.engine], ['compiled', 'eager']);
    compiled.losses.forEach((loss, i) =>
      assert.ok(Math.abs(loss - (eager.losses[i] as number)) < 2e-3, `${i}: ${loss} and ${eager.losses[i]}`),
    );
  });
}

test('training against attacks buys robust accuracy; every attack stays in its ball, and more steps do more harm', async () => {
  const attacker = await openAttacker({ architecture, dataset, batchSize: 40 });
  const [plain, robust] = [await trained(undefined, 150), await trained({ attack: { ...pgd, epsilon: 0.08, stepSize: 0.02 } }, 150)];
  const strong: Attack = { norm: 'linf', epsilon: 0.08, stepSize: 0.008, steps: 20, randomStart: false };
  attacker.load(plain.weights);
  const onPlain = attacker.attack({ attack: strong, split: 'test' });
  assert.ok(
    Math.abs(onPlain.clean.accuracy - plain.evaluated.accuracy) < 1e-9 && Math.abs(onPlain.clean.loss - plain.evaluated.loss) < 1e-4,
  );
  assert.ok(onPlain.largest <= 0.08 + 1e-6 && onPlain.largest > 0.079);
  assert.equal(onPlain.path.length, 21);
  assert.ok(
    Math.abs((onPlain.path[0] as number) - onPlain.clean.loss) < 1e-5 &&
      Math.abs((onPlain.path[20] as number) - onPlain.robust.loss) < 1e-5,
  );
  assert.ok(
    onPlain.path.every((loss, i) => i === 0 || loss >= (onPlain.path[i - 1] as number) - 0.02),
    'the loss rises along the attack',
  );
  const harm = [1, 5, 20].map((count) => attacker.attack({ attack: { ...strong, steps: count }, split: 'test' }).robust.loss);
  assert.ok((harm[0] as number) < (harm[1] as number) && (harm[1] as number) < (harm[2] as number), harm.join());
  const transferred = attacker.attack({ attack: strong, split: 'test', surrogate: robust.weights });
  assert.ok(transferred.robust.accuracy >= onPlain.robust.accuracy, 'an attack made against another network does less harm');
  assert.equal(transferred.clean.accuracy, onPlain.clean.accuracy);
  const short = attacker.attack({
    attack: { norm: 'l2', epsilon: 0.3, stepSize: 0.1, steps: 5, randomStart: true },
    split: 'test',
    limit: 45,
    seed: 4,
  });
  assert.ok(short.largest <= 0.3 + 1e-5 && short.largest > 0.25);
  attacker.load(robust.weights);
  const onRobust = attacker.attack({ attack: strong, split: 'test' });
  assert.ok(onRobust.robust.accuracy > onPlain.robust.accuracy, `${onRobust.robust.accuracy} and ${onPlain.robust.accuracy}`);
  // A ball without radius changes nothing.
  assert.equal(attacker.attack({ attack: fgsm(0), split: 'test' }).largest, 0);
  assert.deepEqual(attacker.attack({ attack: { ...strong, epsilon: 0 }, split: 'test' }).robust.accuracy, onRobust.clean.accuracy);
  attacker.close();
});

test('pixels are what is attacked: the normalisation of the data set changes no attack', async () => {
  const weights = initialise(architecture, 3, 'heNormal');
  const results = [];
  for (const data of [dataset, unitRange(dataset)]) {
    const attacker = await openAttacker({ architecture, dataset: data });
    attacker.load(weights);
    results.push(attacker.attack({ attack: { ...pgd, steps: 3 }, split: 'test', seed: 1 }).largest);
    attacker.close();
  }
  assert.ok(results.every((largest) => largest > 0.09 && largest <= 0.1 + 1e-6));
});

test('an attacker without weights, or with those of another network', async () => {
  const attacker = await openAttacker({ architecture, dataset });
  assert.throws(() => attacker.attack({ attack: pgd, split: 'test' }), /missing weights/);
  assert.throws(() => attacker.load(initialise(smallArchitectures['mlp'] as Architecture, 1, 'heNormal')), /conv1/);
  attacker.close();
});

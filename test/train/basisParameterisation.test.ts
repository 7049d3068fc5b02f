/** Training on coefficients: against plain training, against projected SGD written out, and compiled against eager. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { type Arrays, firstDifference, get, type NdArray, ndArray, pick, size } from '../../src/array.js';
import { normalise } from '../../src/dataset/dataset.js';
import { applyMask, denseMask, type Mask, mask as maskOf } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { type BasisName, bases } from '../../src/model/bases/bases.js';
import { toKernel } from '../../src/model/bases/coordinates.js';
import { fromBasis, inBasis, type NetworkBasis, openBasis } from '../../src/model/bases/networkBasis.js';
import { forward } from '../../src/model/forward.js';
import { initialise } from '../../src/model/initialise.js';
import { prunable } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { basisParameterisation, kernelOf } from '../../src/train/basisParameterisation.js';
import { derivatives } from '../../src/train/derivatives.js';
import { openTrainer, type TrainerOptions, type Trainer } from '../../src/train/trainer.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

const backend = await openTensorflow();
const dataset = tinyDataset();
const names = Object.keys(bases) as BasisName[];
const batchSize = 12;
const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void => {
  assert.equal(a.length, b.length);
  for (let i = 0; i < a.length; i++)
    assert.ok(Math.abs((a[i] as number) - (b[i] as number)) <= tolerance, `${what} at ${i}: ${a[i]} and ${b[i]}`);
};

function basisOf(name: BasisName, network: Architecture): NetworkBasis | undefined {
  return openBasis(name, network, { seed: 6, trained: initialise(network, 21), initial: initialise(network, 22) });
}

/** Two thirds of the coefficients. */
function someMask(network: Architecture): Mask {
  return maskOf(
    Object.fromEntries(
      prunable(network).map(({ name, shape }) => [
        name,
        { shape, values: Array.from({ length: size(shape) }, (_, i) => Number((i * 7) % 3 !== 0)) },
      ]),
    ),
  );
}

async function trained(
  options: Omit<TrainerOptions, 'dataset' | 'batchSize'>,
  mask: Mask,
  weights: Arrays,
  steps = 6,
  learningRate = 0.05,
) {
  const trainer: Trainer = await openTrainer({ ...options, dataset, batchSize });
  try {
    trainer.load(mask, weights);
    const losses = trainer.update(
      Array.from({ length: steps }, (_, step) => ({
        indices: Int32Array.from({ length: batchSize }, (_, i) => (step * batchSize + i) % dataset.train.count),
        learningRate,
        step,
        seed: 3,
      })),
    );
    return { losses, engine: trainer.engine, ...trainer.state(), measured: trainer.evaluate('validation') };
  } finally {
    trainer.close();
  }
}

for (const name of names) {
  test(`${name}: kernels from tensors are those from arrays`, () => {
    for (const network of Object.values(smallArchitectures)) {
      const basis = basisOf(name, network);
      const weights = initialise(network, 5);
      for (const [kernel, coordinates] of Object.entries(basis?.coordinates ?? {})) {
        const { shape, values } = get(weights, kernel);
        const found = tf.tidy(() => kernelOf(tf.tensor(values, [...shape]), coordinates).dataSync());
        close(found, toKernel(get(weights, kernel), coordinates).values, 2e-6, kernel);
      }
    }
  });

  test(`${name}: compiled steps are those of operations one by one, and pruned coefficients stay 0`, async () => {
    for (const key of ['mlp', 'residual blocks']) {
      const network = smallArchitectures[key] as Architecture;
      const basis = basisOf(name, network);
      const [mask, weights] = [someMask(network), inBasis(basis, initialise(network, 5))];
      const options = {
        architecture: network,
        optimizer: { name: 'adam' },
        weightDecay: 0.001,
        ...(basis && { parameterisation: basisParameterisation(basis) }),
      } as const;
      const eager = await trained({ ...options, engine: 'eager' }, mask, weights, 6, 0.002);
      const compiled = await trained({ ...options, engine: 'tensorflow' }, mask, weights, 6, 0.002);
      assert.equal(compiled.engine, backend === 'tensorflow' ? 'compiled' : 'eager');
      close(compiled.losses, eager.losses, 1e-4, 'loss');
      for (const { name: kernel } of prunable(network)) {
        const bits = get(mask, kernel).values;
        assert.ok(get(compiled.weights, kernel).values.every((c, i) => bits[i] === 1 || Object.is(c, 0)));
      }
    }
  });
}

test('a basis of identity matrices trains to the same bits as no basis', async () => {
  const network = smallArchitectures['mlp'] as Architecture;
  const identity = (n: number): NdArray =>
    ndArray(
      [n, n],
      Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
    );
  const views: Record<string, number[]> = { 'dense1/kernel': [8, 8, 12], 'dense2/kernel': [12, 8], 'output/kernel': [8, 4] };
  const basis: NetworkBasis = {
    name: 'identity',
    adaptive: false,
    coordinates: Object.fromEntries(
      Object.entries(views).map(([kernel, view]) => [kernel, { view, matrices: view.map((n) => identity(n)) }]),
    ),
  };
  const weights = initialise(network, 5);
  assert.equal(firstDifference(pick(inBasis(basis, weights), Object.keys(views)), pick(weights, Object.keys(views))), undefined);
  for (const optimizer of [{ name: 'adam' }, { name: 'sgd', momentum: 0.9 }] as const) {
    const options = { architecture: network, optimizer, weightDecay: 0.01 };
    const plain = await trained(options, someMask(network), weights);
    const same = await trained({ ...options, parameterisation: basisParameterisation(basis) }, someMask(network), weights);
    assert.deepEqual(same.losses, plain.losses);
    assert.equal(firstDifference(same.weights, plain.weights), undefined);
    assert.equal(firstDifference(same.slots, plain.slots), undefined);
    assert.deepEqual(same.measured, plain.measured);
  }
});

/** The matrix of all basis vectors, made for the test alone: row k is the kernel of coefficient k. */
function wholeBasis(shape: readonly number[], coordinates: NetworkBasis['coordinates'][string] | undefined): Float64Array[] {
  const n = size(shape);
  const zero = coordinates ? toKernel(ndArray(shape), coordinates).values : new Float32Array(n);
  return Array.from({ length: n }, (_, k) => {
    const unit = ndArray(shape);
    unit.values[k] = 1;
    const kernel = coordinates ? toKernel(unit, coordinates) : unit;
    return Float64Array.from(kernel.values, (w, i) => w - (zero[i] as number));
  });
}

for (const name of ['dct', 'haar', 'hadamard', 'randomOrthogonal', 'svd', 'lowRank'] as const) {
  test(`${name}: SGD with momentum and L2 on coefficients is SGD on weights, every step projected on the kept directions`, async () => {
    const network = smallArchitectures['mlp'] as Architecture;
    const basis = basisOf(name, network) as NetworkBasis;
    const mask = someMask(network);
    const start = applyMask(inBasis(basis, initialise(network, 5)), mask);
    const [rate, momentum, decay, steps] = [0.05, 0.9, 0.01, 8];
    const options = { architecture: network, optimizer: { name: 'sgd', momentum }, weightDecay: decay } as const;
    const found = await trained({ ...options, parameterisation: basisParameterisation(basis) }, mask, start, steps);

    // Written out on weights in float64: v = momentum v + P (g + decay w), w = w - rate v, with P = B^T diag(mask) B as a whole matrix.
    const weights: Record<string, Float64Array> = {};
    const velocity: Record<string, Float64Array> = {};
    for (const [key, { values }] of Object.entries(fromBasis(basis, start))) {
      weights[key] = Float64Array.from(values);
      velocity[key] = new Float64Array(values.length);
    }
    const shapes = Object.fromEntries(Object.entries(start).map(([key, { shape }]) => [key, shape]));
    const vectors = Object.fromEntries(Object.keys(mask).map((key) => [key, wholeBasis(get(start, key).shape, basis.coordinates[key])]));
    const project = (key: string, direction: Float64Array): Float64Array => {
      const rows = vectors[key];
      if (rows === undefined) return direction;
      const result = new Float64Array(direction.length);
      rows.forEach((row, k) => {
        if (get(mask, key).values[k] === 0) return;
        const along = row.reduce((sum, x, i) => sum + x * (direction[i] as number), 0);
        row.forEach((x, i) => {
          result[i] = (result[i] as number) + along * x;
        });
      });
      return result;
    };
    for (let step = 0; step < steps; step++) {
      const gradients = gradientsAt(network, weights, shapes, step);
      for (const key of Object.keys(weights)) {
        const [w, v] = [weights[key] as Float64Array, velocity[key] as Float64Array];
        const along = project(
          key,
          w.map((x, i) => (gradients[key]?.[i] as number) + decay * x),
        );
        w.forEach((x, i) => {
          v[i] = momentum * (v[i] as number) + (along[i] as number);
          w[i] = x - rate * (v[i] as number);
        });
      }
    }
    for (const [key, { values }] of Object.entries(fromBasis(basis, found.weights))) close(values, weights[key] as Float64Array, 1e-5, key);
  });
}

function gradientsAt(
  network: Architecture,
  weights: Record<string, Float64Array>,
  shapes: Record<string, readonly number[]>,
  step: number,
): Record<string, Float32Array> {
  const keys = Object.keys(weights);
  const found: Record<string, Float32Array> = {};
  tf.tidy(() => {
    const from = (step * batchSize) % dataset.train.count;
    const x = tf.tensor4d(normalise(dataset, dataset.train, from, from + batchSize), [batchSize, 8, 8, 1]) as Tensor4D;
    const labels = tf.oneHot(tf.tensor1d([...dataset.train.labels.subarray(from, from + batchSize)], 'int32') as Tensor1D, 4);
    const loss = (...values: Tensor[]): Tensor => {
      const logits = forward(network, Object.fromEntries(keys.map((key, i) => [key, values[i] as Tensor])), x, { training: true });
      return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1)));
    };
    const at = keys.map((key) => tf.tensor(Float32Array.from(weights[key] as Float64Array), [...(shapes[key] as number[])]));
    tf.grads(loss as never)(at).forEach((gradient, i) => {
      found[keys[i] as string] = Float32Array.from(gradient.dataSync());
    });
  });
  return found;
}

test('derivatives by coefficients are those by weights in the other basis', async () => {
  const network = smallArchitectures['convolution and max pooling'] as Architecture;
  const kernels = prunable(network).map(({ name }) => name);
  const basis = openBasis('randomOrthogonal', network, { seed: 2 }) as NetworkBasis;
  const weights = initialise(network, 5);
  const coefficients = inBasis(basis, weights);
  const mask = denseMask(pick(weights, kernels));
  const common = { architecture: network, mask, dataset, examples: 40 };
  const own = await derivatives({
    ...common,
    weights: coefficients,
    random: stream(1, 'x'),
    parameterisation: basisParameterisation(basis),
  });
  const plain = await derivatives({ ...common, weights, random: stream(1, 'x') });
  const expected = inBasis(basis, { ...weights, ...(await plain.gradient()) });
  const gradient = await own.gradient();
  for (const name of kernels) close(get(gradient, name).values, get(expected, name).values, 1e-5, name);

  const random = stream(2, 'direction');
  const direction = Object.fromEntries(
    kernels.map((name) => {
      const { shape } = get(weights, name);
      const values = Float32Array.from({ length: size(shape) }, () => random.normal());
      return [name, ndArray(shape, values)];
    }),
  );
  const product = await own.hessianProduct(direction);
  const turned = await plain.hessianProduct(pick(fromBasis(basis, { ...weights, ...direction }), kernels));
  const expectedProduct = inBasis(basis, { ...weights, ...turned });
  for (const name of kernels) close(get(product, name).values, get(expectedProduct, name).values, 1e-4, name);
  const flow = await own.synapticFlow(Object.fromEntries(kernels.map((name) => [name, get(coefficients, name)])));
  for (const name of kernels) assert.ok(get(flow, name).values.every(Number.isFinite));
});

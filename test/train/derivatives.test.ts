/** Gradients and Hessian products of whole networks against differences, and against a network with a closed form. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Arrays, get, mapArrays, mapEach, ndArray, pick } from '../../src/array.js';
import { normalise } from '../../src/dataset/dataset.js';
import { denseMask } from '../../src/mask.js';
import type { Architecture, Layer } from '../../src/model/architecture.js';
import { initialise } from '../../src/model/initialise.js';
import { prunable } from '../../src/model/shapes.js';
import { openTensorflow } from '../../src/model/tensorflow.js';
import { withoutLayers } from '../../src/model/withoutLayers.js';
import { stream } from '../../src/random.js';
import { derivatives, type DerivativesOptions } from '../../src/train/derivatives.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';
import { smooth } from '../fixtures/smooth.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

await openTensorflow();
const dataset = tinyDataset();

async function open(architecture: Architecture, options: Partial<DerivativesOptions> = {}) {
  const weights = initialise(architecture, 3, 'heNormal');
  const kernels = pick(
    weights,
    prunable(architecture).map(({ name }) => name),
  );
  const found = await derivatives({
    architecture,
    weights,
    mask: denseMask(kernels),
    dataset,
    examples: 12,
    random: stream(1, 'sample'),
    ...options,
  });
  return { weights, kernels, ...found };
}

function randomLike(arrays: Arrays, purpose: string): Arrays {
  const draws = stream(2, purpose);
  return mapArrays(arrays, () => draws.normal());
}

const dot = (a: Arrays, b: Arrays): number =>
  Object.keys(a).reduce((sum, name) => sum + get(a, name).values.reduce((s, x, i) => s + x * (get(b, name).values[i] as number), 0), 0);
const norm = (a: Arrays): number => Math.sqrt(dot(a, a));
const plus = (a: Arrays, b: Arrays, scale: number): Arrays =>
  mapEach(a, ({ shape, values }, name) => ({ shape, values: values.map((x, i) => x + scale * (get(b, name).values[i] as number)) }));

/** |H u - (g(w + s u) - g(w - s u)) / 2s| relative to |H u|. */
async function errorAt(step: number, network: Awaited<ReturnType<typeof open>>, direction: Arrays): Promise<number> {
  const product = await network.hessianProduct(direction);
  const [up, down] = [
    await network.gradient(plus(network.kernels, direction, step)),
    await network.gradient(plus(network.kernels, direction, -step)),
  ];
  const difference = mapArrays(plus(up, down, -1), (x) => x / (2 * step));
  return norm(plus(product, difference, -1)) / norm(product);
}

const architectures: Readonly<Record<string, Architecture>> = {
  ...smallArchitectures,
  'pooling with overlap, and select': {
    name: 'select',
    input: [8, 8, 1],
    layers: [
      { type: 'convolution', name: 'conv1', filters: 3, size: 3, stride: 2, padding: 'valid' },
      { type: 'activation', function: 'relu' },
      { type: 'maxPool', size: 2, stride: 1, padding: 'same' },
      { type: 'flatten' },
      { type: 'select', name: 'some', indices: [5, 0, 26, 5, 17, 11, 12] },
      { type: 'dense', name: 'output', units: 4 },
    ],
  },
};

describe('Hessian products', () => {
  for (const [name, architecture] of Object.entries(architectures)) {
    test(`${name}, smooth: differences of gradients come nearer with the square of the step`, async () => {
      const network = await open(smooth(architecture));
      const random = randomLike(network.kernels, 'direction');
      // As long as a tenth of the weights, so that steps mean the same for every network.
      const direction = mapArrays(random, (x) => (0.1 * x * norm(network.kernels)) / norm(random));
      const [long, short] = [await errorAt(0.2, network, direction), await errorAt(0.1, network, direction)];
      assert.ok(short < 0.02, `error ${short}`);
      assert.ok(long / short > 3 && long / short < 5, `errors ${long} and ${short}`);
    });

    test(`${name}: along the weights themselves no kink is met, since biases are 0`, async () => {
      const network = await open(architecture);
      const error = await errorAt(0.003, network, network.kernels);
      assert.ok(error < 2e-3, `error ${error}`);
    });

    test(`${name}: symmetric, u . H v = v . H u`, async () => {
      const network = await open(architecture);
      const [u, v] = [randomLike(network.kernels, 'u'), randomLike(network.kernels, 'v')];
      const [hu, hv] = [await network.hessianProduct(u), await network.hessianProduct(v)];
      assert.ok(Math.abs(dot(u, hv) - dot(v, hu)) < 1e-5 * norm(u) * norm(hv), `${dot(u, hv)} and ${dot(v, hu)}`);
    });
  }

  test('linear softmax: X^T ((diag(p) - p p^T) (X V)) / n, worked out in double precision, also at a temperature', async () => {
    // One dense layer on a flattened image; all 240 images, which makes two batches. At temperature T the logits and both
    // factors X V and X^T are divided by T.
    const architecture: Architecture = {
      name: 'linear',
      input: [8, 8, 1],
      layers: [{ type: 'flatten' }, { type: 'dense', name: 'output', units: 4 }],
    };
    for (const temperature of [1, 5]) {
      const network = await open(architecture, { examples: 240, temperature });
      const direction = randomLike(network.kernels, 'direction');
      const [x, w, v] = [
        normalise(dataset, dataset.train),
        get(network.kernels, 'output/kernel').values,
        get(direction, 'output/kernel').values,
      ];
      const gradient = new Float64Array(256);
      const product = new Float64Array(256);
      for (let image = 0; image < 240; image++) {
        const row = x.subarray(image * 64, image * 64 + 64);
        const through = (m: Float32Array) =>
          [0, 1, 2, 3].map((c) => row.reduce((sum, value, i) => sum + (value * (m[4 * i + c] as number)) / temperature, 0));
        const [logits, moved] = [through(w), through(v)];
        const powers = logits.map(Math.exp);
        const p = powers.map((value) => value / powers.reduce((a, b) => a + b));
        const mean = p.reduce((sum, value, c) => sum + value * (moved[c] as number), 0);
        for (let i = 0; i < 64; i++) {
          for (let c = 0; c < 4; c++) {
            const input = (row[i] as number) / temperature / 240;
            gradient[4 * i + c] = (gradient[4 * i + c] as number) + input * ((p[c] as number) - Number(dataset.train.labels[image] === c));
            product[4 * i + c] = (product[4 * i + c] as number) + input * (p[c] as number) * ((moved[c] as number) - mean);
          }
        }
      }
      const close = (found: Arrays, expected: Float64Array) => {
        const exact = { 'output/kernel': ndArray([64, 4], expected) };
        assert.ok(norm(plus(found, exact, -1)) < 1e-5 * norm(exact));
      };
      close(await network.gradient(), gradient);
      close(await network.hessianProduct(direction), product);
    }
  });

  test('squared error has second derivatives too', async () => {
    const network = await open(smooth(smallArchitectures['mlp'] as Architecture), { loss: 'squaredError' });
    const direction = mapArrays(network.kernels, (w) => 0.1 * w);
    const [long, short] = [await errorAt(0.4, network, direction), await errorAt(0.2, network, direction)];
    assert.ok(short < 0.02 && long / short > 3 && long / short < 5, `errors ${long} and ${short}`);
  });
});

test('dropout is off: the derivatives are those of the network without it', async () => {
  const architecture = smallArchitectures['a block and dropout'] as Architecture;
  const [dropping, plain] = [await open(architecture), await open(withoutLayers(architecture, 'dropout'))];
  assert.deepEqual(await dropping.gradient(), await plain.gradient());
});

describe('synaptic flow', () => {
  test('of a linearised network: the activation makes no difference, and the flow is that of the products of weights', async () => {
    const flows = [];
    for (const function_ of ['relu', 'tanh', 'sigmoid'] as const) {
      const layers: Layer[] = [
        { type: 'flatten' },
        { type: 'dense', name: 'a', units: 3 },
        { type: 'activation', function: function_ },
        { type: 'dense', name: 'b', units: 2 },
      ];
      const network = await open({ name: 'two', input: [2, 1, 1], layers }, { dataset: tinyDataset({ shape: [2, 1, 1], classes: 2 }) });
      // (1, 1) A = (5, 7, 9), B 1 = (3, 7, 11): dR/dA[i, h] = B1[h], dR/dB[h, o] = (1 1) A [h].
      flows.push(
        await network.synapticFlow({ 'a/kernel': ndArray([2, 3], [1, 2, 3, 4, 5, 6]), 'b/kernel': ndArray([3, 2], [1, 2, 3, 4, 5, 6]) }),
      );
    }
    for (const flow of flows) {
      assert.deepEqual([...get(flow, 'a/kernel').values], [3, 7, 11, 3, 7, 11]);
      assert.deepEqual([...get(flow, 'b/kernel').values], [5, 5, 7, 7, 9, 9]);
    }
  });

  test('is kept from layer to layer: biases and BatchNorm change nothing', async () => {
    const network = await open(smallArchitectures['BatchNorm and average pooling'] as Architecture);
    const absolute = mapArrays(network.kernels, Math.abs);
    const flow = await network.synapticFlow(absolute);
    const sums = Object.keys(flow).map((name) => dot(pick(flow, [name]), pick(absolute, [name])));
    for (const sum of sums) assert.ok(Math.abs(sum / (sums[0] as number) - 1) < 1e-5, sums.join(' '));
  });

  test('that overflows is refused', async () => {
    const network = await open(smallArchitectures['mlp'] as Architecture);
    await assert.rejects(network.synapticFlow(mapArrays(network.kernels, () => 1e30)), /synaptic flow of 'mlp-12-8' overflows float32/);
  });
});

test('a sample larger than the training part and a temperature of 0 are refused', async () => {
  const architecture = smallArchitectures['mlp'] as Architecture;
  await assert.rejects(open(architecture, { examples: 241 }), /invalid examples for gradients: expected 1 to 240, found 241/);
  await assert.rejects(open(architecture, { temperature: 0 }), /invalid temperature of the logits: expected a number above 0, found 0/);
});

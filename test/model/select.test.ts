import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NdArray, size } from '../../src/array.js';
import { batches } from '../../src/dataset/batches.js';
import type { Network } from '../../src/grow/growthOperator.js';
import { applyMask } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { architecture } from '../../src/model/families/families.js';
import { initialise } from '../../src/model/initialise.js';
import { outputShape, parameters, prunable } from '../../src/model/shapes.js';
import { reachable } from '../../src/prune/reachable.js';
import { compact } from '../../src/ticket/compact.js';
import { openTrainer } from '../../src/train/trainer.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';
import { difference, outputs } from '../grow/networks.js';

const choosing = (indices: number[]): Architecture => ({
  name: 'choosing',
  input: [2, 2, 1],
  layers: [{ type: 'flatten' }, { type: 'select', name: 'some', indices }],
});

test('the features of the given indices, in that order', async () => {
  const network: Network = { architecture: choosing([3, 0, 0]), weights: {}, mask: {} };
  assert.deepEqual([...(await outputs(network, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)))], [4, 1, 1, 8, 5, 5]);
  assert.deepEqual(outputShape(network.architecture), [3]);
  assert.deepEqual(parameters(network.architecture), []);
  assert.deepEqual([...(reachable(network.architecture, {})[1]?.live ?? [])], [1, 1, 1]);
});

test('indices that are not features are named', () => {
  assert.throws(() => outputShape(choosing([0, 4])), /index in select layer 'some': expected a whole number below 4, found 4/);
  assert.throws(() => outputShape(choosing([0.5])), /found 0.5/);
  assert.throws(() => outputShape(choosing([])), /at least one/);
  assert.throws(() => outputShape({ ...choosing([0]), layers: choosing([0]).layers.slice(1) }), /put a flatten before it/);
});

test('a compact network trains like the masked one: the same losses, step by step', async () => {
  const dataset = tinyDataset({ shape: [16, 16, 1] });
  const lenet = architecture('lenet-5', [16, 16, 1], 4);
  const start = initialise(lenet, 1, 'heNormal');
  // Biases of units that read nothing would learn in the masked network alone, so here units are removed that nobody reads: every other
  // one. Of the flattened image, a third of the rest is unread.
  const entries = prunable(lenet).map(({ name, shape }): [string, NdArray<Uint8Array>] => {
    const [inputs, units] = shape.slice(-2) as [number, number];
    const reads = (i: number) => name.startsWith('conv1') || (i % 2 === 0 && (!name.startsWith('dense1') || i % 3 > 0));
    return [name, { shape, values: Uint8Array.from({ length: size(shape) }, (_, i) => Number(reads(Math.floor(i / units) % inputs))) }];
  });
  const mask = Object.fromEntries(entries);
  const masked: Network = { architecture: lenet, mask, weights: applyMask(start, mask) };
  const small = compact(masked);
  const kernels = parameters(small.architecture)
    .filter((p) => p.prunable)
    .map((p) => p.shape.join());
  // 6, 16, 120 and 84 units are halved; 64 features of 8 x 2 x 2 places with an even number, of which 11 are multiples of 6.
  assert.deepEqual(kernels, ['5,5,1,3', '5,5,3,8', '21,60', '60,42', '42,4']);
  assert.ok(small.architecture.layers.some((layer) => layer.type === 'select'));

  const losses: Float32Array[] = [];
  for (const network of [masked, small]) {
    const trainer = await openTrainer({
      architecture: network.architecture,
      dataset,
      optimizer: { name: 'sgd', momentum: 0.9 },
      batchSize: 20,
    });
    trainer.load(network.mask, network.weights);
    const order = batches({ count: dataset.train.count, batchSize: 20, seed: 5 });
    const found = Array.from(
      { length: 15 },
      (_, step) => trainer.update([{ indices: order.indices(step).slice(), learningRate: 0.01, step, seed: 1 }])[0] as number,
    );
    losses.push(Float32Array.from(found));
    trainer.close();
  }
  const [a, b] = losses as [Float32Array, Float32Array];
  assert.ok(a.every((loss) => Number.isFinite(loss)) && (a[14] as number) < (a[0] as number));
  assert.ok(difference(a, b) < 1e-4, `${a} and ${b}`);
});

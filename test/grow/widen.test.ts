import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, ndArray } from '../../src/array.js';
import type { Network } from '../../src/grow/growthOperator.js';
import { widen, type WidenOptions } from '../../src/grow/widen.js';
import { mask as maskOf } from '../../src/mask.js';
import { mlp } from '../../src/model/families/mlp.js';
import { parameters } from '../../src/model/shapes.js';
import { type Random, stream } from '../../src/random.js';
import { compact } from '../../src/ticket/compact.js';
import { architectures, randomNetwork } from './networks.js';

const grow = (n: Network, options: WidenOptions, random: Random = stream(1, 'grow')): Network => widen.grow(n, options, random);

/** A stream whose `integer` gives the listed numbers. */
const drawing = (numbers: number[]): Random => ({ ...stream(1, 'x'), integer: () => numbers.shift() as number });

test('by hand: unit 0 copied twice, its outgoing weights in thirds', () => {
  const network: Network = {
    architecture: mlp('hand', [2], [1, 2, 1], 1),
    weights: {
      'dense1/kernel': ndArray([2, 2], [1, 2, 0, 4]),
      'dense1/bias': ndArray([2], [5, 6]),
      'output/kernel': ndArray([2, 1], [9, 7]),
      'output/bias': ndArray([1], [8]),
    },
    mask: maskOf({ 'dense1/kernel': { shape: [2, 2], values: [1, 1, 0, 1] }, 'output/kernel': { shape: [2, 1], values: [1, 1] } }),
  };
  const wide = grow(network, { layer: 'dense1', count: 2 }, drawing([0, 0]));
  assert.deepEqual([...get(wide.weights, 'dense1/kernel').values], [1, 2, 1, 1, 0, 4, 0, 0]);
  assert.deepEqual([...get(wide.mask, 'dense1/kernel').values], [1, 1, 1, 1, 0, 1, 0, 0]);
  assert.deepEqual([...get(wide.weights, 'dense1/bias').values], [5, 6, 5, 5]);
  assert.deepEqual([...get(wide.weights, 'output/kernel').values], [3, 7, 3, 3]);
  assert.deepEqual([...get(wide.mask, 'output/kernel').values], [1, 1, 1, 1]);
  assert.equal(wide.architecture.name, 'hand+dense1:4');
});

test('a stage is widened in every tensor of its stream, and nowhere else', () => {
  const wide = grow(randomNetwork(architectures.resnet8, 0.5), { layer: 'stage2', count: 3 });
  const shapes = Object.fromEntries(
    parameters(wide.architecture)
      .filter((p) => p.prunable)
      .map((p) => [p.layer, p.shape.slice(-2).join()]),
  );
  assert.deepEqual(shapes, {
    conv: '3,4',
    'stage1.block1.conv1': '4,4',
    'stage1.block1.conv2': '4,4',
    'stage2.block1.conv1': '4,8',
    'stage2.block1.conv2': '8,11',
    'stage2.block1.shortcut': '4,11',
    'stage3.block1.conv1': '11,16',
    'stage3.block1.conv2': '16,16',
    'stage3.block1.shortcut': '11,16',
    output: '16,5',
  });
});

test('noise is on the kept incoming weights of the copies alone', () => {
  const network = randomNetwork(architectures.mlp, 0.5);
  const [plain, noisy] = [0, 0.1].map((noise) => grow(network, { layer: 'dense1', count: 30, noise })) as [Network, Network];
  const [a, b] = [get(plain.weights, 'dense1/kernel').values, get(noisy.weights, 'dense1/kernel').values];
  const bits = get(noisy.mask, 'dense1/kernel').values;
  let [sum, n] = [0, 0];
  b.forEach((w, i) => {
    const moved = w !== a[i];
    assert.equal(moved, i % 42 >= 12 && bits[i] === 1, `at ${i}`);
    if (moved) [sum, n] = [sum + (w - (a[i] as number)) ** 2, n + 1];
  });
  // About 240 draws: a standard deviation within 15 %, more than three of its standard errors.
  assert.ok(Math.abs(Math.sqrt(sum / n) / 0.1 - 1) < 0.15, `${Math.sqrt(sum / n)}`);
  assert.deepEqual([...get(plain.weights, 'output/kernel').values], [...get(noisy.weights, 'output/kernel').values]);
});

test('layers that cannot be widened are named', () => {
  const network = randomNetwork(architectures.mlp, 0.5);
  assert.throws(() => grow(network, { layer: 'output', count: 1 }), /invalid layer to widen.*found 'output'/);
  assert.throws(() => grow(network, { layer: 'dense', count: 1 }), /unknown layer of 'mlp-12-9': 'dense'. Did you mean 'dense1'/);
  assert.throws(() => grow(network, { layer: 'dense1', count: 0 }), /at least 1, found 0/);
  assert.throws(() => grow(network, { layer: 'dense1', count: 1, noise: Number.NaN }), /noise of widen/);
  const selected = compact(randomNetwork(architectures.lenet5, 0.03));
  assert.throws(() => grow(selected, { layer: 'conv2', count: 1 }), /no 'select' layer reads/);
});

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs';
import { get, ndArray, size } from '../../src/array.js';
import { denseMask, type Mask, mask as maskOf } from '../../src/mask.js';
import type { Architecture, Layer, Shape } from '../../src/model/architecture.js';
import { forwardLayers } from '../../src/model/layers/kinds.js';
import { prunable } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { hasPath } from '../../src/prune/hasPath.js';
import { reachable } from '../../src/prune/reachable.js';
import { stream } from '../../src/random.js';

const net = (input: Shape, ...layers: Layer[]): Architecture => ({ name: 'test', input, layers });
const dense = (name: string, units: number): Layer => ({ type: 'dense', name, units });
const relu: Layer = { type: 'activation', function: 'relu' };
const outputs = (architecture: Architecture, mask: Mask): number[] => [...(reachable(architecture, mask).at(-1)?.live ?? [])];

before(() => openTensorflow());

test('dense chain: a path is an unbroken chain of kept weights', () => {
  const mlp = net([2], dense('a', 2), relu, dense('b', 2));
  const masks = (a: number[], b: number[]) =>
    maskOf({ 'a/kernel': { shape: [2, 2], values: a }, 'b/kernel': { shape: [2, 2], values: b } });
  assert.deepEqual(outputs(mlp, masks([1, 0, 0, 0], [0, 1, 0, 0])), [0, 1]); // input 0 - unit 0 - output 1
  assert.equal(hasPath(mlp, masks([1, 0, 0, 0], [0, 1, 0, 0])), true);
  // Both layers keep weights, but into unit 0 and out of unit 1.
  assert.equal(hasPath(mlp, masks([1, 0, 1, 0], [0, 0, 1, 1])), false);
  assert.equal(hasPath(mlp, masks([1, 1, 1, 1], [0, 0, 0, 0])), false);
});

test('parameters that the mask does not name are kept', () => {
  const mlp = net([2], dense('a', 2), dense('b', 1));
  assert.equal(hasPath(mlp, maskOf({ 'a/kernel': { shape: [2, 2], values: [0, 1, 0, 0] } })), true);
  assert.equal(hasPath(mlp, maskOf({ 'a/kernel': { shape: [2, 2], values: [0, 0, 0, 0] } })), false);
  assert.equal(hasPath(mlp, {}), true);
});

test('flatten is channels-last: value (y W + x) C + c', () => {
  // Channel 1 of 3 only, on an image of 2 x 2: positions 1, 4, 7, 10 of the flat vector.
  const conv: Layer = { type: 'convolution', name: 'c', filters: 3, size: 1 };
  const architecture = net([2, 2, 1], conv, { type: 'flatten' }, dense('d', 1));
  for (let position = 0; position < 12; position++) {
    const mask = maskOf({
      'c/kernel': { shape: [1, 1, 1, 3], values: [0, 1, 0] },
      'd/kernel': { shape: [12, 1], values: Array.from({ length: 12 }, (_, i) => Number(i === position)) },
    });
    assert.equal(hasPath(architecture, mask), [1, 4, 7, 10].includes(position), `position ${position}`);
  }
});

test('a kernel position that only meets padding carries nothing', () => {
  const conv: Layer = { type: 'convolution', name: 'c', filters: 1, size: 3 };
  const corner = maskOf({ 'c/kernel': { shape: [3, 3, 1, 1], values: [1, 0, 0, 0, 0, 0, 0, 0, 0] } });
  const centre = maskOf({ 'c/kernel': { shape: [3, 3, 1, 1], values: [0, 0, 0, 0, 1, 0, 0, 0, 0] } });
  assert.equal(hasPath(net([1, 1, 1], conv), corner), false);
  assert.equal(hasPath(net([1, 1, 1], conv), centre), true);
  assert.deepEqual(outputs(net([2, 2, 1], conv), corner), [0, 0, 0, 1]);
});

test('a residual block stays open through its shortcut, and closes with a pruned one', () => {
  const body: Layer = { type: 'convolution', name: 'body', filters: 1, size: 3 };
  const projection: Layer = { type: 'convolution', name: 'projection', filters: 1, size: 1 };
  const block = (shortcut?: Layer[]): Architecture =>
    net([3, 3, 1], { type: 'residual', name: 'r', body: [body], ...(shortcut && { shortcut }) });
  const dead = { shape: [3, 3, 1, 1], values: Array(9).fill(0) };
  assert.equal(hasPath(block(), maskOf({ 'body/kernel': dead })), true);
  const pruned = { shape: [1, 1, 1, 1], values: [0] };
  assert.equal(hasPath(block([projection]), maskOf({ 'body/kernel': dead, 'projection/kernel': pruned })), false);
  assert.equal(hasPath(block([projection]), maskOf({ 'body/kernel': dead })), true);
});

/** The same question put to TensorFlow: with the mask as weights and an input of ones, an output is above 0 where a path leads. */
function byForwardPass(architecture: Architecture, mask: Mask): number[] {
  return tf.tidy(() => {
    const parameter = (name: string): Tensor => {
      const { shape, values } = get(mask, name);
      return tf.tensor(Float32Array.from(values), [...shape]);
    };
    const context = { parameter, training: false, statistics: {}, secondOrder: false, noise: () => tf.zeros([1]) };
    const y = forwardLayers(architecture.layers, tf.ones([1, ...architecture.input]), context);
    return [...y.dataSync()].map((value) => Number(value > 0));
  });
}

test('agrees with TensorFlow on random masks of networks with strides, paddings, pools and residual blocks', () => {
  const convolution = (name: string, filters: number, side: number, stride: number, padding: 'same' | 'valid'): Layer => ({
    type: 'convolution',
    name,
    filters,
    size: side,
    stride,
    padding,
    bias: false,
  });
  const noBias = (name: string, units: number): Layer => ({ type: 'dense', name, units, bias: false });
  const block: Layer = {
    type: 'residual',
    name: 'r',
    body: [convolution('r1', 3, 3, 2, 'same'), relu, convolution('r2', 3, 3, 1, 'same')],
    shortcut: [convolution('r0', 3, 1, 2, 'same')],
  };
  const architectures = [
    net([4], noBias('a', 3), relu, noBias('b', 3), relu, noBias('c', 2)),
    net([6, 5, 2], convolution('a', 3, 3, 2, 'same'), relu, convolution('b', 2, 2, 1, 'valid'), { type: 'flatten' }, noBias('d', 3)),
    net([7, 7, 1], convolution('a', 2, 5, 1, 'valid'), { type: 'maxPool', size: 2 }, convolution('b', 2, 3, 1, 'same'), {
      type: 'flatten',
    }),
    net(
      [5, 6, 1],
      convolution('a', 2, 4, 3, 'same'),
      { type: 'averagePool', size: 3, stride: 2, padding: 'same' },
      { type: 'flatten' },
      noBias('d', 2),
    ),
    net([5, 5, 2], convolution('a', 2, 3, 1, 'same'), relu, block, relu, { type: 'globalAveragePool' }, noBias('d', 3)),
  ];
  const draws = stream(12, 'masks');
  let [cut, whole] = [0, 0];
  for (const architecture of architectures) {
    for (let trial = 0; trial < 120; trial++) {
      const density = 0.02 + 0.5 * draws.uniform() ** 2;
      const mask = maskOf(
        Object.fromEntries(
          prunable(architecture).map(({ name, shape }) => [
            name,
            { shape, values: Array.from({ length: size(shape) }, () => Number(draws.uniform() < density)) },
          ]),
        ),
      );
      const expected = byForwardPass(architecture, mask);
      assert.deepEqual(outputs(architecture, mask), expected);
      assert.equal(hasPath(architecture, mask), expected.includes(1));
      if (expected.includes(1)) whole++;
      else cut++;
    }
  }
  assert.ok(cut > 50 && whole > 50, `both answers were asked for: ${cut} cut, ${whole} whole`);
});

test('a mask of another architecture is refused by name', () => {
  const mask = denseMask({ 'a/kernel': ndArray([3, 2]) });
  assert.throws(() => hasPath(net([2], dense('a', 2)), mask), /mismatched mask 'a\/kernel': expected shape \[2,2\], found \[3,2\]/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../../src/array.js';
import { deepen, type DeepenOptions } from '../../src/grow/deepen.js';
import type { Network } from '../../src/grow/growthOperator.js';
import { layerNames } from '../../src/grow/layerNames.js';
import { findPlace } from '../../src/grow/place.js';
import type { Architecture } from '../../src/model/architecture.js';
import { mlp } from '../../src/model/families/mlp.js';
import { resnet } from '../../src/model/families/resnet.js';
import { stream } from '../../src/random.js';
import { type ArchitectureName, architectures, difference, images, outputs, randomNetwork } from './networks.js';

const network = (name: ArchitectureName, density = 0.5): Network => randomNetwork(architectures[name], density);
const grow = (n: Network, options: DeepenOptions, seed = 1): Network => deepen.grow(n, options, stream(seed, 'grow'));
const structure = ({ input, layers }: Architecture) => ({ input, layers });

test('an MLP grows into the MLP with one more hidden layer', () => {
  const grown = grow(randomNetwork(mlp('a', [8], [3, 3, 1], 4), 0.5), { init: 'identity' });
  assert.deepEqual(structure(grown.architecture), structure(mlp('b', [8, 8], [3, 3, 1], 4)));
  assert.deepEqual(Object.keys(grown.weights), [
    'dense1/kernel',
    'dense1/bias',
    'dense2/kernel',
    'dense2/bias',
    'output/kernel',
    'output/bias',
  ]);
  const kernel = get(grown.weights, 'dense2/kernel').values;
  for (let i = 0; i < 64; i++) assert.equal(kernel[i], i % 9 === 0 ? 1 : 0);
  assert.ok(get(grown.mask, 'dense2/kernel').values.every((bit) => bit === 1));
});

test('five growths give the names of the family, and six layers', () => {
  let n = randomNetwork(mlp('a', [8], [3, 3, 1], 4), 0.5);
  for (let i = 0; i < 5; i++) n = grow(n, { init: 'identity' }, i);
  assert.deepEqual(structure(n.architecture), structure(mlp('b', [8, 8, 8, 8, 8, 8], [3, 3, 1], 4)));
});

test('a stage of a ResNet grows into the stage with one more block', () => {
  const grown = grow(randomNetwork(resnet('a', 1, 4, [8, 8, 3], 5), 0.5), { init: 'dirac', after: 'stage3' });
  const twice = structure(resnet('b', 2, 4, [8, 8, 3], 5)).layers.filter((layer) => 'name' in layer && layer.name === 'stage3.block2');
  assert.deepEqual(
    grown.architecture.layers.filter((layer) => 'name' in layer && layer.name === 'stage3.block2'),
    twice,
  );
  assert.deepEqual(
    layerNames(grown.architecture.layers).filter((name) => name.includes('block') && !name.includes('.conv') && !/norm|short/i.test(name)),
    ['stage1.block1', 'stage2.block1', 'stage3.block1', 'stage3.block2'],
  );
});

test('a block in every stage of ResNet-8 gives ResNet-14', () => {
  let n = randomNetwork(resnet('a', 1, 4, [8, 8, 3], 5), 0.5);
  for (const stage of ['stage1', 'stage2', 'stage3']) n = grow(n, { init: 'zeroResidual', after: stage });
  assert.deepEqual(structure(n.architecture), structure(resnet('b', 2, 4, [8, 8, 3], 5)));
});

for (const name of Object.keys(architectures) as ArchitectureName[]) {
  test(`${name}: identity keeps the function at any place after a ReLU`, async () => {
    const n = network(name);
    const pixels = images(n.architecture);
    const before = await outputs(n, pixels);
    let places = 0;
    for (let index = 0; index < n.architecture.layers.length - 1; index++) {
      if (!findPlace(n.architecture, index).nonNegative) continue;
      places++;
      assert.ok(difference(before, await outputs(grow(n, { init: 'identity', after: index }), pixels)) < 1e-5, `after layer ${index}`);
    }
    assert.ok(places >= 2);
  });
}

test('zeroResidual keeps the function in evaluation and in training mode', async () => {
  const n = network('resnet8');
  const grown = grow(n, { init: 'zeroResidual', after: 'stage2' });
  const pixels = images(n.architecture);
  for (const training of [false, true]) {
    assert.ok(difference(await outputs(n, pixels, training), await outputs(grown, pixels, training)) < 1e-5);
  }
  assert.ok(
    get(grown.weights, 'stage2.block2.conv1/kernel').values.some((w) => w !== 0),
    'its kernels can learn at once',
  );
});

test('a Dirac block doubles the values, as the paper has it', async () => {
  // Fresh BatchNorm in evaluation mode divides by sqrt(1 + 1e-5), twice: x + x / (1 + 1e-5).
  const headless: Architecture = {
    name: 'values',
    input: [4, 4, 2],
    layers: [
      { type: 'convolution', name: 'conv', filters: 3, size: 3 },
      { type: 'activation', function: 'relu' },
    ],
  };
  const n = randomNetwork(headless, 1);
  const pixels = images(headless);
  const twice = (await outputs(n, pixels)).map((v) => v * (1 + 1 / (1 + 1e-5)));
  const grown = grow(n, { init: 'dirac' });
  assert.deepEqual(layerNames(grown.architecture.layers).slice(0, 2), ['conv', 'stage1.block1']);
  assert.ok(difference(twice, await outputs(grown, pixels)) < 1e-6);
});

test('random weights come from a stream for each parameter', () => {
  const one = grow(network('resnet8'), { init: 'random', initialiser: 'heNormal' });
  const other = grow(network('resnet8'), { init: 'random', initialiser: 'heNormal' }, 2);
  const [a, b, c] = [one, one, other].map((n, i) => get(n.weights, `stage3.block2.conv${i === 1 ? 2 : 1}/kernel`).values);
  assert.notDeepEqual(a, b);
  assert.notDeepEqual(a, c);
  // He: the mean square is 2 / fanIn = 2 / (9 * 16); 2304 draws leave a relative error of sqrt(2 / 2304) = 3 %.
  const square = (a as Float32Array).reduce((sum, w) => sum + w * w, 0) / 2304;
  assert.ok(Math.abs(square * 72 - 1) < 0.12, `${square * 72}`);
});

test('an exact copy is refused where it would not be one', () => {
  assert.throws(() => grow(network('mlp'), { init: 'identity', after: 'flatten' }), /unknown layer of 'mlp-12-9': 'flatten'/);
  assert.throws(() => grow(network('mlp'), { init: 'identity', after: 0 }), /values can be negative/);
  assert.throws(() => grow(network('mlp'), { init: 'identity', after: 99 }), /below 6, found 99/);
  assert.throws(() => grow(network('mlp'), { init: 'dirac' }), /place for a new block layer/);
  assert.throws(
    () => grow(network('resnet8'), { init: 'identity', unit: 'block' }),
    /init of a new block layer: expected dirac, zeroResidual, random/,
  );
  assert.throws(() => grow(network('conv2'), { init: 'identity', after: 'conv1', size: 2 }), /an odd number/);
  const tanh: Architecture = {
    name: 'tanh',
    input: [2, 2, 1],
    layers: [
      { type: 'flatten' },
      { type: 'dense', name: 'a', units: 3 },
      { type: 'activation', function: 'tanh' },
      { type: 'dense', name: 'output', units: 2 },
    ],
  };
  assert.throws(() => grow(randomNetwork(tanh, 1), { init: 'identity' }), /put it after a ReLU/);
  assert.deepEqual(layerNames(grow(randomNetwork(tanh, 1), { init: 'random' }).architecture.layers), ['a', 'a2', 'output']);
  const linear = randomNetwork(mlp('linear', [], [2, 2, 1], 2), 1);
  assert.throws(() => grow(linear, { init: 'identity' }), /missing activation in 'linear'/);
});

test('a network whose arrays do not fit is named', () => {
  const n = network('mlp');
  assert.throws(() => grow({ ...n, mask: {} }, { init: 'identity' }), /missing 'dense1\/kernel' in mask of 'mlp-12-9'/);
});

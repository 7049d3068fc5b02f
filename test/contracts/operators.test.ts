/** What every growth operator promises, on each family: a new operator is tested as soon as it is listed and has a case here. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Arrays, firstDifference, get, mapEach, ndArray, type Values } from '../../src/array.js';
import type { GrowthOperator, Network } from '../../src/grow/growthOperator.js';
import { type OperatorName, operators } from '../../src/grow/operators.js';
import { kept } from '../../src/mask.js';
import { parameterCount, parameters, prunable } from '../../src/model/shapes.js';
import { openTensorflow } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { type ArchitectureName, architectures, difference, images, outputs, randomNetwork, snapshot } from '../grow/networks.js';

before(() => openTensorflow().then(() => undefined));

/** A random matrix of the shape that GradMax asks for. */
function evidence(name: ArchitectureName, layer: string, next: string) {
  const find = (wanted: string) => parameters(architectures[name]).find((p) => p.name === `${wanted}/kernel`)?.shape as readonly number[];
  const [a, b] = [find(layer), find(next)];
  const units = a[a.length - 1] as number;
  const size = (shape: readonly number[]) => shape.reduce((x, y) => x * y, 1);
  const [rows, columns] = [size(b) / units, size(a) / units];
  const random = stream(4, 'evidence');
  return ndArray(
    [rows, columns],
    Float32Array.from({ length: rows * columns }, () => random.normal()),
  );
}

const gradMaxAt = (name: ArchitectureName, layer: string, next: string, zero?: 'incoming') => ({
  layer,
  count: 2,
  crossCovariance: evidence(name, layer, next),
  ...(zero && { zero }),
});
const both = [
  { by: 'random', fraction: 0.5 },
  { by: 'gradient', count: 5 },
];

/** Options by operator and network. Gradients are filled in below. */
const cases: Record<OperatorName, Record<ArchitectureName, object[]>> = {
  deepen: {
    mlp: [{ init: 'identity' }, { init: 'random', after: 'dense1' }],
    lenet5: [{ init: 'identity', after: 'conv1', size: 5 }, { init: 'dirac', unit: 'convolution', after: 'conv2' }, { init: 'random' }],
    conv2: [{ init: 'identity' }, { init: 'identity', after: 'conv1' }, { init: 'random', after: 'conv1', initialiser: 'glorotUniform' }],
    vgg: [{ init: 'identity' }, { init: 'zeroResidual' }, { init: 'random' }],
    resnet8: [{ init: 'zeroResidual', after: 'stage1' }, { init: 'dirac' }, { init: 'random', after: 'stage2' }],
    resnet14: [{ init: 'zeroResidual' }, { init: 'dirac', after: 'stage2.block1' }],
    detector: [{ init: 'zeroResidual', after: 'backbone.stage1' }, { init: 'identity' }],
  },
  widen: {
    mlp: [
      { layer: 'dense1', count: 5 },
      { layer: 'dense2', count: 20 },
      { layer: 'dense1', count: 3, noise: 0.1 },
    ],
    lenet5: [
      { layer: 'conv1', count: 3 },
      { layer: 'conv2', count: 4 },
      { layer: 'dense1', count: 7 },
    ],
    conv2: [
      { layer: 'conv2', count: 6 },
      { layer: 'conv1', count: 1 },
    ],
    vgg: [
      { layer: 'conv1', count: 3 },
      { layer: 'conv3', count: 8 },
    ],
    resnet8: [
      { layer: 'stage1.block1.conv1', count: 4 },
      { layer: 'conv', count: 4 },
      { layer: 'stage2', count: 3 },
      { layer: 'stage3.block1', count: 16 },
    ],
    resnet14: [
      { layer: 'stage2', count: 6 },
      { layer: 'stage3.block2.conv1', count: 2 },
    ],
    detector: [
      { layer: 'backbone.stage4.block1', count: 2 },
      { layer: 'neck.merge2', count: 3 },
      { layer: 'heads.boxes.conv', count: 1 },
    ],
  },
  gradMax: {
    mlp: [gradMaxAt('mlp', 'dense1', 'dense2'), gradMaxAt('mlp', 'dense2', 'output')],
    lenet5: [gradMaxAt('lenet5', 'dense1', 'dense2')],
    conv2: [gradMaxAt('conv2', 'conv1', 'conv2'), gradMaxAt('conv2', 'dense1', 'output')],
    vgg: [gradMaxAt('vgg', 'conv2', 'conv3')],
    resnet8: [gradMaxAt('resnet8', 'stage2.block1.conv1', 'stage2.block1.conv2')],
    resnet14: [gradMaxAt('resnet14', 'stage1.block2.conv1', 'stage1.block2.conv2')],
    detector: [gradMaxAt('detector', 'backbone.stage2.block1.conv1', 'backbone.stage2.block1.conv2')],
  },
  regrow: { mlp: both, lenet5: both, conv2: both, vgg: both, resnet8: both, resnet14: both, detector: both },
  dropAndGrow: Object.fromEntries(
    Object.keys(architectures).map((name) => [
      name,
      [
        { by: 'random', fraction: 0.3 },
        { by: 'gradient', fraction: 0.1 },
      ],
    ]),
  ) as Record<ArchitectureName, object[]>,
};

/** Whether every old entry stands at the same place of the new arrays. */
function carries(old: Arrays, grown: Arrays): boolean {
  return Object.entries(old).every(([name, { shape, values }]) => {
    const { shape: wide, values: bigger } = get(grown, name);
    return values.every((w, i) => {
      let [rest, stride, place] = [i, 1, 0];
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        place += (rest % (shape[axis] as number)) * stride;
        rest = Math.floor(rest / (shape[axis] as number));
        stride *= wide[axis] as number;
      }
      return Object.is(bigger[place], w);
    });
  });
}

function gradientsOf({ weights, mask }: Network) {
  const random = stream(9, 'gradients');
  return mapEach(mask as Arrays<Values>, (_, name) => ({
    shape: get(weights, name).shape,
    values: get(weights, name).values.map(() => random.normal()),
  })) as Arrays;
}

for (const [name, operator] of Object.entries(operators) as [OperatorName, GrowthOperator<object>][]) {
  for (const family of Object.keys(architectures) as ArchitectureName[]) {
    const list = cases[name]?.[family] ?? [];
    test(`${name} on ${family}: keeps what it claims`, async () => {
      assert.ok(list.length > 0, 'no case for this operator: add one');
      for (const given of list) {
        for (const density of [1, 0.5, 0.1]) {
          const network = randomNetwork(architectures[family], density, stream(3, family, density * 10));
          const options = 'by' in given ? { ...given, gradients: gradientsOf(network) } : given;
          if (density === 1 && name === 'regrow') continue;
          const frozen = snapshot(network);
          const grown = operator.grow(network, options, stream(5, 'grow'));
          const where = `${JSON.stringify(given).slice(0, 100)} at density ${density}`;

          assert.equal(
            firstDifference(frozen.weights, network.weights) ?? firstDifference(frozen.mask, network.mask),
            undefined,
            `input changed: ${where}`,
          );
          const again = operator.grow(network, options, stream(5, 'grow'));
          assert.equal(
            firstDifference(grown.weights, again.weights) ?? firstDifference(grown.mask, again.mask),
            undefined,
            `same stream, other bits: ${where}`,
          );
          assert.deepEqual(again.architecture, grown.architecture);

          const expected = parameters(grown.architecture);
          assert.deepEqual(
            Object.keys(grown.weights),
            expected.map((p) => p.name),
            where,
          );
          for (const p of expected)
            assert.deepEqual(
              [get(grown.weights, p.name).shape, get(grown.weights, p.name).values.length],
              [p.shape, p.shape.reduce((a, b) => a * b, 1)],
            );
          assert.deepEqual(
            Object.keys(grown.mask),
            prunable(grown.architecture).map((p) => p.name),
            where,
          );
          for (const [key, { shape, values }] of Object.entries(grown.mask)) {
            const weights = get(grown.weights, key);
            assert.deepEqual(shape, weights.shape);
            assert.ok(
              values.every((bit, i) => bit === 1 || Object.is(weights.values[i], 0)),
              `pruned weights are 0: ${where}`,
            );
          }
          assert.ok(parameterCount(grown.architecture) >= parameterCount(network.architecture));

          const claims = operator.preserves(options);
          if (claims.includes('function')) {
            const pixels = images(network.architecture);
            const apart = difference(await outputs(network, pixels), await outputs(grown, pixels));
            assert.ok(apart < 1e-5, `${where}: outputs differ by ${apart}`);
          }
          if (claims.includes('weights')) assert.ok(carries(network.weights, grown.weights), where);
          if (claims.includes('mask')) assert.equal(kept(grown.mask), kept(network.mask), where);
        }
      }
    });
  }

  test(`${name}: says what it is and where it comes from`, () => {
    assert.equal(operator.name, name);
    assert.match(operator.summary, /^.{10,80}$/);
    assert.match(operator.source, /arXiv:\d{4}\.\d{5}/);
  });

  test(`${name}: names what is missing in a network that does not fit`, () => {
    const network = randomNetwork(architectures.mlp, 0.5);
    const options = cases[name].mlp[0] as object;
    assert.throws(() => operator.grow({ ...network, mask: {} }, options, stream(1, 'grow')), /missing 'dense1\/kernel' in mask/);
    assert.throws(() => operator.grow({ ...network, weights: {} }, options, stream(1, 'grow')), /missing 'dense1\/kernel' in weights/);
  });
}

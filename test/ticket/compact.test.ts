import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Arrays, firstDifference, get, mapEach, ndArray } from '../../src/array.js';
import type { Network } from '../../src/grow/growthOperator.js';
import { kept, mask as maskOf } from '../../src/mask.js';
import type { Architecture, Layer } from '../../src/model/architecture.js';
import { multiplyAdds, parameterCount, parameters } from '../../src/model/shapes.js';
import { openTensorflow } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { compact } from '../../src/ticket/compact.js';
import { foldConstants } from '../../src/ticket/foldConstants.js';
import { type ArchitectureName, architectures, difference, images, outputs, randomNetwork, snapshot } from '../grow/networks.js';

before(() => openTensorflow().then(() => undefined));

/** In a chain of layers: each unit is read, and reads something or gives a constant to a convolution that pads. */
function nothingLeftToRemove({ architecture, mask }: Network): void {
  const kernels = Object.values(mask);
  const entries = kernels.map(({ shape, values }) => {
    const [inputs, outputs] = shape.slice(-2) as [number, number];
    return [...values.keys()].filter((i) => values[i] === 1).map((i) => [Math.floor(i / outputs) % inputs, i % outputs] as const);
  });
  const selected = architecture.layers.flatMap((layer) => (layer.type === 'select' ? [layer] : []));
  kernels.slice(0, -1).forEach(({ shape }, k) => {
    const units = shape[shape.length - 1] as number;
    const next = kernels[k + 1] as (typeof kernels)[number];
    const flattened = shape.length === 4 && next.shape.length === 2;
    const indices = flattened ? selected[0]?.indices : undefined;
    const read = new Set((entries[k + 1] ?? []).map(([input]) => (indices === undefined ? input : (indices[input] as number)) % units));
    const fed = new Set((entries[k] ?? []).map(([, output]) => output));
    if (units > 1) assert.equal(read.size, units, `each unit of kernel ${k} is read`);
    if (units > 1 && next.shape.length === 2) assert.equal(fed.size, units, `each unit of kernel ${k} reads`);
  });
}

const relu: Layer = { type: 'activation', function: 'relu' };

for (const name of Object.keys(architectures) as ArchitectureName[]) {
  for (const density of [1, 0.5, 0.1, 0.03]) {
    test(`${name} at density ${density}: smaller, and the same outputs`, async () => {
      for (const seed of [1, 2, 3, 4]) {
        const network = randomNetwork(architectures[name], density, stream(seed, name, density * 100));
        const frozen = snapshot(network);
        const small = compact(network);
        assert.equal(
          firstDifference(frozen.weights, network.weights) ?? firstDifference(frozen.mask, network.mask),
          undefined,
          'the input stays',
        );
        const pixels = images(network.architecture);
        const apart = difference(await outputs(network, pixels), await outputs(small, pixels));
        assert.ok(apart < 1e-5, `seed ${seed}: outputs differ by ${apart}`);
        assert.deepEqual(
          Object.keys(small.weights),
          parameters(small.architecture).map((p) => p.name),
        );
        assert.ok(kept(small.mask) <= kept(network.mask));
        const [before, after] = [network, small].map((n) => parameterCount(n.architecture)) as [number, number];
        if (density === 1) assert.equal(after, before);
        if (density === 0.03) assert.ok(after < before, `${before} parameters, then ${after}`);
        assert.ok(multiplyAdds(small.architecture) <= multiplyAdds(network.architecture));
        if (!name.startsWith('resnet') && name !== 'detector') nothingLeftToRemove(small);
      }
    });
  }

  test(`${name}: what is compact stays as it is, and a pruned one shrinks on`, async () => {
    const once = compact(randomNetwork(architectures[name], 0.1));
    const twice = compact(once);
    assert.deepEqual(twice.architecture, once.architecture);
    assert.equal(firstDifference(once.weights, twice.weights) ?? firstDifference(once.mask, twice.mask), undefined);
    const random = stream(6, 'prune on');
    const mask = mapEach(once.mask, ({ shape, values }) => ({ shape, values: values.map((bit) => bit & Number(random.uniform() < 0.4)) }));
    const pruned = {
      ...once,
      mask,
      weights: mapEach(once.weights, (array, key) => ({
        ...array,
        values: array.values.map((w, i) => (mask[key]?.values[i] === 0 ? 0 : w)),
      })),
    };
    const smaller = compact(pruned);
    const pixels = images(architectures[name]);
    assert.ok(parameterCount(smaller.architecture) < parameterCount(once.architecture));
    assert.ok(difference(await outputs(pruned, pixels), await outputs(smaller, pixels)) < 1e-5);
  });
}

/** Parameters at their declared shapes from plain lists; what is not given is 0 (variance 1, gamma 1), masks keep what is not 0. */
function given(architecture: Architecture, values: Record<string, number[]>): Network {
  const weights: Arrays = Object.fromEntries(
    parameters(architecture).map((p) => {
      const n = p.shape.reduce((a, b) => a * b, 1);
      return [p.name, ndArray(p.shape, values[p.name] ?? new Float32Array(n).fill(p.start ?? 0))];
    }),
  );
  const kernels = parameters(architecture).filter((p) => p.prunable);
  const mask = maskOf(
    Object.fromEntries(
      kernels.map((p) => [p.name, { shape: p.shape, values: [...get(weights, p.name).values].map((w) => Number(w !== 0)) }]),
    ),
  );
  return { architecture, weights, mask };
}

test('by hand: dead pixels, a unit that nobody reads, and a constant unit folded into the next bias', () => {
  const architecture: Architecture = {
    name: 'hand',
    input: [2, 2, 1],
    layers: [{ type: 'flatten' }, { type: 'dense', name: 'a', units: 4 }, relu, { type: 'dense', name: 'output', units: 2 }],
  };
  // Unit 0 reads pixel 1. Unit 1 reads pixel 2, but nobody reads it. Unit 2 reads nothing: relu(0.5) = 0.5. Unit 3: relu(-1) = 0.
  const network = given(architecture, {
    'a/kernel': [0, 0, 0, 0, /* pixel 1 */ 3, 0, 0, 0, /* pixel 2 */ 0, 7, 0, 0, /* pixel 3 */ 0, 0, 0, 0],
    'a/bias': [0.25, 9, 0.5, -1],
    'output/kernel': [1, 2, 0, 0, 4, 0, 5, 6],
    'output/bias': [10, 20],
  });
  const small = compact(network);
  assert.deepEqual(small.architecture, {
    name: 'hand~compact',
    input: [2, 2, 1],
    layers: [
      { type: 'flatten' },
      { type: 'select', name: 'a.select', indices: [1] },
      { type: 'dense', name: 'a', units: 1 },
      relu,
      { type: 'dense', name: 'output', units: 2 },
    ],
  });
  const values = Object.fromEntries(Object.entries(small.weights).map(([name, array]) => [name, [...array.values]]));
  // 10 + 0.5 * 4 = 12; the unit at 0 adds nothing.
  assert.deepEqual(values, { 'a/kernel': [3], 'a/bias': [0.25], 'output/kernel': [1, 2], 'output/bias': [12, 20] });
  assert.equal(kept(small.mask), 3);
});

/** Two convolutions on 3 x 3 images; the second channel of the first reads nothing and gives relu(bias). */
function twoConvolutions(bias: number, padding: 'same' | 'valid', norm: boolean): Network {
  const layers: Layer[] = [
    { type: 'convolution', name: 'a', filters: 2, size: 1 },
    relu,
    { type: 'convolution', name: 'b', filters: 1, size: 3, padding, ...(norm && { bias: false }) },
    ...(norm ? [{ type: 'batchNorm', name: 'n' } as const] : []),
    { type: 'globalAveragePool' },
    { type: 'dense', name: 'output', units: 2 },
  ];
  const kernel = Array.from({ length: 18 }, (_, i) => (i % 5) - 2.5);
  return given(
    { name: 'two', input: [3, 3, 1], layers },
    { 'a/kernel': [1.5, 0], 'a/bias': [0.1, bias], 'b/kernel': kernel, 'output/kernel': [1, -1], 'n/mean': [0.3], 'n/variance': [2] },
  );
}

test('a constant channel is folded where no border is padded, and stays where one is unless it is 0', async () => {
  const filtersOf = ({ architecture }: Network) => parameters(architecture)[0]?.shape[3];
  for (const [bias, padding, norm, filters] of [
    [0.5, 'valid', false, 1],
    [0.5, 'valid', true, 1],
    [0.5, 'same', false, 2],
    [0.5, 'same', true, 2],
    [-0.5, 'same', false, 1],
    [-0.5, 'same', true, 1],
  ] as const) {
    const network = twoConvolutions(bias, padding, norm);
    const small = compact(network);
    assert.equal(filtersOf(small), filters, `${bias} ${padding} ${norm}`);
    const pixels = images(network.architecture);
    assert.ok(difference(await outputs(network, pixels), await outputs(small, pixels)) < 1e-6);
  }
});

test('a constant goes into a new bias where a layer has none', () => {
  const layers: Layer[] = [
    { type: 'flatten' },
    { type: 'dense', name: 'a', units: 2 },
    { type: 'activation', function: 'sigmoid' },
    { type: 'dense', name: 'output', units: 1, bias: false },
  ];
  const network = given({ name: 'bare', input: [1, 1, 1], layers }, { 'a/kernel': [2, 0], 'output/kernel': [1, 3] });
  const folded = foldConstants(network);
  // sigmoid(0) * 3
  assert.deepEqual([...get(folded.weights, 'output/bias').values], [1.5]);
  assert.deepEqual([...get(folded.mask, 'output/kernel').values], [1, 0]);
});

test('a dead network is one unit wide and gives its constant', async () => {
  for (const name of ['mlp', 'lenet5', 'vgg', 'resnet8'] as const) {
    const network = randomNetwork(architectures[name], 0);
    const small = compact(network);
    const pixels = images(network.architecture);
    assert.ok(difference(await outputs(network, pixels), await outputs(small, pixels)) < 1e-5, name);
    assert.equal(kept(small.mask), 0);
    if (name === 'mlp')
      assert.deepEqual(
        parameters(small.architecture).map((p) => p.shape.join()),
        ['1,1', '1', '1,1', '1', '1,3', '3'],
      );
  }
});

test('a channel of a stream goes when no tensor of the stream is read in it, an inner one alone', () => {
  const network = randomNetwork(architectures.resnet8, 1);
  const silent = (name: string, channel: number): void => {
    const { shape, values } = get(network.mask, name);
    const weights = get(network.weights, name).values;
    const [inputs, filters] = shape.slice(-2) as [number, number];
    values.forEach((_, i) => {
      if (Math.floor(i / filters) % inputs === channel) {
        values[i] = 0;
        weights[i] = 0;
      }
    });
  };
  const shapeOf = (n: Network, name: string) => get(n.weights, `${name}/kernel`).shape.join();
  silent('stage1.block1.conv2/kernel', 3);
  silent('stage1.block1.conv1/kernel', 2);
  silent('stage2.block1.conv1/kernel', 2);
  const partly = compact(network);
  assert.equal(shapeOf(partly, 'stage1.block1.conv1'), '3,3,4,3', 'an inner channel is free');
  assert.equal(shapeOf(partly, 'conv'), '3,3,3,4', 'the shortcut of stage 2 still reads channel 2 of the stream');
  silent('stage2.block1.shortcut/kernel', 2);
  const small = compact(network);
  assert.equal(shapeOf(small, 'conv'), '3,3,3,3');
  assert.equal(shapeOf(small, 'stage1.block1.conv1'), '3,3,3,3');
  assert.equal(shapeOf(small, 'stage1.block1.conv2'), '3,3,3,3');
  assert.equal(get(small.weights, 'stage1.block1.norm2/mean').shape[0], 3);
  assert.equal(shapeOf(small, 'stage2.block1.shortcut'), '1,1,3,8');
});

test('weights that do not fit are named', () => {
  assert.throws(
    () => compact({ ...randomNetwork(architectures.mlp, 0.5), weights: {} }),
    /missing 'dense1\/kernel' in weights of 'mlp-12-9'/,
  );
});

/** Candidates for the next extension: which there are, and that they change nothing. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ndArray } from '../../src/array.js';
import { candidates, candidateText, extend, readerOf } from '../../src/grow/candidates.js';
import { architecture } from '../../src/model/families/families.js';
import { parameters } from '../../src/model/shapes.js';
import { openTensorflow } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { type ArchitectureName, architectures, difference, images, outputs, randomNetwork } from './networks.js';

before(() => openTensorflow().then(() => undefined));

const texts = (name: string, unit: 'layer' | 'block', widenBy = [0.5]) =>
  candidates(architecture(name, [8, 8, 1], 10), { unit, widenBy }).map(candidateText);

test('the extensions of seeds of one layer', () => {
  assert.deepEqual(texts('mlp-8', 'layer', [0.5, 1]), [
    'deepen after dense1',
    'widen dense1 by 4',
    'widen dense1 by 8',
    'gradMax dense1 by 4',
    'gradMax dense1 by 8',
  ]);
  // Ten outputs have ten directions.
  assert.deepEqual(texts('mlp-30', 'layer', [0.5, 1]).slice(-1), ['gradMax dense1 by 10']);
  // Each filter is read at 16 places of the output layer: no GradMax.
  assert.deepEqual(texts('convs-8', 'layer'), ['deepen after conv1', 'widen conv1 by 4']);
  assert.deepEqual(texts('blocks-8x0', 'block'), ['deepen after conv', 'widen conv by 4']);
});

test('GradMax does not reach across pooling', () => {
  const gradMaxes = (name: string): string[] => texts(name, 'layer').filter((text) => text.startsWith('gradMax'));
  const network = architecture('conv-4', [8, 8, 1], 10);
  // conv2 and conv4 are pooled before they are read; what conv1 reads has 9 directions.
  assert.deepEqual(gradMaxes('conv-4'), ['gradMax conv1 by 9', 'gradMax conv3 by 64', 'gradMax dense1 by 128', 'gradMax dense2 by 10']);
  assert.throws(() => readerOf(network, 'conv2'), /no single layer of its kind reads 'conv2'/);
  assert.equal(readerOf(network, 'conv1'), 'conv2');
});

test('residual networks: one place a stage, the stream of a stage as one group, the inside of blocks by GradMax', () => {
  assert.deepEqual(texts('resnet-14-4', 'block'), [
    'deepen after stage1.block2',
    'deepen after stage2.block2',
    'deepen after stage3.block2',
    ...['conv by 2', 'stage1.block1.conv1 by 2', 'stage1.block2.conv1 by 2'].map((text) => `widen ${text}`),
    ...['stage2.block1.conv1', 'stage2.block1.conv2', 'stage2.block2.conv1'].map((text) => `widen ${text} by 4`),
    ...['stage3.block1.conv1', 'stage3.block1.conv2', 'stage3.block2.conv1'].map((text) => `widen ${text} by 8`),
    ...['stage1.block1.conv1 by 2', 'stage1.block2.conv1 by 2', 'stage2.block1.conv1 by 4', 'stage2.block2.conv1 by 4'].map(
      (text) => `gradMax ${text}`,
    ),
    ...['stage3.block1.conv1 by 8', 'stage3.block2.conv1 by 8'].map((text) => `gradMax ${text}`),
  ]);
});

for (const name of ['mlp', 'conv2', 'resnet8'] satisfies ArchitectureName[]) {
  test(`${name}: every candidate extends the network and keeps its function`, async () => {
    const network = randomNetwork(architectures[name], 0.6);
    const x = images(architectures[name]);
    const unit = name === 'resnet8' ? 'block' : 'layer';
    const list = candidates(network.architecture, { unit, widenBy: [0.5] });
    assert.ok(list.length >= 3);
    for (const candidate of list) {
      const random = stream(1, 'extend');
      const size = (layer: string) => parameters(network.architecture).find((p) => p.name === `${layer}/kernel`)?.shape as number[];
      const evidence = () => {
        const [own, next] = [size(candidate.layer), size(readerOf(network.architecture, candidate.layer))];
        const units = own.at(-1) as number;
        const [rows, columns] = [next.reduce((a, b) => a * b) / units, own.reduce((a, b) => a * b) / units];
        return ndArray(
          [rows, columns],
          Float32Array.from({ length: rows * columns }, () => random.normal()),
        );
      };
      const grown = extend(network, candidate, random, candidate.operator === 'gradMax' ? { crossCovariance: evidence() } : {});
      assert.ok(Object.keys(grown.weights).length >= Object.keys(network.weights).length);
      assert.notEqual(JSON.stringify(grown.architecture.layers), JSON.stringify(network.architecture.layers));
      assert.ok(difference(await outputs(network, x), await outputs(grown, x)) < 1e-5, candidateText(candidate));
    }
  });
}

test('GradMax adds no more units than its evidence has directions', () => {
  const network = randomNetwork(architectures.mlp, 0.6);
  // [outputs of dense2, inputs of dense1] of rank one.
  const crossCovariance = ndArray(
    [9, 16],
    Float32Array.from({ length: 144 }, (_, i) => (1 + Math.floor(i / 16)) * ((i % 16) - 3)),
  );
  const grown = extend(network, { operator: 'gradMax', layer: 'dense1', count: 5 }, stream(1, 'x'), { crossCovariance });
  assert.deepEqual(grown.weights['dense1/kernel']?.shape, [16, 13]);
});

test('refused: no such reader, no evidence, shares that make no sense', () => {
  const mlp = architecture('mlp-8', [4, 4, 1], 10);
  assert.throws(() => readerOf(mlp, 'output'), /GradMax cannot widen/);
  assert.throws(() => candidates(mlp, { unit: 'layer', widenBy: [0] }), /share of units/);
  assert.throws(
    () => extend(randomNetwork(architectures.mlp, 0.6), { operator: 'gradMax', layer: 'dense1', count: 1 }, stream(1, 'x')),
    /missing crossCovariance/,
  );
});

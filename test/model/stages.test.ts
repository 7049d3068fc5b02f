/** Stages and blocks as the papers draw them: He et al. 2016 (ResNets), Simonyan & Zisserman 2015 (VGG), widths of MLPs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Architecture } from '../../src/model/architecture.js';
import { architecture, families } from '../../src/model/families/families.js';
import { parameters } from '../../src/model/shapes.js';
import { partsOf, stagesOf } from '../../src/model/stages.js';

const cifar = [32, 32, 3];
const net = (name: string, input = cifar): Architecture => architecture(name, input, 10);
const counts = (network: Architecture): number[] => stagesOf(network).map(({ blocks }) => blocks.length);

test('ResNets have three stages of (depth - 2) / 6 blocks, whose first block leads', () => {
  for (const depth of [8, 14, 20, 32, 44, 56]) {
    const stages = stagesOf(net(`resnet-${depth}`));
    assert.deepEqual(
      stages.map(({ blocks }) => blocks.length),
      [1, 1, 1].map((n) => (n * (depth - 2)) / 6),
    );
    stages.forEach(({ blocks }, s) => {
      blocks.forEach((block, b) => {
        assert.equal(block.name, `stage${s + 1}.block${b + 1}`);
        assert.deepEqual(block.output, [32 / 2 ** s, 32 / 2 ** s, 16 * 2 ** s]);
        assert.equal(block.leads, b === 0);
        assert.equal(block.downSamples, b === 0 && s > 0);
      });
    });
  }
});

test('MLPs have a stage for each width, VGG five of convolutions and one for its dense head', () => {
  assert.deepEqual(counts(net('mlp-300x2-100', [28, 28, 1])), [2, 1]);
  assert.deepEqual(counts(net('mlp-300x4-100', [28, 28, 1])), [4, 1]);
  assert.deepEqual(counts(net('lenet-300-100', [28, 28, 1])), [1, 1]);
  assert.deepEqual(counts(net('mlp-300x0', [28, 28, 1])), []);
  assert.deepEqual(counts(net('vgg-13')), [2, 2, 2, 2, 2]);
  assert.deepEqual(counts(net('vgg-13-5')), [2, 2, 2, 2, 2, 4]);
  assert.deepEqual(counts(net('vgg-16-3')), [2, 2, 3, 3, 3, 2]);
  // The head is 512 to 512 from its first layer on: there nothing leads.
  const head = stagesOf(net('vgg-13-5')).at(-1);
  assert.deepEqual(
    head?.blocks.map(({ leads }) => leads),
    [false, false, false, false],
  );
  const hidden = stagesOf(net('mlp-300x3-100', [28, 28, 1]))[0];
  assert.deepEqual(
    hidden?.blocks.map(({ leads }) => leads),
    [true, false, false],
  );
});

test('stages are read off the value: names and families play no part', () => {
  const relu = { type: 'activation', function: 'relu' } as const;
  const own: Architecture = {
    name: 'mine',
    input: [8, 8, 2],
    layers: [
      { type: 'batchNorm', name: 'white' },
      { type: 'convolution', name: 'a', filters: 4, size: 3 },
      { type: 'batchNorm', name: 'b' },
      relu,
      { type: 'convolution', name: 'c', filters: 4, size: 3 },
      { type: 'batchNorm', name: 'd' },
      relu,
      { type: 'maxPool', size: 2 },
      { type: 'convolution', name: 'e', filters: 4, size: 3 },
      { type: 'batchNorm', name: 'f' },
      relu,
      { type: 'flatten' },
      { type: 'dense', name: 'g', units: 64 },
      relu,
      { type: 'dense', name: 'h', units: 64 },
      relu,
      { type: 'dense', name: 'i', units: 64 },
    ],
  };
  assert.deepEqual(
    stagesOf(own).map(({ blocks }) => blocks.map(({ name }) => name)),
    [['a', 'c'], ['e'], ['g', 'h']],
  );
});

test('the parts of every family, in order, are its layers', () => {
  const named = ['mlp-30x3-20', 'lenet-5', 'conv-4', 'vgg-11', 'resnet-14', 'convs-8-16', 'blocks-8x2', 'backbone-4'];
  assert.equal(named.length, families.length, 'a family was added: put a network of it here');
  for (const name of named) {
    const network = net(name);
    const layers = partsOf(network).flatMap(({ stage, frame }) => stage?.blocks.flatMap((block) => block.layers) ?? frame ?? []);
    assert.deepEqual(layers, network.layers);
    assert.ok(parameters(network).length > 0);
  }
});

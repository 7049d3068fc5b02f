/** Families against the sizes that papers publish. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Architecture } from '../../src/model/architecture.js';
import { architecture, families } from '../../src/model/families/families.js';
import { depth, multiplyAdds, outputShape, parameterCount, parameters } from '../../src/model/shapes.js';

const mnist = [28, 28, 1];
const cifar = [32, 32, 3];

interface Expected {
  name: string;
  input: readonly number[];
  parameters: number;
  depth: number;
  multiplyAdds?: number;
}

// LeNet-300-100: 784 300 + 300 100 + 100 10 = 266,200 weights and 410 biases (266K in figure 2 of arXiv:1803.03635).
// Conv-2 and Conv-4 are 4.3M and 2.4M there. For Conv-6 the figure has 1.1M in convolutions, as here (1,145,408), and 1.7M in
// all, which its layers do not add up to: the first dense layer alone has 4096 256 weights.
// LeNet-5 on 28 x 28 images, padded in its first layer: 156 + 2416 + 400 120 + 120 + 10,164 + 850 = 61,706.
// ResNets: 0.27M, 0.85M and 1.7M in table 6 of arXiv:1512.03385, without weights in shortcuts; here each of the two changes of
// width has a 1 x 1 convolution with BatchNorm: 16 32 + 64 + 32 64 + 128 = 2752 more than 269,722. 40.8 million multiply-adds.
// VGG-16 and -19 for 32 x 32 images with one dense layer: 14.7M and 20.0M, 313 and 398 million multiply-adds.
const published: readonly Expected[] = [
  { name: 'lenet-300-100', input: mnist, parameters: 266_610, depth: 3, multiplyAdds: 266_200 },
  { name: 'mlp-300-100', input: mnist, parameters: 266_610, depth: 3 },
  { name: 'lenet-5', input: mnist, parameters: 61_706, depth: 5 },
  { name: 'conv-2', input: cifar, parameters: 4_301_642, depth: 5 },
  // A quarter of Conv-2: 27 16 + 16; 144 16 + 16; 16 16 16 64 + 64; 64 64 + 64; 64 10 + 10.
  { name: 'conv-2x0.25', input: cifar, parameters: 448 + 2320 + 262_208 + 4160 + 650, depth: 5 },
  { name: 'conv-4', input: cifar, parameters: 2_425_930, depth: 7 },
  { name: 'conv-6', input: cifar, parameters: 1_145_408 + 4096 * 256 + 256 + 256 * 257 + 2570, depth: 9 },
  { name: 'resnet-20', input: cifar, parameters: 269_722 + 2752, depth: 20, multiplyAdds: 40_813_184 },
  { name: 'resnet-56', input: cifar, parameters: 855_770, depth: 56 },
  { name: 'resnet-110', input: cifar, parameters: 1_730_714, depth: 110 },
  { name: 'vgg-16', input: cifar, parameters: 14_724_042, depth: 14, multiplyAdds: 313_201_664 },
  { name: 'vgg-19', input: cifar, parameters: 20_035_018, depth: 17, multiplyAdds: 398_136_320 },
  // 7 7 3 8 + 8; seven blocks of 2 (9 8 8 + 16); 8 10 + 10. On 16 x 16 places: 256 (1176 + 7 1152) + 80 multiply-adds.
  { name: 'blocks-8x7', input: cifar, parameters: 1184 + 7 * 1184 + 90, depth: 16, multiplyAdds: 2_365_520 },
  // 9 3 8 + 8; 9 8 16 + 16; 8 8 16 10 + 10. 1024 216 + 256 1152 + 10,240 multiply-adds.
  { name: 'convs-8-16', input: cifar, parameters: 224 + 1168 + 10_250, depth: 3, multiplyAdds: 526_336 },
];
for (const expected of published) {
  test(`${expected.name} has ${expected.parameters} parameters and depth ${expected.depth}`, () => {
    const found = architecture(expected.name, expected.input, 10);
    assert.equal(found.name, expected.name);
    assert.equal(parameterCount(found), expected.parameters);
    assert.equal(depth(found), expected.depth);
    assert.deepEqual(outputShape(found), [10]);
    if (expected.multiplyAdds !== undefined) assert.equal(multiplyAdds(found), expected.multiplyAdds);
  });
}

test('mlp: widths, repeats and none', () => {
  const widths = (name: string) =>
    parameters(architecture(name, mnist, 10))
      .filter((p) => p.role === 'bias')
      .map((p) => p.shape[0]);
  assert.deepEqual(widths('mlp-64-32x3-16'), [64, 32, 32, 32, 16, 10]);
  assert.deepEqual(widths('mlp-128x0'), [10]);
});

test('resnet: a width of its own is kept in the name and in all stages', () => {
  const found = architecture('resnet-8-4', cifar, 10);
  const filters = parameters(found)
    .filter((p) => p.role === 'kernel')
    .map((p) => p.shape.at(-1));
  assert.deepEqual(filters, [4, 4, 4, 8, 8, 8, 16, 16, 16, 10]);
  assert.equal(found.name, 'resnet-8-4');
});

test('only kernels are prunable, and BatchNorm follows every convolution of resnet and vgg, which have no bias', () => {
  for (const name of ['resnet-8', 'vgg-11']) {
    const list = parameters(architecture(name, cifar, 10));
    assert.deepEqual(
      list.filter((p) => p.prunable && p.role !== 'kernel'),
      [],
    );
    assert.deepEqual(
      list.filter((p) => p.role === 'bias').map((p) => p.name),
      ['output/bias'],
    );
    const convolutions = list.filter((p) => p.role === 'kernel' && p.shape.length === 4).length;
    assert.equal(list.filter((p) => p.role === 'gamma').length, convolutions);
  }
});

describe('refused', () => {
  const refuse = (name: string, message: RegExp): void => {
    test(name, () => assert.throws(() => architecture(name, cifar, 10), { name: 'UserError', message }));
  };
  refuse('lenet-300-10', /unknown architecture: 'lenet-300-10'\..*Known: .*lenet-300-100/);
  refuse('resnet', /unknown architecture: 'resnet'.*resnet-DEPTH/);
  refuse('lenet5', /Did you mean 'lenet-5'\?/);
  refuse('resnet-21', /depth of 'resnet-21': expected 6n \+ 2/);
  refuse('resnet-2', /depth of 'resnet-2'/);
  refuse('resnet-20-0', /width of 'resnet-20-0'/);
  refuse('conv-3', /conv-2, conv-4, conv-6 or conv-8/);
  refuse('conv-3x0.5', /conv-2, conv-4, conv-6 or conv-8/);
  refuse('conv-4x0', /a width above 0/);
  refuse('vgg-12', /vgg-11, vgg-13, vgg-16, vgg-19/);
  refuse('mlp-0', /at least one unit/);
  refuse(`mlp-${'9'.repeat(300)}`, /unknown architecture: 'mlp-9{1,76}\.\.\.'/);
  refuse('__proto__', /unknown architecture/);
  test('an image too small for the pooling', () => {
    assert.throws(() => parameters(architecture('conv-8', [4, 4, 3], 10)), /at least 2 pixels a side/);
  });
});

test('every family says its form, what it is and where it comes from, and has one name that only it takes', () => {
  for (const family of families) {
    assert.ok(family.form.length > 0 && family.summary.length > 0 && family.source.length > 0);
  }
  const names = ['mlp-10', 'lenet-300-100', 'lenet-5', 'conv-2', 'vgg-16', 'resnet-20'];
  for (const name of names) assert.equal(families.filter((family) => family.pattern.test(name)).length, 1, name);
});

test('an architecture survives JSON', () => {
  for (const name of ['lenet-5', 'resnet-8', 'vgg-11']) {
    const found = architecture(name, cifar, 10);
    assert.deepEqual(JSON.parse(JSON.stringify(found)) as Architecture, found);
  }
});

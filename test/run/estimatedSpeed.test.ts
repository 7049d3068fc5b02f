import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimatedSpeed } from '../../src/run/estimatedSpeed.js';

test('updates per second go with the multiply-adds of the network', () => {
  const spec = (model: string, dataset: string, batchSize: number) => ({ experiment: 'imp', replicate: 1, model, dataset, batchSize });
  // 784 300 + 300 100 + 100 10 = 266,200 multiply-adds, three times for each of 60 images, at 50 thousand million a second.
  assert.ok(Math.abs((estimatedSpeed(spec('lenet-300-100', 'mnist', 60)) ?? 0) - 50e9 / (3 * 60 * 266_200)) < 1e-6);
  const [small, large] = [20, 56].map((depth) => estimatedSpeed(spec(`resnet-${depth}`, 'cifar-10', 128)) ?? Number.NaN) as [
    number,
    number,
  ];
  assert.ok(small > 2 * large);
});

test('a spec without a known network has no estimate', () => {
  assert.equal(estimatedSpeed({ experiment: 'subsetSums', replicate: 1 }), undefined);
  assert.equal(estimatedSpeed({ experiment: 'imp', replicate: 1, model: 'alien', dataset: 'mnist', batchSize: 60 }), undefined);
  assert.equal(estimatedSpeed({ experiment: 'imp', replicate: 1, model: 'mlp-10', dataset: '__proto__', batchSize: 60 }), undefined);
});

test('a network that grows counts at its full size, a surface at its depth', () => {
  const rest = { replicate: 1, dataset: 'cifar-10', batchSize: 128 };
  const wide = estimatedSpeed({ experiment: 'juvenile', seedModel: 'resnet-8', fullModel: 'resnet-20', ...rest });
  assert.equal(wide, estimatedSpeed({ experiment: 'imp', model: 'resnet-20', ...rest }));
  const surface = estimatedSpeed({ experiment: 'surface', model: 'blocks-8x{depth}', depths: 4, ...rest });
  assert.equal(surface, estimatedSpeed({ experiment: 'imp', model: 'blocks-8x4', ...rest }));
  assert.ok(surface !== undefined);
});

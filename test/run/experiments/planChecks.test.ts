/** What a plan refuses before anything trains. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import test from 'node:test';
import { experiments } from '../../../src/run/experiments/experiments.js';
import { planRuns } from '../../../src/run/experiments/planRuns.js';

const plan = (experiment: string, options: object) => () => planRuns({ experiment, options: { ...options }, replicates: 1 });

test('a batch larger than the training part, whatever the experiment', () => {
  for (const { name, schema } of Object.values(experiments)) {
    const { batchSize, trainLimit } = schema.parse({ experiment: name }) as { batchSize?: number; trainLimit?: number | null };
    if (batchSize === undefined || trainLimit === undefined) continue;
    assert.throws(
      plan(name, { trainLimit: 50, batchSize: 51 }),
      /invalid batch size: expected at most the 50 training examples, found 51/,
      name,
    );
  }
  assert.throws(plan('profile', { trainLimit: 300 }), /at most the 300 training examples, found 512/);
  assert.throws(plan('imp', { dataset: 'cifar-10', batchSize: 45_001 }), /45000 training examples/);
  assert.doesNotThrow(plan('imp', { dataset: 'cifar-10', batchSize: 45_000 }));
});

test('more images for gradients than there are, where the criterion needs them', () => {
  const few = { trainLimit: 600, gradientExamples: 601 };
  for (const criterion of ['snip', 'grasp', 'synflow', 'taylor'])
    assert.throws(
      plan('imp', { ...few, criterion }),
      /gradientExamples of the criterion '\w+': expected at most the 600 training images, found 601/,
    );
  assert.doesNotThrow(plan('imp', { ...few, criterion: 'magnitude' }));
  assert.doesNotThrow(plan('imp', { ...few, criterion: 'snip', gradientExamples: 600 }));
});

test('nothing left, nothing trained, and shares out of order', () => {
  assert.throws(plan('search', { sparsity: 1 }), /sparsity: a sparsity below 1/);
  assert.throws(plan('profile', { sparsity: 1 }), /sparsity: a sparsity below 1/);
  assert.throws(plan('search', { seedModel: 'mpl-16' }), /unknown architecture: 'mpl-16'/);
  assert.throws(plan('search', { trial: '0it' }), /trial: an interval of at least 1 iteration/);
  assert.throws(plan('recognition', { densities: [0] }), /densities.0: a density above 0/);
  assert.throws(plan('recognition', { backboneDensities: [0.1, 0.5] }), /backboneDensities: expected .* found '0.1, 0.5'/);
  for (const experiment of ['imp', 'elastic', 'approximation', 'profile', 'recognition'])
    assert.throws(plan(experiment, { validateEvery: '0it' }), /validateEvery: an interval of at least 1 iteration/, experiment);
});

test('a folder of images is named by its whole path, so that runs of two folders are never one', () => {
  const [run] = planRuns({ experiment: 'recognition', options: { folder: 'my/coco' }, arms: ['dense'], replicates: 1 }).filter(
    ({ asked }) => asked,
  );
  assert.equal(run?.spec['folder'], resolve('my/coco'));
});

test('surfaces whose densities do not fall, or whose model is none', () => {
  for (const densities of [[0.1, 0.5], [0.5, 0.5], [0]]) assert.throws(plan('surface', { densities }), /invalid densities.*each smaller/);
  assert.throws(plan('surface', { model: 'mpl-{depth}' }), /unknown architecture: 'mpl-1'/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ndArray } from '../../src/array.js';
import { denseMask, kept } from '../../src/mask.js';
import { grouping } from '../../src/prune/granularity.js';
import { prune } from '../../src/prune/prune.js';

test('outputs are units of dense layers and filters of convolutions alike', () => {
  const scores = {
    'dense/kernel': ndArray([2, 3], [1, 5, 2, 1, 5, 2]),
    'conv/kernel': ndArray([1, 1, 2, 3], [9, 1, 1, 9, 1, 2]),
  };
  const mask = prune(denseMask(scores), scores, { amount: { fraction: 1 / 3 }, scope: 'layerwise', granularity: 'output' });
  assert.deepEqual([...(mask['dense/kernel']?.values ?? [])], [0, 1, 1, 0, 1, 1]);
  assert.deepEqual([...(mask['conv/kernel']?.values ?? [])], [1, 0, 1, 1, 0, 1]);
});

test('a component is an index of the shorter side: rows of a wide kernel, columns of a tall one', () => {
  const scores = {
    wide: ndArray([2, 3], [1, 1, 9, 2, 2, 2]),
    tall: ndArray([3, 2], [3, 4, 0, 4, 4, 4]),
    square: ndArray([2, 2], [9, 1, 9, 1]),
    // Height and width count as inputs: 4 of them, 5 outputs.
    kernel: ndArray([2, 2, 1, 5], [...Array(5).fill(1), ...Array(5).fill(7), ...Array(5).fill(7), ...Array(5).fill(2)]),
  };
  // As Euclidean norms the rows of `wide` are 9.1 and 3.5, as sums 11 and 6; the columns of `tall` are 5 and 6.9.
  const mask = prune(denseMask(scores), scores, {
    amount: { fraction: 0.5 },
    scope: 'layerwise',
    granularity: 'component',
    aggregate: 'l2',
  });
  assert.deepEqual([...(mask['wide']?.values ?? [])], [1, 1, 1, 0, 0, 0]);
  assert.deepEqual([...(mask['tall']?.values ?? [])], [0, 1, 0, 1, 0, 1]);
  assert.deepEqual([...(mask['square']?.values ?? [])], [1, 0, 1, 0]);
  assert.deepEqual([...(mask['kernel']?.values ?? [])], [...Array(5).fill(0), ...Array(10).fill(1), ...Array(5).fill(0)]);
  assert.equal(kept(mask), 3 + 3 + 2 + 10);
});

test('groups of a shape', () => {
  assert.equal(grouping([3, 3, 2, 4], 'channel').groups, 4);
  assert.equal(grouping([1, 1, 2, 4], 'component').groups, 2);
  assert.equal(grouping([784, 300], 'component').groups, 300);
});

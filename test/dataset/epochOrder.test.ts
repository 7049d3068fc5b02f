import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochOrder } from '../../src/dataset/epochOrder.js';

test('an order is a permutation that depends on seed and epoch alone', () => {
  const order = epochOrder(1000, 3, 4);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.deepEqual(epochOrder(1000, 3, 4), order);
  assert.notDeepEqual(epochOrder(1000, 3, 5), order);
  assert.notDeepEqual(epochOrder(1000, 4, 4), order);
});

test('orders are pinned: resumed runs and committed records depend on them', () => {
  // From a separate xoshiro128** and Fisher-Yates in Python, seeded by SHA-256 of '[0,"order",0]' and '[1,"order",2]'.
  assert.deepEqual([...epochOrder(10, 0, 0)], [3, 7, 4, 5, 0, 6, 1, 9, 2, 8]);
  assert.deepEqual([...epochOrder(10, 1, 2)], [3, 2, 9, 8, 1, 4, 0, 7, 5, 6]);
});

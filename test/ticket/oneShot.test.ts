import assert from 'node:assert/strict';
import test from 'node:test';
import { ndArray } from '../../src/array.js';
import { denseMask, mask } from '../../src/mask.js';
import { oneShot } from '../../src/ticket/oneShot.js';
import { relativeDistance } from '../../src/ticket/relativeDistance.js';
import type { Ticket } from '../../src/ticket/ticket.js';

const weights = { 'a/kernel': ndArray([4], [1, 1, 1, 1]), 'b/kernel': ndArray([4], [2, 2, 2, 2]), 'b/bias': ndArray([1], [5]) };
const start: Ticket = {
  architecture: { name: 'two', input: [4], layers: [] },
  mask: denseMask({ 'a/kernel': weights['a/kernel'], 'b/kernel': weights['b/kernel'] }),
  weights,
  origin: { parent: null, operator: 'initialise', options: {} },
};

test('layers are ranked by |w| / mean |w|: a layer of small weights is not emptied, and the start is the one before training', () => {
  // Relative to their layer: a 0.4 0.8 1.2 1.6, b 3.88 0.04 0.04 0.04; the lowest half are b's three and a's first.
  const trained = {
    'a/kernel': ndArray([4], [0.001, -0.002, 0.003, 0.004]),
    'b/kernel': ndArray([4], [97, 1, -1, 1]),
    'b/bias': ndArray([1], [9]),
  };
  const ticket = oneShot(start, trained, 0.5);
  assert.deepEqual([...(ticket.mask['a/kernel']?.values ?? [])], [0, 1, 1, 1]);
  assert.deepEqual([...(ticket.mask['b/kernel']?.values ?? [])], [1, 0, 0, 0]);
  assert.deepEqual([...(ticket.weights['b/kernel']?.values ?? [])], [2, 0, 0, 0]);
  assert.deepEqual([...(ticket.weights['b/bias']?.values ?? [])], [5]);
});

test('relative distance of kept weights, and of all', () => {
  const kept = mask({ k: { shape: [3], values: [1, 1, 0] } });
  const [full, pruned] = [{ k: ndArray([3], [3, 4, 12]) }, { k: ndArray([3], [3, 1, 0]) }];
  assert.equal(relativeDistance(full, pruned, kept), 3 / 5);
  assert.ok(Math.abs(relativeDistance(full, pruned, kept, 'all') - Math.sqrt(9 + 144) / 13) < 1e-12);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batches, batchIndices } from '../../src/dataset/batches.js';
import { epochOrder } from '../../src/dataset/epochOrder.js';

const options = { count: 11, batchSize: 3, seed: 5 };

test('the batches of an epoch are its order cut into full batches; the remainder sits out', () => {
  const b = batches(options);
  assert.equal(b.stepsPerEpoch, 3);
  for (const epoch of [0, 1, 7]) {
    const seen = [0, 1, 2].flatMap((i) => [...b.indices(3 * epoch + i)]);
    assert.deepEqual(seen, [...epochOrder(11, 5, epoch)].slice(0, 9));
    assert.equal(new Set(seen).size, 9);
  }
});

test('a step has the same batch whatever was asked before it', () => {
  const b = batches(options);
  const sequential = Array.from({ length: 12 }, (_, step) => [...b.indices(step)]);
  for (const step of [11, 0, 5, 4, 3, 8]) {
    assert.deepEqual([...b.indices(step)], sequential[step]);
    assert.deepEqual([...batchIndices(options, step)], sequential[step]);
  }
});

test('step after step costs next to nothing', () => {
  const b = batches({ count: 55000, batchSize: 60, seed: 0 });
  const start = performance.now();
  for (let step = 0; step < 9160; step++) b.indices(step); // 10 epochs of 916 steps
  assert.ok(performance.now() - start < 2000); // 0.1 s where it was measured; an order for each step would take minutes
});

test('sizes that make no batch are refused', () => {
  assert.throws(() => batches({ count: 2, batchSize: 3, seed: 0 }), { name: 'UserError', message: /batch size: expected at most the 2/ });
  assert.throws(() => batches({ count: 2, batchSize: 0, seed: 0 }), { name: 'UserError', message: /batch size/ });
  assert.throws(() => batches({ count: 2, batchSize: 1, seed: 0 }).indices(-1), { name: 'UserError', message: /step/ });
});

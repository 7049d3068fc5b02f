/** How many images are measured in one call: the networks of the papers, by their multiply-adds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { architecture } from '../../src/model/families/families.js';
import { evaluationBatch, withoutPause } from '../../src/train/evaluationBatch.js';

test('small networks in thousands, large ones so that a call stays short, and never less than 50', () => {
  assert.equal(evaluationBatch(architecture('lenet-300-100', [28, 28, 1], 10)), 1000);
  assert.equal(evaluationBatch(architecture('lenet-5', [28, 28, 1], 10)), 1000);
  assert.ok(evaluationBatch(architecture('conv-2', [32, 32, 3], 10)) <= 100);
  assert.equal(evaluationBatch(architecture('vgg-16', [32, 32, 3], 10)), 50);
});

test('without a pause the parts run to their end', () => {
  const seen: number[] = [];
  function* parts(): Generator<void, string, void> {
    for (let i = 0; i < 3; i++) {
      seen.push(i);
      yield;
    }
    return 'end';
  }
  assert.equal(withoutPause(parts()), 'end');
  assert.deepEqual(seen, [0, 1, 2]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectExamples } from '../../src/dataset/selectExamples.js';

const examples = { pixels: Uint8Array.of(0, 1, 10, 11, 20, 21), labels: Uint8Array.of(5, 6, 7), count: 3 };

test('pixels and labels go together, in the order asked for, as a copy', () => {
  const picked = selectExamples(examples, [2, 0, 2]);
  assert.deepEqual(picked, { pixels: Uint8Array.of(20, 21, 0, 1, 20, 21), labels: Uint8Array.of(7, 5, 7), count: 3 });
  picked.pixels[0] = 99;
  assert.equal(examples.pixels[4], 20);
  assert.equal(selectExamples(examples, []).count, 0);
});

test('a number that no example has is refused', () => {
  assert.throws(() => selectExamples(examples, [3]), { name: 'UserError', message: /0 to 2, found 3/ });
  assert.throws(() => selectExamples(examples, [-1]), { name: 'UserError' });
});

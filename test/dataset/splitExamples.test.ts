import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitExamples } from '../../src/dataset/splitExamples.js';
import { stream } from '../../src/random.js';

// Example n has the pixel n and the label n mod 10.
const examples = {
  pixels: Uint8Array.from({ length: 100 }, (_, n) => n),
  labels: Uint8Array.from({ length: 100 }, (_, n) => n % 10),
  count: 100,
};
const split = (validation: number, seed: number, limit?: number) => splitExamples(examples, validation, stream(seed, 'split', 'x'), limit);

test('the parts are disjoint, together everything, and keep pixel and label together', () => {
  const { train, validation } = split(30, 0);
  assert.equal(train.count, 70);
  assert.equal(validation.count, 30);
  assert.deepEqual(
    [...train.pixels, ...validation.pixels].sort((a, b) => a - b),
    [...examples.pixels],
  );
  for (const part of [train, validation]) part.pixels.forEach((pixel, i) => assert.equal(part.labels[i], pixel % 10));
});

test('the same seed gives the same split, another seed another', () => {
  assert.deepEqual(split(30, 1), split(30, 1));
  assert.notDeepEqual(split(30, 1).validation, split(30, 2).validation);
});

test('a limit keeps the first of the training part and leaves validation as it is', () => {
  const whole = split(30, 0);
  const limited = split(30, 0, 5);
  assert.deepEqual(limited.train.pixels, whole.train.pixels.slice(0, 5));
  assert.deepEqual(limited.validation, whole.validation);
  assert.equal(split(30, 0, 1000).train.count, 70);
});

test('no validation part is possible, one that leaves nothing to train on is not', () => {
  assert.equal(split(0, 0).validation.count, 0);
  assert.throws(() => split(100, 0), { name: 'UserError', message: /less than the 100/ });
  assert.throws(() => split(-1, 0), { name: 'UserError' });
  assert.throws(() => split(10, 0, 0), { name: 'UserError', message: /limit/ });
});

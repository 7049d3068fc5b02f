import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstDifference, get } from '../../src/array.js';
import { kept, type Mask, mask as maskOf } from '../../src/mask.js';
import { stream } from '../../src/random.js';
import { randomMask } from '../../src/ticket/randomMask.js';

const like: Mask = maskOf({
  a: { shape: [60, 50], values: Array.from({ length: 3000 }, (_, i) => Number(i < 700)) },
  b: { shape: [50, 10], values: Array.from({ length: 500 }, () => 0) },
});
const counts = (m: Mask) => Object.keys(m).map((name) => get(m, name).values.reduce((x, y) => x + y, 0));

test('keeps exactly as many weights as the given mask, by default anywhere', () => {
  const drawn = randomMask(like, stream(1, 'mask'));
  assert.equal(kept(drawn), 700);
  // 500 of 3,500 places are in b: 100 expected, standard deviation (hypergeometric) 8.3; five of them are allowed.
  assert.ok(Math.abs((counts(drawn)[1] as number) - 100) < 42, counts(drawn).join(' '));
  assert.deepEqual(get(drawn, 'a').shape, [60, 50]);
});

test('shared among layers as asked', () => {
  assert.deepEqual(counts(randomMask(like, stream(1, 'mask'), { keep: 350, allocation: 'uniform' })), [300, 50]);
  // ERK: 110 and 60 parts of 340 are 220 and 120.
  assert.deepEqual(counts(randomMask(like, stream(1, 'mask'), { keep: 340, allocation: 'erk' })), [220, 120]);
  assert.deepEqual(counts(randomMask(like, stream(1, 'mask'), { keep: 3500 })), [3000, 500]);
  assert.deepEqual(counts(randomMask(like, stream(1, 'mask'), { keep: 0 })), [0, 0]);
});

test('same stream, same mask; another stream, another', () => {
  assert.equal(firstDifference(randomMask(like, stream(1, 'mask')), randomMask(like, stream(1, 'mask'))), undefined);
  assert.notEqual(firstDifference(randomMask(like, stream(1, 'mask')), randomMask(like, stream(2, 'mask'))), undefined);
});

test('more than there are is refused', () => {
  assert.throws(() => randomMask(like, stream(1, 'mask'), { keep: 3501 }), /at most 3500, found 3501/);
  assert.throws(() => randomMask(like, stream(1, 'mask'), { keep: 1, allocation: 'er' }), /one for each layer/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrays, copyArrays, firstDifference, get } from '../../src/array.js';
import { densityByName, type Mask, mask as maskOf, overlap } from '../../src/mask.js';
import { stream } from '../../src/random.js';
import { shuffleMask } from '../../src/ticket/shuffleMask.js';

const mask: Mask = maskOf({
  a: { shape: [50, 40], values: Array.from({ length: 2000 }, (_, i) => Number(i < 200)) },
  b: { shape: [3, 3, 4, 5], values: Array.from({ length: 180 }, (_, i) => Number(i % 2)) },
});

test('as many kept weights in each layer, at other places', () => {
  const shuffled = shuffleMask(mask, stream(1, 'mask'));
  assert.deepEqual(densityByName(shuffled), densityByName(mask));
  assert.deepEqual(get(shuffled, 'b').shape, [3, 3, 4, 5]);
  // Two random masks of density 0.1 share 0.01 of 0.19: about 0.05; the original keeps the first 200 of 2,000.
  const found = overlap({ a: get(mask, 'a') }, { a: get(shuffled, 'a') });
  assert.ok(found > 0.01 && found < 0.12, String(found));
});

test('same stream, same mask; another stream, another; the mask itself stays', () => {
  const before = copyArrays(mask as unknown as Arrays);
  assert.equal(firstDifference(shuffleMask(mask, stream(1, 'mask')), shuffleMask(mask, stream(1, 'mask'))), undefined);
  assert.notEqual(firstDifference(shuffleMask(mask, stream(1, 'mask')), shuffleMask(mask, stream(2, 'mask'))), undefined);
  assert.equal(firstDifference(before, mask), undefined);
});

test('every place is equally likely', () => {
  const one = maskOf({ a: { shape: [5], values: [1, 0, 0, 0, 0] } });
  const hits = Array(5).fill(0);
  for (let seed = 0; seed < 2000; seed++) hits[get(shuffleMask(one, stream(seed, 'mask')), 'a').values.indexOf(1)]++;
  // 400 expected each; the standard deviation is sqrt(2000 * 0.2 * 0.8) = 17.9, five of them are allowed.
  for (const count of hits) assert.ok(Math.abs(count - 400) < 90, hits.join(' '));
});

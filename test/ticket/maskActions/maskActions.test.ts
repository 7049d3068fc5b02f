/** What becomes of kept and of pruned weights, on weights that can be worked out by eye, and over the lists. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrays, copyArrays, firstDifference, get, ndArray } from '../../../src/array.js';
import { mask as maskOf } from '../../../src/mask.js';
import { stream } from '../../../src/random.js';
import type { KeptGiven } from '../../../src/ticket/maskActions/kept/keptAction.js';
import { keptActions } from '../../../src/ticket/maskActions/kept/keptActions.js';
import { prunedActions } from '../../../src/ticket/maskActions/pruned/prunedActions.js';
import { prunedRest } from '../../../src/ticket/maskActions/prunedRest.js';

const draws = stream(4, 'weights');
const drawn = (): Arrays => ({
  k: ndArray(
    [20, 30],
    Float32Array.from({ length: 600 }, () => draws.normal()),
  ),
});
const [initial, fresh] = [drawn(), drawn()];
const mask = maskOf({ k: { shape: [20, 30], values: Array.from({ length: 600 }, (_, i) => Number(i % 3 !== 0)) } });
const given = (): KeptGiven => ({ initial, mask, fresh, random: stream(7, 'action') });
const start = (name: keyof typeof keptActions): Float32Array => get(keptActions[name].start(given()), 'k').values;
const kept = (values: Float32Array): number[] => [...values].filter((_, i) => i % 3 !== 0);
const before = get(initial, 'k').values;

for (const [name, action] of Object.entries(keptActions)) {
  test(`${name}: the shapes of the mask, the same bits again, what it was given unchanged, signs as it says`, () => {
    const copy = copyArrays(initial);
    const [first, second] = [action.start(given()), action.start(given())];
    assert.equal(firstDifference(first, second), undefined);
    assert.equal(firstDifference(initial, copy), undefined);
    assert.deepEqual(get(first, 'k').shape, [20, 30]);
    const same = kept(get(first, 'k').values).filter((w, i) => Math.sign(w) === Math.sign(kept(before)[i] as number)).length;
    // 400 kept weights: by coin 200 signs agree, within four standard deviations of 10.
    if (action.keepsSign) assert.equal(same, 400);
    else assert.ok(Math.abs(same - 200) < 40, `${same} signs agree`);
    assert.ok(action.summary.length > 5);
  });
}

test('rewinding gives the start, drawing anew another draw, its signed form that draw with the old signs', () => {
  assert.deepEqual(start('rewind'), before);
  assert.deepEqual(start('reinitialise'), get(fresh, 'k').values);
  start('reinitialiseSigned').forEach((w, i) => assert.equal(Math.abs(w), Math.abs(get(fresh, 'k').values[i] as number)));
});

test('swapped starts are the same numbers at other places, and never come from pruned places', () => {
  for (const name of ['reshuffle', 'reshuffleSigned'] as const) {
    const sorted = (values: number[]): number[] => values.sort((a, b) => a - b);
    assert.deepEqual(sorted(kept(start(name))), sorted(kept(before)));
    assert.ok(kept(start(name)).filter((w, i) => w === kept(before)[i]).length < 20, 'hardly any stayed where it was');
  }
});

test('constants are the standard deviation of the start of the whole layer', () => {
  const mean = before.reduce((a, b) => a + b, 0) / 600;
  const deviation = Math.fround(Math.sqrt(before.reduce((sum, w) => sum + (w - mean) ** 2, 0) / 600));
  for (const name of ['constant', 'constantSigned'] as const) assert.ok(start(name).every((w) => Math.abs(Math.abs(w) - deviation) < 1e-6));
});

test('pruned weights: what they are frozen at, and 0 where weights are kept', () => {
  const m = maskOf({ k: { shape: [5], values: [1, 0, 0, 0, 0] } });
  // Kept; moved towards 0; away from 0; through 0 to the other side, nearer; not moved.
  const [w0, w] = [{ k: ndArray([5], [2, 2, 2, -2, 1]) }, { k: ndArray([5], [3, 1, 3, 1, 1]) }];
  const rest = (name: keyof typeof prunedActions): number[] => [...get(prunedRest(prunedActions[name], m, w0, w), 'k').values];
  assert.deepEqual(rest('zero'), [0, 0, 0, 0, 0]);
  assert.deepEqual(rest('freeze'), [0, 2, 2, -2, 1]);
  assert.deepEqual(rest('zeroIfShrunk'), [0, 0, 2, 0, 1]);
  assert.deepEqual(rest('zeroIfGrown'), [0, 2, 0, -2, 0]);
});

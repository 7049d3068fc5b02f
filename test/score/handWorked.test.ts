/** The criteria that need no derivatives, on weights that can be worked out by eye. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, ndArray } from '../../src/array.js';
import { mask } from '../../src/mask.js';
import { stream } from '../../src/random.js';
import { criteria, type CriterionName } from '../../src/score/criteria.js';
import { evidence } from '../toy/evidence.js';

// All numbers are sums of powers of two, so float32 holds them and their differences exactly.
const weights = { k: ndArray([5], [1.5, -2, 0.25, 0, -0.5]) };
const initial = { k: ndArray([5], [0.5, -3, -0.75, 1, 0]) };

const expected: Partial<Record<CriterionName, number[]>> = {
  magnitude: [1.5, 2, 0.25, 0, 0.5],
  movement: [1, 1, 1, 1, 0.5],
  magnitudeIncrease: [1, -1, -0.5, -1, 0.5],
  largeInit: [0.5, 3, 0.75, 1, 0],
  smallFinal: [-1.5, -2, -0.25, 0, -0.5],
  // max(0, w0 w / |w0|): the third changed its sign, the last started at 0 where the formula is 0 / 0.
  largeFinalSameSign: [1.5, 2, 0, 0, 0],
};

for (const [name, scores] of Object.entries(expected)) {
  test(`${name} of five weights`, async () => {
    const found = await criteria[name as CriterionName].score(evidence(weights, { initial }));
    assert.deepEqual([...get(found, 'k').values], scores);
  });
}

test('layerNormalisedMagnitude divides by the mean of the kept weights of the layer', async () => {
  const w = { small: ndArray([4], [1, -3, 0, 2]), large: ndArray([2], [100, -300]), none: ndArray([1], [0]) };
  const m = mask({
    small: { shape: [4], values: [1, 1, 0, 1] },
    large: { shape: [2], values: [1, 1] },
    none: { shape: [1], values: [0] },
  });
  const scores = await criteria.layerNormalisedMagnitude.score(evidence(w, { mask: m }));
  // Means are (1 + 3 + 2) / 3 = 2 and (100 + 300) / 2 = 200.
  assert.deepEqual([...get(scores, 'small').values], [0.5, 1.5, 0, 1]);
  assert.deepEqual([...get(scores, 'large').values], [0.5, 1.5]);
  assert.deepEqual([...get(scores, 'none').values], [0]);
});

test('random: uniform in [0, 1], other seeds give other scores, the mask changes none', async () => {
  const w = { k: ndArray([100, 100]) };
  const scores = get(await criteria.random.score(evidence(w)), 'k').values;
  assert.ok(scores.every((s) => s >= 0 && s <= 1));
  // Mean of 10,000 uniform numbers: 1/2 with standard deviation 1 / sqrt(12 * 10,000) = 0.0029; five of them are allowed.
  assert.ok(Math.abs(scores.reduce((a, b) => a + b, 0) / 10_000 - 0.5) < 0.0145);
  const other = get(await criteria.random.score(evidence(w, { random: stream(2, 'score') })), 'k').values;
  assert.notDeepEqual(other, scores);
  const half = mask({ k: { shape: [100, 100], values: scores.map((_, i) => i % 2) } });
  assert.deepEqual(get(await criteria.random.score(evidence(w, { mask: half })), 'k').values, scores);
});

test('initial weights of another shape are refused by name', () => {
  assert.throws(
    () => criteria.movement.score(evidence(weights, { initial: { k: ndArray([4]) } })),
    /mismatched initial weights 'k': expected shape \[5\], found \[4\]/,
  );
});

test('largeInitFinal: the smaller of |w0| and of |w| at the scale of w0, which kept weights give', async () => {
  // Of the four kept weights the root mean square is 1 at the end and 2 at the start.
  const w = { k: ndArray([5], [1, -1, 1, -1, 0]) };
  const start = { k: ndArray([5], [2, -2, 2, 2, 8]) };
  const m = mask({ k: { shape: [5], values: [1, 1, 1, 1, 0] } });
  const found = await criteria.largeInitFinal.score({ ...evidence(w, { initial: start }), mask: m });
  assert.deepEqual([...get(found, 'k').values], [2, 2, 2, 2, 0]);
  const uneven = { k: ndArray([5], [1, -3, 0.5, 1, 8]) };
  // Their mean square is (1 + 9 + 0.25 + 1) / 4 = 2.8125; that of w is 1.
  const scale = Math.sqrt(2.8125);
  const other = await criteria.largeInitFinal.score({ ...evidence(w, { initial: uneven }), mask: m });
  [1, scale, 0.5, 1, 0].forEach((score, i) => assert.ok(Math.abs(score - (get(other, 'k').values[i] as number)) < 1e-6));
});

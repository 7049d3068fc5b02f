import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keepTop } from '../../src/prune/keepTop.js';

/** The definition: sort by score downwards, equal scores by index upwards, keep the first. */
function bySorting(scores: readonly number[], count: number): number[] {
  const order = scores.map((_, i) => i).sort((i, j) => (scores[j] as number) - (scores[i] as number) || i - j);
  const keeps = scores.map(() => 0);
  for (const i of order.slice(0, count)) keeps[i] = 1;
  return keeps;
}

test('keeps exactly as many as asked: none, one, all', () => {
  assert.deepEqual([...keepTop([3, 1, 2], 0)], [0, 0, 0]);
  assert.deepEqual([...keepTop([3, 1, 2], 1)], [1, 0, 0]);
  assert.deepEqual([...keepTop([3, 1, 2], 2)], [1, 0, 1]);
  assert.deepEqual([...keepTop([3, 1, 2], 3)], [1, 1, 1]);
  assert.deepEqual([...keepTop([], 0)], []);
});

test('ties go to the lower index, also between 0 and -0 and for signed constants', () => {
  assert.deepEqual([...keepTop([7, 7, 7, 7], 2)], [1, 1, 0, 0]);
  assert.deepEqual([...keepTop([1, 2, 1, 2, 1], 3)], [1, 1, 0, 1, 0]);
  assert.deepEqual([...keepTop([-0, 0, -0, 0], 1)], [1, 0, 0, 0]);
});

test('agrees with a full sort on any scores', () => {
  // Few distinct values make ties the rule; the others reach infinities and subnormals.
  const score = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.float({ noNaN: true }), fc.double({ noNaN: true }));
  const problem = fc.array(score, { maxLength: 200 }).chain((scores) => fc.tuple(fc.constant(scores), fc.nat({ max: scores.length })));
  fc.assert(
    fc.property(problem, ([scores, count]) => {
      // A sort by difference cannot order two infinities, which are equal.
      const finite = scores.map((s) => (Number.isFinite(s) ? s : Math.sign(s) * Number.MAX_VALUE));
      assert.deepEqual([...keepTop(finite, count)], bySorting(finite, count));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('infinities rank above and below all numbers', () => {
  assert.deepEqual([...keepTop([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY], 1)], [0, 0, 1]);
  assert.deepEqual([...keepTop([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY], 2)], [0, 1, 1]);
});

test('float32 and doubles are compared as they are', () => {
  assert.deepEqual([...keepTop([1, 1 + Number.EPSILON], 1)], [0, 1]);
  assert.deepEqual([...keepTop(Float32Array.from([1, 1 + Number.EPSILON]), 1)], [1, 0]);
});

test('sorted, reversed, equal and organ-pipe scores take linear time: 300,000 of each within the time of the test', () => {
  const n = 300_000;
  const patterns: Record<string, (i: number) => number> = {
    sorted: (i) => i,
    reversed: (i) => n - i,
    equal: () => 1,
    pipe: (i) => Math.min(i, n - i),
    sawtooth: (i) => i % 1000,
  };
  for (const [name, f] of Object.entries(patterns)) {
    const scores = Float32Array.from({ length: n }, (_, i) => f(i));
    const keeps = keepTop(scores, n / 3);
    assert.equal(
      keeps.reduce((a, b) => a + b, 0),
      n / 3,
      name,
    );
    let leastKept = Number.POSITIVE_INFINITY;
    let mostRemoved = Number.NEGATIVE_INFINITY;
    scores.forEach((score, i) => {
      if (keeps[i] === 1) leastKept = Math.min(leastKept, score);
      else mostRemoved = Math.max(mostRemoved, score);
    });
    assert.ok(leastKept >= mostRemoved, name);
  }
});

test('the scores are left as they were', () => {
  const scores = Float32Array.from([3, 1, 2, 5, 4]);
  keepTop(scores, 2);
  assert.deepEqual([...scores], [3, 1, 2, 5, 4]);
});

test('refuses NaN and counts that cannot be had', () => {
  assert.throws(() => keepTop([1, Number.NaN], 1), /invalid score at 1: expected a number, found NaN/);
  assert.throws(() => keepTop([1, Number.NaN], 2), /NaN/);
  assert.throws(() => keepTop([1, 2], 3), /expected at most the 2 there are, found 3/);
  assert.throws(() => keepTop([1, 2], -1), /whole number/);
  assert.throws(() => keepTop([1, 2], 0.5), /whole number/);
});

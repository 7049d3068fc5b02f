import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradualDensity } from '../../src/prune/gradualDensity.js';

test('by hand: sparsity 0.8, four prunings from iteration 100, one every 50', () => {
  // s = 0.8 (1 - (1 - k / 4)^3): 0, 0.8 * 37/64, 0.8 * 7/8, 0.8 * 63/64, 0.8.
  const density = gradualDensity({ density: 0.2, start: 100, every: 50, prunings: 4 });
  const found = [0, 100, 150, 200, 250, 300, 5000].map(density);
  [1, 1, 0.5375, 0.3, 0.2125, 0.2, 0.2].forEach((expected, i) => assert.ok(Math.abs((found[i] as number) - expected) < 1e-12, `${found}`));
  // Between prunings it stays: 149 is still dense, 199 as 150.
  assert.deepEqual([density(149), density(199), density(299)], [1, found[2], found[4]]);
});

test('from another density than 1: s_i + (s_f - s_i) 7/8 on half of the way', () => {
  // s_i = 0.2, s_f = 0.6: 0.2 + 0.4 * 7/8 = 0.55.
  const density = gradualDensity({ density: 0.4, initial: 0.8, every: 10, prunings: 2 });
  assert.ok(Math.abs(density(10) - 0.45) < 1e-12);
  assert.deepEqual([density(0), density(20)], [0.8, 0.4]);
});

test('both ends are exact, and it never rises', () => {
  for (const final of [0, 0.02, 0.036, 0.1, 1 / 3, 0.7, 1])
    for (const initial of [final, 0.9 * final + 0.1, 1]) {
      const density = gradualDensity({ density: final, initial, start: 3, every: 7, prunings: 13 });
      const list = Array.from({ length: 110 }, (_, step) => density(step));
      assert.deepEqual([list[0], list[9], list[94], list[109]], [initial, initial, final, final]);
      list.slice(1).forEach((value, i) => assert.ok(value <= (list[i] as number)));
    }
});

test('what makes no sense is refused', () => {
  const plain = { density: 0.1, every: 10, prunings: 5 };
  for (const [options, message] of [
    [{ density: 1.1 }, /invalid density/],
    [{ initial: 0.05 }, /initial density.*at least the final one, 0.1/],
    [{ initial: 2 }, /invalid initial density/],
    [{ start: -1 }, /start of gradual pruning/],
    [{ every: 0 }, /updates between prunings/],
    [{ prunings: 0 }, /number of prunings/],
    [{ prunings: 1.5 }, /number of prunings/],
  ] as const)
    assert.throws(() => gradualDensity({ ...plain, ...options }), message);
  assert.throws(() => gradualDensity(plain)(-1), /invalid update/);
});

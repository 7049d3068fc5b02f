import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cubic, exponential, iterative, oneShot } from '../../src/prune/schedule.js';

const levels = (n: number) => Array.from({ length: n }, (_, i) => i);
const close = (found: readonly number[], expected: readonly number[]) => {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] as number)) < 1e-12, `level ${i}: ${value}`);
  });
};

test('one-shot and iterative by hand', () => {
  close(levels(4).map(oneShot(0.05)), [1, 0.05, 0.05, 0.05]);
  close(levels(5).map(iterative(0.2)), [1, 0.8, 0.64, 0.512, 0.4096]);
  // Renda et al. 2020 (arXiv:2003.02389) print 80, 51.2, 32.8, 26.2, 21.0, 16.8, 13.4, 10.7 %.
  const printed = { 1: '80.0', 3: '51.2', 5: '32.8', 6: '26.2', 7: '21.0', 8: '16.8', 9: '13.4', 10: '10.7' };
  for (const [level, percent] of Object.entries(printed)) assert.equal((100 * iterative(0.2)(Number(level))).toFixed(1), percent);
});

test('cubic: Zhu & Gupta, s (1 - (1 - t / n)^3)', () => {
  // s = 0.5, n = 4: sparsities 0, 0.5 (1 - 27/64), 0.5 (1 - 1/8), 0.5 (1 - 1/64), 0.5. The third, 0.4375, is also the value in
  // sparsity_schedules_test.py of google-research/jaxpruner (half of the way to 0.5).
  close(levels(6).map(cubic({ density: 0.5, levels: 4 })), [1, 0.7109375, 0.5625, 0.5078125, 0.5, 0.5]);
});

test('exponential: density^(level / levels), the same share each level', () => {
  close(levels(5).map(exponential({ density: 0.001, levels: 3 })), [1, 0.1, 0.01, 0.001, 0.001]);
});

test('schedules only fall, start dense and end where they say', () => {
  for (const schedule of [oneShot(0.1), iterative(0.3), cubic({ density: 0.1, levels: 7 }), exponential({ density: 0.1, levels: 7 })]) {
    const list = levels(12).map(schedule);
    assert.equal(list[0], 1);
    list.slice(1).forEach((value, i) => {
      assert.ok(value <= (list[i] as number) && value >= 0);
    });
  }
  assert.equal(cubic({ density: 0.1, levels: 7 })(7), 0.1);
  assert.equal(exponential({ density: 0.1, levels: 7 })(7), 0.1);
});

test('what makes no sense is refused', () => {
  assert.throws(() => oneShot(1.1), /invalid density/);
  assert.throws(() => iterative(-0.1), /invalid pruning fraction/);
  assert.throws(() => exponential({ density: 0, levels: 3 }), /\(0, 1\]/);
  assert.throws(() => cubic({ density: 0.5, levels: 0 }), /invalid levels/);
  assert.throws(() => iterative(0.2)(-1), /invalid level/);
  assert.throws(() => iterative(0.2)(1.5), /invalid level/);
});

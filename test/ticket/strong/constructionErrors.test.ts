import assert from 'node:assert/strict';
import test from 'node:test';
import { stream } from '../../../src/random.js';
import { constructionErrors, randomTarget } from '../../../src/ticket/strong/constructionErrors.js';

test('targets are those of the theorem: small weights, norms of at most 1', () => {
  const kernels = randomTarget([9, 20, 7, 2], stream(1, 'target'));
  assert.deepEqual(
    kernels.map(({ shape }) => shape),
    [
      [9, 20],
      [20, 7],
      [7, 2],
    ],
  );
  for (const { shape, values } of kernels) {
    assert.ok(values.every((w) => Math.abs(w) <= 1 / Math.sqrt(shape[0] as number)));
    assert.ok(values.reduce((sum, w) => sum + w * w, 0) <= 1 + 1e-6);
  }
});

test('for one weight the error is that of the weight, on the worse sign, and the bound is just that', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { error, bound, weightError, drawn, weights } = constructionErrors({
      ...{ sizes: [1, 1], count: 4, choice: 'subset', inputs: 1, random: stream(seed, 'one') },
    });
    // |x| <= 1 on one input: the error is |w' - w| at x = 1 or -1, both of which are tried.
    assert.ok(Math.abs(error - weightError) < 1e-9 && Math.abs(bound - weightError) < 1e-9);
    assert.deepEqual([drawn, weights], [8, 1]);
  }
});

test('errors stay within the bound; subsets end far below single units; the same stream gives the same bits', () => {
  const of = (choice: 'subset' | 'single', count: number) =>
    constructionErrors({ sizes: [6, 5, 3], count, choice, inputs: 200, random: stream(3, 'construction') });
  for (const choice of ['subset', 'single'] as const)
    for (const count of [3, 9, 14]) {
      const { error, bound } = of(choice, count);
      assert.ok(error > 0 && error <= bound, `${choice} ${count}: ${error} against ${bound}`);
    }
  assert.ok(of('subset', 14).error < of('single', 14).error / 10);
  // One unit for each weight and sign.
  assert.equal(of('single', 9).kept, 2 * (30 + 15));
  assert.deepEqual(of('subset', 9), of('subset', 9));
});

test('sizes are checked', () => {
  for (const sizes of [[5], [], [3, 0], [2.5, 1]]) assert.throws(() => randomTarget(sizes, stream(1, 'x')), /sizes of the target/);
});

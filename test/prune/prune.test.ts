import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Arrays, copyArrays, firstDifference, get, mapArrays, ndArray } from '../../src/array.js';
import { density, denseMask, isSubMask, kept, type Mask, mask as maskOf, sparsity } from '../../src/mask.js';
import type { Granularity } from '../../src/prune/granularity.js';
import { type PruneOptions, prune } from '../../src/prune/prune.js';
import { stream } from '../../src/random.js';

const lenet = { 'dense1/kernel': [784, 300], 'dense2/kernel': [300, 100], 'output/kernel': [100, 10] };

function drawn(shapes: Record<string, readonly number[]>, seed = 1): Arrays {
  const draws = stream(seed, 'weights');
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { ...ndArray(shape), values: ndArray(shape).values.map(() => draws.normal()) }]),
  );
}

const magnitudes = (arrays: Arrays): Arrays => mapArrays(arrays, Math.abs);
const keptIn = (m: Mask, name: string): number => get(m, name).values.reduce((a, b) => a + b, 0);

test('LeNet-300-100, 20 % a level and 10 % of the output layer: the densities that Frankle & Carbin print', () => {
  // arXiv:1803.03635, figures 3 and 4; 266,200 weights.
  const printed = '100.0 80.0 64.1 51.3 41.1 32.9 26.3 21.1 16.9 13.5 10.8 8.7 7.0 5.6 4.5 3.6 2.9 2.3 1.9'.split(' ');
  for (const scope of ['layerwise', 'global'] as const) {
    const scores = magnitudes(drawn(lenet));
    let mask = denseMask(scores);
    assert.equal(kept(mask), 266_200);
    const left = { 'dense1/kernel': 235_200, 'dense2/kernel': 30_000, 'output/kernel': 1_000 };
    printed.forEach((percent, level) => {
      assert.equal((100 * density(mask)).toFixed(1), percent, `level ${level}, ${scope}`);
      if (scope === 'layerwise') {
        for (const [name, count] of Object.entries(left)) assert.equal(keptIn(mask, name), count, `${name} at level ${level}`);
      } else {
        assert.equal(keptIn(mask, 'output/kernel'), left['output/kernel']);
      }
      mask = prune(mask, scores, { amount: { fraction: 0.2 }, scope, fractions: { 'output/kernel': 0.1 } });
      // Removed per layer: the share of what is left, rounded.
      left['dense1/kernel'] -= Math.round(left['dense1/kernel'] * 0.2);
      left['dense2/kernel'] -= Math.round(left['dense2/kernel'] * 0.2);
      left['output/kernel'] -= Math.round(left['output/kernel'] * 0.1);
    });
  }
});

const scores: Arrays = { a: ndArray([2, 3], [1, 6, 2, 5, 3, 4]), b: ndArray([2, 2], [10, 0.5, 20, 0.25]) };
const all = denseMask(scores);
const entries = (m: Mask): Record<string, string> =>
  Object.fromEntries(Object.entries(m).map(([name, { values }]) => [name, values.join('')]));

test('global and layerwise by hand', () => {
  // Sorted: b 0.25, 0.5 | a 1, 2, 3 ... : half of 10 weights go.
  assert.deepEqual(entries(prune(all, scores, { amount: { fraction: 0.5 } })), { a: '010101', b: '1010' });
  // Three of a's six and two of b's four.
  assert.deepEqual(entries(prune(all, scores, { amount: { fraction: 0.5 }, scope: 'layerwise' })), { a: '010101', b: '1010' });
  assert.deepEqual(entries(prune(all, scores, { amount: { keep: 3 } })), { a: '010000', b: '1010' });
  assert.deepEqual(entries(prune(all, scores, { amount: { keep: 10 } })), { a: '111111', b: '1111' });
  assert.deepEqual(entries(prune(all, scores, { amount: { keep: 0 } })), { a: '000000', b: '0000' });
  // 5 weights in proportion 6 : 4 are 3 and 2.
  assert.deepEqual(entries(prune(all, scores, { amount: { keep: 5 }, scope: 'layerwise' })), { a: '010101', b: '1010' });
  assert.deepEqual(entries(prune(all, scores, { amount: { densities: { b: 0.25 } } })), { a: '111111', b: '0010' });
});

test('a fraction is of the weights that are left, a sparsity of all; halves are removed', () => {
  const half = prune(all, scores, { amount: { sparsity: 0.5 } });
  assert.equal(kept(half), 5);
  assert.equal(kept(prune(half, scores, { amount: { fraction: 0.5 } })), 2); // 2.5 of 5 go: 3
  assert.equal(kept(prune(half, scores, { amount: { sparsity: 0.5 } })), 5);
  assert.equal(kept(prune(half, scores, { amount: { sparsity: 0.75 } })), 2); // 7.5 of 10 go: 8
  assert.equal(kept(prune(half, scores, { amount: { density: 0.25 } })), 2);
  assert.equal(kept(prune(all, scores, { amount: { fraction: 0 } })), 10);
});

test('sparsity s and density 1 - s are the same amount', () => {
  const many = {
    k: ndArray(
      [15],
      Array.from({ length: 15 }, (_, i) => i),
    ),
  };
  // 0.1 * 15 = 1.5 and (1 - 0.9) * 15 = 1.4999999999999996 would round apart.
  assert.equal(kept(prune(denseMask(many), many, { amount: { sparsity: 0.1 } })), 13);
  assert.equal(kept(prune(denseMask(many), many, { amount: { density: 0.9 } })), 13);
});

test('layerwise sparsity: 95 % of a 128 x 128 layer (the juvenile nets, arXiv:2109.03862) keeps 819 weights', () => {
  // 0.95 * 16,384 = 15,564.8 go, rounded 15,565.
  const square = magnitudes(drawn({ 'hidden/kernel': [128, 128] }));
  assert.equal(kept(prune(denseMask(square), square, { amount: { sparsity: 0.95 }, scope: 'layerwise' })), 819);
});

test('layerwise scope leaves each layer at least one weight; global scope does not', () => {
  const options = { amount: { fraction: 1 } } as const;
  assert.deepEqual(entries(prune(all, scores, { ...options, scope: 'layerwise' })), { a: '010000', b: '0010' });
  assert.deepEqual(entries(prune(all, scores, options)), { a: '000000', b: '0000' });
  assert.deepEqual(entries(prune(all, scores, { amount: { densities: { a: 0 } } })), { a: '010000', b: '1111' });
  const gone = maskOf({ a: { shape: [2, 3], values: [0, 0, 0, 0, 0, 0] }, b: { shape: [2, 2], values: [1, 1, 1, 1] } });
  assert.deepEqual(entries(prune(gone, scores, { ...options, scope: 'layerwise' })), { a: '000000', b: '0010' });
});

test('a layer that is sparser than a layerwise sparsity stays, and its room is not given to others', () => {
  const uneven = maskOf({ a: { shape: [2, 3], values: [0, 1, 0, 0, 0, 0] }, b: { shape: [2, 2], values: [1, 1, 1, 1] } });
  assert.deepEqual(entries(prune(uneven, scores, { amount: { sparsity: 0.5 }, scope: 'layerwise' })), { a: '010000', b: '1010' });
});

test('excluded layers are neither pruned nor counted; other fractions in scope global rank a layer alone', () => {
  assert.deepEqual(entries(prune(all, scores, { amount: { fraction: 0.5 }, exclude: ['b'] })), { a: '010101', b: '1111' });
  assert.deepEqual(entries(prune(all, scores, { amount: { fraction: 0.5 }, fractions: { b: 0.75 } })), { a: '010101', b: '0010' });
  assert.deepEqual(entries(prune(all, scores, { amount: { fraction: 0.5 }, fractions: { a: 0, b: 0.25 } })), { a: '111111', b: '1110' });
});

test('pruned weights are never chosen again nor counted, whatever their score', () => {
  const high = { a: ndArray([4], [9, 1, 2, Number.NaN]) };
  const some = maskOf({ a: { shape: [4], values: [0, 1, 1, 0] } });
  assert.deepEqual(entries(prune(some, high, { amount: { fraction: 0.5 } })), { a: '0010' });
});

test('ties: weights that come first are kept, layers in the order of the mask', () => {
  const equal = mapArrays(scores, () => 1);
  assert.deepEqual(entries(prune(all, equal, { amount: { keep: 7 } })), { a: '111111', b: '1000' });
  assert.deepEqual(entries(prune(all, equal, { amount: { fraction: 0.5 }, scope: 'layerwise' })), { a: '111000', b: '1100' });
});

test('ER and ERK allocations are exact in total', () => {
  const wide = magnitudes(drawn({ a: [2, 4], b: [3, 6], c: [2, 4, 6] }));
  const erk = prune(denseMask(wide), wide, { amount: { sparsity: 0.5 }, scope: 'layerwise', allocation: 'erk' });
  assert.deepEqual(
    Object.keys(erk).map((name) => keptIn(erk, name)),
    [8, 12, 17],
  );
  const er = prune(denseMask(wide), wide, { amount: { keep: 37 }, scope: 'layerwise', allocation: 'er' });
  // Shares 37 / 35 of 6, 9, 20: 6.34, 9.51, 21.14; the odd one goes to the largest remainder.
  assert.deepEqual(
    Object.keys(er).map((name) => keptIn(er, name)),
    [6, 10, 21],
  );
});

test('ER never asks a layer for more than it has left', () => {
  const wide = magnitudes(drawn({ a: [2, 4], b: [3, 6] }));
  const thin = prune(denseMask(wide), wide, { amount: { densities: { a: 0.25 } } });
  const pruned = prune(thin, wide, { amount: { keep: 15 }, scope: 'layerwise', allocation: 'er' });
  // 15 in proportion 6 : 9 would be 6 and 9, but a has 2 left.
  assert.deepEqual([keptIn(pruned, 'a'), keptIn(pruned, 'b')], [2, 13]);
});

test('units: whole columns of dense kernels go, in order of their summed scores', () => {
  // Column sums of a: 6, 9, 6. One of three goes; the tie keeps the first.
  assert.deepEqual(entries(prune(all, scores, { amount: { keep: 2 }, granularity: 'unit', exclude: ['b'] })), { a: '110110', b: '1111' });
  // Fractions count units: 20 % of 3 are 0.6, so 1.
  assert.deepEqual(entries(prune(all, scores, { amount: { fraction: 0.2 }, granularity: 'unit', exclude: ['b'] })), {
    a: '110110',
    b: '1111',
  });
  // Ranked together: a 6, 9, 6 and b 30, 0.75.
  assert.deepEqual(entries(prune(all, scores, { amount: { keep: 2 }, granularity: 'unit' })), { a: '010010', b: '1010' });
});

test('units: sum, mean and l2 differ as they should', () => {
  const two = { k: ndArray([2, 2], [3, 4, 3, 1]) };
  const pruned = (aggregate: 'sum' | 'mean' | 'l2', m: Mask) =>
    entries(prune(m, two, { amount: { keep: 1 }, granularity: 'unit', aggregate })).k;
  // Sums 6 and 5, norms sqrt 18 and sqrt 17.
  assert.equal(pruned('sum', denseMask(two)), '1010');
  assert.equal(pruned('l2', denseMask(two)), '1010');
  // With the last weight pruned: sums 6 and 4, means 3 and 4, norms 4.24 and 4.
  const part = maskOf({ k: { shape: [2, 2], values: [1, 1, 1, 0] } });
  assert.equal(pruned('sum', part), '1010');
  assert.equal(pruned('mean', part), '0100');
  assert.equal(pruned('l2', part), '1010');
  assert.throws(
    () =>
      prune(
        part,
        mapArrays(two, (v) => -v),
        { amount: { keep: 1 }, granularity: 'unit', aggregate: 'l2' },
      ),
    /use 'sum'/,
  );
});

test('channels: whole filters of convolutions go, dense layers stay', () => {
  const values = Array.from({ length: 2 * 2 * 3 * 4 }, (_, i) => [1, 3, 2, 4][i % 4] as number);
  const conv = { 'c/kernel': ndArray([2, 2, 3, 4], values), 'd/kernel': ndArray([4, 2], [0, 0, 0, 0, 0, 0, 0, 0]) };
  const pruned = prune(denseMask(conv), conv, { amount: { fraction: 0.5 }, granularity: 'channel' });
  assert.equal(entries(pruned)['c/kernel'], '0101'.repeat(12));
  assert.equal(entries(pruned)['d/kernel'], '11111111');
  // Two of the filters are left; half of them is one.
  assert.equal(entries(prune(pruned, conv, { amount: { fraction: 0.5 }, granularity: 'channel' }))['c/kernel'], '0001'.repeat(12));
});

test('any pruning is exact, only shrinks, and leaves its input as it was', () => {
  const shapes = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      shapes,
      fc.integer({ min: 0, max: 1000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (list, seed, f, units) => {
        const draws = stream(seed, 'case');
        const weights = mapArrays(Object.fromEntries(list.map((shape, i) => [`l${i}`, ndArray(shape)])), () => draws.integer(4));
        const mask = maskOf(mapArrays(weights, () => draws.integer(2)));
        const granularity: Granularity = units ? 'unit' : 'weight';
        const before = [copyArrays(weights), copyArrays(mask as unknown as Arrays)] as const;
        const global = prune(mask, weights, { amount: { fraction: f }, granularity });
        const layerwise = prune(mask, weights, { amount: { fraction: f }, granularity, scope: 'layerwise' });
        assert.ok(isSubMask(global, mask) && isSubMask(layerwise, mask));
        assert.equal(firstDifference(before[0], weights) ?? firstDifference(before[1], mask), undefined);
        if (units) return;
        assert.equal(kept(global), kept(mask) - Math.round(f * kept(mask)));
        for (const name of Object.keys(mask)) {
          const left = keptIn(mask, name);
          assert.equal(keptIn(layerwise, name), Math.max(Math.min(1, left), left - Math.round(f * left)));
        }
      },
    ),
    { numRuns: 500, seed: 2 },
  );
});

test('what cannot be had is refused, with the reason', () => {
  const bad = (options: unknown, pattern: RegExp) => assert.throws(() => prune(all, scores, options as PruneOptions), pattern);
  bad({ amount: { fraction: 1.2 } }, /invalid pruning fraction: expected a fraction in \[0, 1\], found 1.2/);
  bad({ amount: { sparsity: Number.NaN } }, /invalid sparsity/);
  bad({ amount: { keep: 11 } }, /at most the 10 of 10 that are left, since pruning brings nothing back, found 11/);
  bad({ amount: { keep: 1 }, scope: 'layerwise' }, /2 \(one for each layer\) to 10, found 1/);
  bad({ amount: { rate: 0.2 } }, /invalid amount: expected one of/);
  bad({ amount: { densities: { c: 0.5 } } }, /unknown layer to prune: 'c'/);
  bad({ amount: { fraction: 0.2 }, exclude: ['c'] }, /unknown excluded parameter: 'c'/);
  bad({ amount: { fraction: 0.2 }, exclude: ['a', 'b'] }, /nothing to prune/);
  bad({ amount: { fraction: 0.2 }, granularity: 'channel' }, /nothing to prune: no parameter of granularity 'channel'/);
  bad({ amount: { fraction: 0.2 }, fractions: { c: 0.1 } }, /unknown layer to prune: 'c'/);
  bad({ amount: { sparsity: 0.2 }, fractions: { a: 0.1 } }, /invalid fractions/);
  bad({ amount: { fraction: 0.2 }, allocation: 'erk' }, /use scope layerwise/);
  bad({ amount: { fraction: 0.2 }, scope: 'layerwise', allocation: 'erk', granularity: 'unit' }, /it counts weights/);
  bad({ amount: { fraction: 0.2 }, scope: 'locl' }, /unknown scope: 'locl'/);
  bad({ amount: { fraction: 0.2 }, granularity: '__proto__' }, /unknown granularity/);
  const sparse = prune(all, scores, { amount: { sparsity: 0.8 } });
  assert.throws(() => prune(sparse, scores, { amount: { sparsity: 0.5 } }), /pruning brings nothing back/);
  assert.equal(sparsity(sparse), 0.8);
});

test('scores that are not finite, or of another network, are refused by name', () => {
  const wrong = { ...scores, b: ndArray([2, 2], [1, 2, Number.NaN, 4]) };
  assert.throws(() => prune(all, wrong, { amount: { fraction: 0.2 } }), /invalid score of 'b' at 2: expected a finite number/);
  assert.throws(() => prune(all, { ...scores, b: ndArray([4]) }, { amount: { fraction: 0.2 } }), /mismatched scores 'b'/);
  assert.throws(() => prune(all, { a: get(scores, 'a') }, { amount: { fraction: 0.2 } }), /missing 'b' in scores/);
});

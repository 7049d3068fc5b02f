import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrays, get, mapEach, ndArray } from '../../src/array.js';
import { dropAndGrow } from '../../src/grow/dropAndGrow.js';
import { dropFraction } from '../../src/grow/dropFraction.js';
import type { Network } from '../../src/grow/growthOperator.js';
import { regrow, type RegrowOptions } from '../../src/grow/regrow.js';
import { densityByName, kept, mask as maskOf } from '../../src/mask.js';
import { mlp } from '../../src/model/families/mlp.js';
import { stream } from '../../src/random.js';
import { architectures, randomNetwork } from './networks.js';

/** dense1 is [3, 2] with weights 0.3, -2, 1 kept; output is [2, 2] with one kept. */
const network: Network = {
  architecture: mlp('hand', [2], [1, 3, 1], 2),
  weights: {
    'dense1/kernel': ndArray([3, 2], [0.3, 0, -2, 0, 0, 1]),
    'dense1/bias': ndArray([2], [1, 2]),
    'output/kernel': ndArray([2, 2], [0, 5, 0, 0]),
    'output/bias': ndArray([2], [3, 4]),
  },
  mask: maskOf({
    'dense1/kernel': { shape: [3, 2], values: [1, 0, 1, 0, 0, 1] },
    'output/kernel': { shape: [2, 2], values: [0, 1, 0, 0] },
  }),
};
const gradients: Arrays = { 'dense1/kernel': ndArray([3, 2], [9, -1, 9, 0.5, -3, 9]), 'output/kernel': ndArray([2, 2], [2, 9, -2, 4]) };
const bits = (n: Network) => Object.values(n.mask).map(({ values }) => [...values].join(''));
const grow = (options: RegrowOptions) => regrow.grow(network, options, stream(1, 'grow'));

test('by gradient: the largest magnitudes among pruned weights, ties by index', () => {
  assert.deepEqual(bits(grow({ by: 'gradient', gradients, counts: { 'dense1/kernel': 1, 'output/kernel': 2 } })), ['101011', '1101']);
  assert.deepEqual(bits(grow({ by: 'gradient', gradients, counts: { 'dense1/kernel': 2 } })), ['111011', '0100']);
  // Over the whole network: 4, 3, then 2 (the first of two).
  assert.deepEqual(bits(grow({ by: 'gradient', gradients, count: 3 })), ['101011', '1101']);
  // A third of three pruned weights is one in each layer.
  assert.deepEqual(bits(grow({ by: 'gradient', gradients, fraction: 1 / 3 })), ['101011', '0101']);
  assert.equal(grow({ by: 'gradient', gradients, count: 3 }).weights, network.weights, 'they are 0 already');
});

test('at random: as many as asked for, each pruned weight with the same chance', () => {
  const chosen = new Float64Array(10);
  for (let seed = 0; seed < 3000; seed++) {
    const grown = regrow.grow(network, { by: 'random', count: 2 }, stream(seed, 'grow'));
    assert.equal(kept(grown.mask), 6);
    bits(grown)
      .join('')
      .split('')
      .forEach((bit, i) => {
        chosen[i] = (chosen[i] as number) + Number(bit);
      });
  }
  // Six pruned weights, two drawn: 1000 times each, give or take 4 standard deviations of sqrt(3000 / 3 * 2 / 3) = 26.
  chosen.forEach((n, i) => {
    if ([0, 2, 5, 7].includes(i)) assert.equal(n, 3000);
    else assert.ok(Math.abs(n - 1000) < 104, `${i}: ${n}`);
  });
});

test('dropAndGrow: the smallest goes, the steepest comes, the density of every layer stays', () => {
  const moved = dropAndGrow.grow(network, { by: 'gradient', gradients, fraction: 0.34 }, stream(1, 'grow'));
  // One of three of dense1 goes (0.3). Its gradient is the largest (9), so it comes back with its value, as in RigL's code.
  assert.deepEqual(bits(moved), ['101001', '0100']);
  assert.deepEqual([...get(moved.weights, 'dense1/kernel').values], [...get(network.weights, 'dense1/kernel').values]);
  const calm = { ...gradients, 'dense1/kernel': ndArray([3, 2], [0.1, -1, 9, 0.5, -3, 9]) };
  const other = dropAndGrow.grow(network, { by: 'gradient', gradients: calm, fraction: 0.34 }, stream(1, 'grow'));
  assert.deepEqual(bits(other), ['001011', '0100']);
  assert.deepEqual([...get(other.weights, 'dense1/kernel').values], [...ndArray([6], [0, 0, -2, 0, 0, 1]).values]);

  const large = randomNetwork(architectures.resnet8, 0.2);
  const set = dropAndGrow.grow(large, { by: 'random', fraction: 0.3 }, stream(1, 'grow'));
  assert.deepEqual(densityByName(set.mask), densityByName(large.mask));
  assert.notDeepEqual(bits(set), bits(large));
});

test('the cosine of RigL', () => {
  // 0.3 / 2 (1 + cos(pi / 4))
  assert.ok(Math.abs(dropFraction(25, 100) - 0.2560660171779821) < 1e-15);
  assert.equal(dropFraction(75000, 75000), 0);
  assert.throws(() => dropFraction(-1, 10), /step/);
});

test('what is asked for must be there', () => {
  assert.throws(() => grow({ by: 'gradient', count: 1 }), /needs `gradients`/);
  assert.throws(
    () => grow({ by: 'gradient', gradients: mapEach(gradients, () => ndArray([1], [1])), count: 1 }),
    /gradient of 'dense1\/kernel'/,
  );
  assert.throws(() => grow({ by: 'random', count: 7 }), /at most the 6 pruned ones, found 7/);
  assert.throws(() => grow({ by: 'random' }), /exactly one of/);
  assert.throws(() => grow({ by: 'random', count: 1, fraction: 0.5 }), /exactly one of/);
  assert.throws(() => grow({ by: 'random', counts: { nowhere: 1 } }), /missing array 'nowhere'/);
  assert.throws(() => grow({ by: 'chance' as never, count: 1 }), /unknown way to choose connections: 'chance'/);
});

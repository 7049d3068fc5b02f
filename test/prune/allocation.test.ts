import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { size } from '../../src/array.js';
import { allocate, allocationDensities } from '../../src/prune/allocation.js';

const near = (a: number, b: number, tolerance: number) => assert.ok(Math.abs(a - b) <= tolerance, `${a} and ${b}`);

test('ERK and ER densities equal the rounded ones in the tests of another library', () => {
  // Sparsities to two places from google-research/jaxpruner, sparsity_distributions_test.py; kernels a 2x4, b 3x6, c 2x4x6.
  // That library rounds the zeros of each layer down before it sums: at sparsity 0.8 it keeps 2 + 4 + 10 = 16 of 74, not 14.8.
  const shapes = { a: [2, 4], b: [3, 6], c: [2, 4, 6] };
  const cases = [
    { density: 0.5, allocation: 'erk', printed: [0, 0.31, 0.655] },
    { density: 0.5, allocation: 'er', printed: [0.21, 0.47, 0.56] },
    { density: 16 / 74, allocation: 'erk', printed: [0.556, 0.7, 0.85] },
  ] as const;
  for (const { density, allocation, printed } of cases) {
    const found = Object.values(allocationDensities(shapes, density, allocation));
    printed.forEach((value, i) => {
      near(1 - (found[i] as number), value, 0.0051);
    });
  }
});

test('ERK by hand, with one layer after the other saturating', () => {
  // 8 + 126 + 28 = 162 weights, 81 kept. Dimension sums 6, 16, 11: scale 81 / 33 gives a 14.7 of 8, so a is dense; then
  // 73 / 27 gives d 29.7 of 28, so d is dense; c keeps the remaining 45.
  const shapes = { a: [2, 4], c: [3, 6, 7], d: [7, 4] };
  const found = allocationDensities(shapes, 0.5, 'erk');
  assert.deepEqual([found.a, found.d], [1, 1]);
  near(found.c as number, 45 / 126, 1e-12);
  assert.deepEqual(allocate(shapes, 81, 'erk'), { a: 8, c: 45, d: 28 });
});

test('LeNet-300-100 at density 0.1: ER by hand', () => {
  // Sums of inputs and outputs 1084, 400, 110: 1594 together. 26,620 kept: scale 16.7001. The output layer would keep 1837 of
  // 1000, so it is dense; 25,620 / 1484 = 17.2642 gives 18,714.3 and 6,905.7.
  const shapes = { 'dense1/kernel': [784, 300], 'dense2/kernel': [300, 100], 'output/kernel': [100, 10] };
  assert.deepEqual(allocate(shapes, 26_620, 'er'), { 'dense1/kernel': 18_714, 'dense2/kernel': 6_906, 'output/kernel': 1_000 });
  assert.deepEqual(allocate(shapes, 26_620, 'erk'), allocate(shapes, 26_620, 'er'));
  assert.deepEqual(allocate(shapes, 26_620, 'uniform'), { 'dense1/kernel': 23_520, 'dense2/kernel': 3_000, 'output/kernel': 100 });
});

test('ResNet-50 with ERK costs the share of multiply-adds that RigL reports', () => {
  // Table in the README of google-research/rigl: inference 0.42, 0.24, 0.12, 0.09 of 8.2e9 operations at sparsity 0.8, 0.9, 0.95,
  // 0.965. Stride 2 in the 3x3 convolutions. The first value comes out as 0.414 here: their count includes more than kernels.
  const shapes: Record<string, number[]> = { conv1: [7, 7, 3, 64] };
  const sides: Record<string, number> = { conv1: 112 };
  let inputs = 64;
  let side = 56;
  const add = (name: string, shape: number[], at: number) => {
    shapes[name] = shape;
    sides[name] = at;
  };
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const width = 64 * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      const out = stage > 0 && block === 0 ? side / 2 : side;
      const name = `${stage}.${block}`;
      if (block === 0) add(`${name}.shortcut`, [1, 1, inputs, 4 * width], out);
      add(`${name}.1`, [1, 1, inputs, width], side);
      add(`${name}.2`, [3, 3, width, width], out);
      add(`${name}.3`, [1, 1, width, 4 * width], out);
      inputs = 4 * width;
      side = out;
    }
  });
  add('output', [2048, 1000], 1);
  const operations = (densities: Record<string, number>) =>
    Object.keys(shapes).reduce(
      (sum, name) => sum + size(shapes[name] as number[]) * (sides[name] as number) ** 2 * (densities[name] as number),
      0,
    );
  const dense = operations(allocationDensities(shapes, 1, 'erk'));
  near((2 * dense) / 1e9, 8.2, 0.05);
  for (const [sparsity, printed, tolerance] of [
    [0.8, 0.42, 0.0075],
    [0.9, 0.24, 0.005],
    [0.95, 0.12, 0.005],
    [0.965, 0.09, 0.005],
  ] as const) {
    near(operations(allocationDensities(shapes, 1 - sparsity, 'erk')) / dense, printed, tolerance);
  }
});

test('any allocation: exact total, between 1 and the capacity of each layer, unsaturated layers in the proportions of the rule', () => {
  const layer = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 });
  const problem = fc
    .array(layer, { minLength: 1, maxLength: 5 })
    .chain((list) => fc.tuple(fc.constant(list), fc.integer({ min: list.length, max: list.map(size).reduce((a, b) => a + b, 0) })));
  fc.assert(
    fc.property(problem, fc.constantFrom('uniform' as const, 'er' as const, 'erk' as const), ([list, keep], allocation) => {
      const shapes = Object.fromEntries(list.map((shape, i) => [`l${i}`, shape]));
      const counts = Object.values(allocate(shapes, keep, allocation));
      assert.equal(
        counts.reduce((a, b) => a + b, 0),
        keep,
      );
      counts.forEach((count, i) => {
        assert.ok(count >= 1 && count <= size(list[i] as number[]));
      });
      const total = list.map(size).reduce((a, b) => a + b, 0);
      const shares = Object.values(allocationDensities(shapes, keep / total, allocation)).map((d, i) => d * size(list[i] as number[]));
      near(
        shares.reduce((a, b) => a + b, 0),
        keep,
        1e-9 * total,
      );
      shares.forEach((share, i) => {
        // One more for each layer that was given its first weight by the largest.
        if (share >= 1) assert.ok(Math.abs((counts[i] as number) - share) < 1 + list.length, `${counts[i]} for ${share}`);
      });
    }),
    { numRuns: 1000, seed: 3 },
  );
});

test('a layer that the rule leaves empty gets one weight, from the largest', () => {
  assert.deepEqual(allocate({ a: [1, 1], b: [100, 100] }, 10, 'uniform'), { a: 1, b: 9 });
});

test('totals that cannot be had are refused', () => {
  assert.throws(() => allocate({ a: [2, 2], b: [2, 2] }, 9, 'erk'), /2 \(one for each layer\) to 8, found 9/);
  assert.throws(() => allocate({ a: [2, 2], b: [2, 2] }, 1, 'erk'), /found 1/);
  assert.throws(() => allocate({ a: [4] }, 2, 'er'), /a kernel of 2 or more axes/);
  assert.throws(() => allocate({ a: [2, 2] }, 2, 'best' as 'er'), /unknown allocation: 'best'/);
  assert.throws(() => allocationDensities({ a: [2, 2] }, 1.5, 'er'), /invalid density/);
});

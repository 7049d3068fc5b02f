/** Small measures of tickets by hand: effective rank, the line between two networks, multiply-adds that are left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ndArray } from '../../src/array.js';
import { mask } from '../../src/mask.js';
import { architecture } from '../../src/model/families/families.js';
import { multiplyAdds } from '../../src/model/shapes.js';
import { denseTicket } from '../../src/ticket/denseTicket.js';
import { effectiveRank } from '../../src/ticket/effectiveRank.js';
import { barrier, interpolate } from '../../src/ticket/interpolate.js';
import { keptMultiplyAdds } from '../../src/ticket/keptMultiplyAdds.js';

test('effective rank: n for n equal singular values, 1 for rank one, exp of the entropy between', () => {
  const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-9, `${a} ${b}`);
  close(effectiveRank([3, 0, 0, 0, 3, 0, 0, 0, 3], 3, 3), 3);
  close(effectiveRank([1, 2, 2, 4], 2, 2), 1);
  // Singular values 3 and 1: p = 3/4, 1/4; exp(-(3/4) ln(3/4) - (1/4) ln(1/4)) = 4 / 3^(3/4).
  close(effectiveRank([3, 0, 0, 1], 2, 2), 4 / 3 ** 0.75);
  assert.equal(effectiveRank([0, 0], 1, 2), 0);
});

test('the line between two networks, and its barrier', () => {
  const [a, b] = [{ w: ndArray([2], [0, 4]) }, { w: ndArray([2], [2, 0]) }];
  assert.deepEqual(interpolate(a, b, 0.25), { w: ndArray([2], [0.5, 3]) });
  assert.deepEqual(interpolate(a, b, 1), b);
  assert.ok(Math.abs(barrier([0.1, 0.4, 0.2]) - 0.25) < 1e-12);
  assert.ok(barrier([0.2, 0.1, 0.2]) >= 0);
  assert.throws(() => interpolate(a, { w: ndArray([1], [2]) }, 0.5), /second network/);
});

test('kept multiply-adds: all of a dense network, by layer of a pruned one', () => {
  for (const name of ['mlp-8-4', 'convs-4', 'blocks-4x2', 'resnet-8-4']) {
    const { architecture: network, mask: dense } = denseTicket(architecture(name, [8, 8, 1], 3), 1, 'heNormal');
    assert.equal(keptMultiplyAdds(network, dense), multiplyAdds(network));
  }
  // 64 places and 9 1 4 weights, a quarter kept: 64 9; the output of 4 16 3 weights with two kept.
  const conv = Array.from({ length: 36 }, (_, i) => Number(i % 4 === 0));
  const output = Array.from({ length: 192 }, (_, i) => Number(i < 2));
  const kept = mask({ 'conv1/kernel': { shape: [3, 3, 1, 4], values: conv }, 'output/kernel': { shape: [64, 3], values: output } });
  assert.equal(keptMultiplyAdds(architecture('convs-4', [8, 8, 1], 3), kept), 64 * 9 + 2);
});

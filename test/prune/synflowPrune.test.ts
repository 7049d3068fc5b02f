import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrays, copyArrays, get, mapArrays } from '../../src/array.js';
import { density, isSubMask, kept, type Mask, mask as maskOf } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { deadLayers } from '../../src/prune/deadLayers.js';
import { hasPath } from '../../src/prune/hasPath.js';
import { prune } from '../../src/prune/prune.js';
import { synflowPrune } from '../../src/prune/synflowPrune.js';
import { stream } from '../../src/random.js';
import { evidence } from '../toy/evidence.js';
import { derivativesOf, fromMatrices } from '../toy/twoLayerLinear.js';

const architecture = (inputs: number, hidden: number, outputs: number): Architecture => ({
  name: 'linear',
  input: [inputs],
  layers: [
    { type: 'dense', name: 'a', units: hidden },
    { type: 'dense', name: 'b', units: outputs },
  ],
});
const entries = (m: Mask): string[] => Object.values(m).map(({ values }) => values.join(''));
const draws = stream(6, 'synflow');
const matrix = (rows: number, columns: number, scale = 1) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => scale * draws.normal()));

function known(weights: Arrays, rest: { mask?: Mask } = {}) {
  return evidence(weights, { derivatives: derivativesOf(weights, [[0]], [[0]]), ...rest });
}

test('by hand: |A| = ((1, 2), (3, 0)), |B| = (2, 1) down to two weights', async () => {
  // Scores a 2 2 6 0, b 8 2. With many rounds one weight goes at a time: a11 (0); of the three 2s the last, b1; now a01 leads
  // nowhere and scores 0, so it goes; a00 (2) against a10 (6) and b0 (8): the path 3 * 2 is left.
  const weights = fromMatrices(
    [
      [1, -2],
      [3, 0],
    ],
    [[2], [-1]],
  );
  const left = async (keep: number) => entries(await synflowPrune(known(weights), { density: keep / 6 }));
  assert.deepEqual(await left(5), ['1110', '11']);
  assert.deepEqual(await left(4), ['1110', '10']);
  assert.deepEqual(await left(3), ['1010', '10']);
  assert.deepEqual(await left(2), ['0010', '10']);
});

test('every round scores the network as pruned so far, and keeps density^(k / n) of all weights', async () => {
  const weights = fromMatrices(matrix(8, 6), matrix(6, 4));
  const counts: number[] = [];
  const derivatives = derivativesOf(weights, [[0]], [[0]]);
  const watched = {
    ...derivatives,
    async synapticFlow(absolute: Arrays) {
      const all = Object.values(absolute).flatMap(({ values }) => [...values]);
      assert.ok(all.every((v) => v >= 0));
      counts.push(all.filter((v) => v > 0).length);
      return derivatives.synapticFlow(absolute);
    },
  };
  const before = copyArrays(weights);
  const mask = await synflowPrune(evidence(weights, { derivatives: watched }), { density: 0.1 });
  assert.equal(counts.length, 100);
  counts.forEach((count, k) => {
    assert.equal(count, 72 - Math.round((1 - 0.1 ** (k / 100)) * 72), `round ${k + 1}`);
  });
  assert.equal(kept(mask), 7); // 0.9 * 72 = 64.8: 65 go
  assert.deepEqual(weights, before);
});

test('agrees with the procedure written out in plain loops', async () => {
  const [inputs, hidden, outputs, rounds, final] = [7, 9, 5, 40, 0.15];
  const [a, b] = [matrix(inputs, hidden), matrix(hidden, outputs)];
  const mask = await synflowPrune(known(fromMatrices(a, b)), { density: final, rounds });

  // Each weight with its score as a sum over paths; float32 weights, as in the arrays.
  const float = (m: number[][]) => m.map((row) => row.map((v) => Math.abs(Math.fround(v))));
  const [fa, fb] = [float(a), float(b)];
  const total = inputs * hidden + hidden * outputs;
  for (let k = 1; k <= rounds; k++) {
    const scored: { m: number[][]; i: number; j: number; score: number; order: number }[] = [];
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < hidden; j++) {
        let score = 0;
        for (let o = 0; o < outputs; o++) score += (fa[i]?.[j] as number) * (fb[j]?.[o] as number);
        scored.push({ m: fa, i, j, score, order: scored.length });
      }
    }
    for (let j = 0; j < hidden; j++) {
      for (let o = 0; o < outputs; o++) {
        let score = 0;
        for (let i = 0; i < inputs; i++) score += (fa[i]?.[j] as number) * (fb[j]?.[o] as number);
        scored.push({ m: fb, i: j, j: o, score, order: scored.length });
      }
    }
    const keep = total - Math.round((1 - final ** (k / rounds)) * total);
    scored.sort((p, q) => q.score - p.score || p.order - q.order);
    for (const { m, i, j } of scored.slice(keep)) (m[i] as number[])[j] = 0;
  }
  const expected = [fa, fb].map((m) =>
    m
      .flat()
      .map((v) => Number(v > 0))
      .join(''),
  );
  assert.deepEqual(entries(mask), expected);
});

test('no layer dies where magnitude in one shot kills one', async () => {
  // The second layer is a hundred times larger, so by magnitude it alone survives.
  const weights = fromMatrices(matrix(10, 10, 0.01), matrix(10, 10));
  const toy = architecture(10, 10, 10);
  const sparse = { amount: { density: 0.05 } } as const;
  const byMagnitude = prune(known(weights).mask, mapArrays(weights, Math.abs), sparse);
  assert.deepEqual(deadLayers(byMagnitude), ['a/kernel']);
  assert.equal(hasPath(toy, byMagnitude), false);
  const bySynflow = await synflowPrune(known(weights), { density: 0.05 });
  assert.deepEqual(deadLayers(bySynflow), []);
  assert.equal(hasPath(toy, bySynflow), true);
  assert.equal(kept(bySynflow), kept(byMagnitude));
  // Maximal critical compression: two weights, one path.
  assert.equal(hasPath(toy, await synflowPrune(known(weights), { density: 2 / 200 })), true);
});

test('starts from a sparse mask, leaves excluded layers, refuses to bring weights back', async () => {
  const weights = fromMatrices(matrix(4, 5), matrix(5, 4));
  const half = maskOf(mapArrays(weights, (_, i) => i % 2) as unknown as Mask);
  const mask = await synflowPrune(known(weights, { mask: half }), { density: 0.25, rounds: 10 });
  assert.ok(isSubMask(mask, half));
  assert.equal(density(mask), 0.25);
  const held = await synflowPrune(known(weights), { density: 0.25, exclude: ['b/kernel'] });
  assert.equal(get(held, 'b/kernel').values.includes(0), false);
  assert.equal(kept({ a: get(held, 'a/kernel') }), 5);
  await assert.rejects(synflowPrune(known(weights, { mask: half }), { density: 0.75 }), /at most 0.5, the density of the mask, found 0.75/);
  await assert.rejects(synflowPrune(evidence(weights), { density: 0.5 }), /missing derivatives for the criterion 'synflow'/);
  await assert.rejects(synflowPrune(known(weights), { density: 0 }), /invalid density/);
  await assert.rejects(synflowPrune(known(weights), { density: 0.5, rounds: 0 }), /invalid levels/);
});

/** What every criterion promises, run over the list: a new one is tested as soon as it is listed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrays, copyArrays, firstDifference, get, mapArrays, mapEach } from '../../src/array.js';
import { applyMask, denseMask, type Mask, mask as maskOf } from '../../src/mask.js';
import { permutation, stream } from '../../src/random.js';
import { criteria } from '../../src/score/criteria.js';
import type { Criterion, Evidence } from '../../src/score/criterion.js';
import { derivativesOf, fromMatrices, type Matrix } from '../toy/twoLayerLinear.js';

const [inputs, hidden, outputs, examples] = [5, 7, 3, 11];
const draws = stream(3, 'toy');
const matrix = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => draws.normal()));
const [x, t] = [matrix(examples, inputs), matrix(examples, outputs)];
const initial = fromMatrices(matrix(inputs, hidden), matrix(hidden, outputs));
const trained = mapArrays(initial, (w) => w + draws.normal() / 2);
const mask: Mask = maskOf({
  'a/kernel': { shape: [inputs, hidden], values: Array.from({ length: inputs * hidden }, (_, i) => Number(i % 3 !== 0)) },
  'b/kernel': { shape: [hidden, outputs], values: Array.from({ length: hidden * outputs }, (_, i) => Number(i % 4 !== 1)) },
});

function given(weights: Arrays, start: Arrays, m: Mask, seed = 1): Evidence {
  const pruned = applyMask(weights, m);
  return { weights: pruned, initial: start, mask: m, random: stream(seed, 'score'), derivatives: derivativesOf(pruned, x, t) };
}

/** The same network with its hidden units in another order. */
function reordered(arrays: Arrays, order: Int32Array): Arrays {
  return mapEach(arrays, ({ shape, values }, name) => {
    const columns = shape[1] as number;
    const from = (i: number) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return name === 'a/kernel' ? row * columns + (order[column] as number) : (order[row] as number) * columns + column;
    };
    return { shape, values: values.map((_, i) => values[from(i)] as number) };
  });
}

for (const [name, criterion] of Object.entries(criteria) as [string, Criterion][]) {
  test(`${name}: a finite score for each weight, by the same names and shapes`, async () => {
    const scores = await criterion.score(given(trained, initial, mask));
    assert.deepEqual(Object.keys(scores), Object.keys(trained));
    for (const key of Object.keys(trained)) {
      assert.deepEqual(get(scores, key).shape, get(trained, key).shape);
      assert.ok(get(scores, key).values.every(Number.isFinite));
      assert.ok(new Set(get(scores, key).values).size > 1, 'scores tell weights apart');
    }
  });

  test(`${name}: scores stay finite when all weights are 0 and when all are pruned`, async () => {
    const zeros = mapArrays(trained, () => 0);
    const none = mapEach(mask, ({ shape, values }) => ({ shape, values: new Uint8Array(values.length) }));
    for (const evidence of [given(zeros, zeros, denseMask(zeros)), given(trained, initial, none)]) {
      for (const { values } of Object.values(await criterion.score(evidence))) assert.ok(values.every(Number.isFinite));
    }
  });

  test(`${name}: what it was given is unchanged, and the result is its own`, async () => {
    const evidence = given(trained, initial, mask);
    const before = [evidence.weights, evidence.initial, evidence.mask].map((arrays) => copyArrays(arrays as Arrays));
    const scores = await criterion.score(evidence);
    for (const { values } of Object.values(scores)) values.fill(99);
    assert.equal(firstDifference(before[0] as Arrays, evidence.weights), undefined);
    assert.equal(firstDifference(before[1] as Arrays, evidence.initial), undefined);
    assert.equal(firstDifference(before[2] as Arrays, evidence.mask), undefined);
  });

  test(`${name}: same evidence and seed, same bits`, async () => {
    const [a, b] = [await criterion.score(given(trained, initial, mask, 5)), await criterion.score(given(trained, initial, mask, 5))];
    assert.equal(firstDifference(a, b), undefined);
  });

  test(`${name}: asks only for what it declares`, async () => {
    const evidence = given(trained, initial, mask);
    const offered = {
      weights: evidence.weights,
      mask: evidence.mask,
      random: evidence.random,
      initial: criterion.needs.includes('initial') ? evidence.initial : {},
      ...(criterion.needs.includes('derivatives') && { derivatives: evidence.derivatives }),
    };
    await criterion.score(offered);
    if (criterion.needs.includes('derivatives')) {
      await assert.rejects(
        async () => criterion.score({ ...evidence, derivatives: undefined }),
        new RegExp(`missing derivatives.*'${name}'`),
      );
    }
    if (criterion.needs.includes('initial')) {
      await assert.rejects(async () => criterion.score({ ...evidence, initial: {} }), /missing array 'a\/kernel'/);
    }
  });

  // `random` draws by place, so it is the one that cannot follow a change of order.
  if (name !== 'random') {
    test(`${name}: hidden units in another order give the scores in that order`, async () => {
      const order = permutation(hidden, stream(8, 'order'));
      const plain = reordered(await criterion.score(given(trained, initial, mask)), order);
      const moved = await criterion.score(
        given(reordered(trained, order), reordered(initial, order), reordered(mask as unknown as Arrays, order) as unknown as Mask),
      );
      for (const key of Object.keys(plain)) {
        get(plain, key).values.forEach((score, i) => {
          const other = get(moved, key).values[i] as number;
          assert.ok(Math.abs(score - other) <= 1e-5 * Math.max(1, Math.abs(score)), `${key} at ${i}: ${score} and ${other}`);
        });
      }
    });
  }

  test(`${name}: says what it is and where it comes from`, () => {
    assert.match(criterion.summary, /^.{10,80}$/);
    assert.match(criterion.source, /^(arXiv:\d{4}\.\d{5}|control)$/);
  });
}

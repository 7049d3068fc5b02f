/** Gradual pruning, worked by hand on a training that is scripted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, ndArray } from '../../src/array.js';
import { mask as maskOf } from '../../src/mask.js';
import { certify, type Evidence } from '../../src/ticket/certificate.js';
import { type GradualPruningOptions, gradualPruning } from '../../src/ticket/gradualPruning.js';
import type { PausedTraining, PausingTraining } from '../../src/train/train.js';
import { bits, followed, nothing } from './pausingTraining.js';

/** dense1 is [2, 4], output is [4, 1]; both are dense. */
const start: PausedTraining = {
  mask: maskOf({
    'dense1/kernel': { shape: [2, 4], values: [1, 1, 1, 1, 1, 1, 1, 1] },
    'output/kernel': { shape: [4, 1], values: [1, 1, 1, 1] },
  }),
  weights: {
    'dense1/kernel': ndArray([2, 4], [0.1, -0.8, 0.3, 0.4, -0.5, 0.6, -0.7, 0.2]),
    'dense1/bias': ndArray([4], [1, 2, 3, 4]),
    'output/kernel': ndArray([4, 1], [4, 3, 2, 1]),
  },
  slots: {
    'm/dense1/kernel': ndArray([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]),
    'm/dense1/bias': ndArray([4], [1, 1, 1, 1]),
    'm/output/kernel': ndArray([4, 1], [1, 2, 3, 4]),
  },
};

/** Pauses at the given iterations; in between, the weight 0.3 of dense1 becomes 0.05 and the others stay. */
async function* scripted(steps: readonly number[], given: PausedTraining[]): PausingTraining<'trained'> {
  let network = start;
  for (const step of steps) {
    const changed: PausedTraining | undefined = yield { ...network, step, next: nothing };
    assert.ok(changed);
    given.push(changed);
    const kernel = get(changed.weights, 'dense1/kernel').values.slice();
    if (kernel[2] !== 0) kernel[2] = 0.05;
    network = { ...changed, weights: { ...changed.weights, 'dense1/kernel': ndArray([2, 4], kernel) } };
  }
  return 'trained';
}

async function prunes(options: GradualPruningOptions, steps: readonly number[]) {
  const given: PausedTraining[] = [];
  return { given, ...(await followed(gradualPruning(options, scripted(steps, given)), given)) };
}

const options = { keep: { 'dense1/kernel': 2, 'output/kernel': 4 }, every: 10, prunings: 3 };

test('by hand: each layer falls to its own number, the smallest go, and none comes back', async () => {
  const { given, told, result } = await prunes(options, [10, 20, 30]);
  assert.equal(result, 'trained');
  // 8 (0.25 + 0.75 (1 - k/3)^3) = 3.78, 2.22, 2: first the four largest of 0.1, 0.8, 0.3, 0.4, 0.5, 0.6, 0.7, 0.2, then two of them.
  assert.deepEqual(
    told.map((pruning) => bits(pruning)),
    ['01001110', '01000010', '01000010'],
  );
  assert.deepEqual(
    told.map(({ step, removed }) => [step, removed]),
    [
      [10, 4],
      [20, 2],
      [30, 0],
    ],
  );
  // A layer that keeps everything is left alone.
  for (const pruning of told) assert.equal(bits(pruning, 'output/kernel'), '1111');
  const [first] = given as [PausedTraining];
  assert.deepEqual([...get(first.weights, 'dense1/kernel').values], [...Float32Array.of(0, -0.8, 0, 0, -0.5, 0.6, -0.7, 0)]);
  assert.deepEqual([...get(first.slots, 'm/dense1/kernel').values], [0, 2, 0, 0, 5, 6, 7, 0]);
  for (const name of ['dense1/bias', 'output/kernel']) {
    assert.deepEqual(get(first.weights, name), get(start.weights, name));
    assert.deepEqual(get(first.slots, `m/${name}`), get(start.slots, `m/${name}`));
  }
});

test('what training made small goes next', async () => {
  // 8 (1 - 0.5 (1 - (1 - k/2)^3)): 3.5 are out, halves up, then 4, which they are already.
  const { told } = await prunes({ ...options, keep: { 'dense1/kernel': 4, 'output/kernel': 4 }, prunings: 2 }, [10, 20]);
  assert.deepEqual(
    told.map((pruning) => bits(pruning)),
    ['01001110', '01001110'],
  );
  // 8 (0.625 + 0.375 (1 - k/3)^3) = 5.89, 5.11, 5: of six kept at first one is 0.3, which is 0.05 at the second pruning and goes before 0.4.
  const other = await prunes({ ...options, keep: { 'dense1/kernel': 5, 'output/kernel': 4 } }, [10, 20, 30]);
  assert.deepEqual(
    other.told.map((pruning) => bits(pruning)),
    ['01111110', '01011110', '01011110'],
  );
});

test('before its start nothing goes, and a pause after the last pruning finds the numbers asked for', async () => {
  const { told } = await prunes({ ...options, start: 10, prunings: 1 }, [5, 10, 20, 25]);
  assert.deepEqual(
    told.map(({ removed }) => removed),
    [0, 0, 6, 0],
  );
});

test('a layer without a number is named', async () => {
  await assert.rejects(prunes({ ...options, keep: { 'dense1/kernel': 2 } }, [10]), /number of weights that 'output\/kernel' keeps/);
  await assert.rejects(prunes({ ...options, keep: { ...options.keep, 'dense1/kernel': 9 } }, [10]), /density/);
});

test('the end is certified: numbers by layer, nothing that was pruned before, pruned weights 0', () => {
  const mask = maskOf({
    'dense1/kernel': { shape: [2, 4], values: [1, 1, 1, 1, 1, 1, 1, 0] },
    'output/kernel': { shape: [4, 1], values: [1, 1, 1, 1] },
  });
  const after = (values: readonly number[]) => ({ ...mask, 'dense1/kernel': { shape: [2, 4], values: Uint8Array.from(values) } });
  const end = [0, 1, 0, 0, 0, 0, 1, 0];
  const weights = { ...start.weights, 'dense1/kernel': ndArray([2, 4], [0.1, -0.8, 0.3, 0.4, -0.5, 0.6, -0.7, 0]) };
  const evidence = (values: readonly number[], trained: readonly number[], keep = 2): Evidence => ({
    ...{ level: 0, mask, expectedKept: 11, origin: weights, start: weights, startSlots: {}, maskChecks: 2 },
    trained: { ...weights, 'dense1/kernel': ndArray([2, 4], trained) },
    moved: { mask: after(values), updates: 3, keep: { 'dense1/kernel': keep, 'output/kernel': 4 } },
  });
  const trained = [0, -0.8, 0, 0, 0, 0, -0.7, 0];
  assert.equal(
    certify(evidence(end, trained)).checks['layers end as asked'],
    '6 weights in 2 layers after 3 prunings, all of the first mask',
  );
  assert.throws(() => certify(evidence(end, trained, 3)), /'dense1\/kernel' ends with 2 weights, 3 were asked for/);
  assert.throws(() => certify(evidence([0, 1, 0, 0, 0, 0, 0, 1], trained)), /keeps a weight that was pruned at its start/);
  assert.throws(() => certify(evidence(end, [9, -0.8, 0, 0, 0, 0, -0.7, 0])), /'dense1\/kernel' holds a pruned weight/);
});

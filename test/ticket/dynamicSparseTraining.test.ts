/** Moving connections, worked by hand on a training that is scripted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrays, get, ndArray } from '../../src/array.js';
import { mask as maskOf } from '../../src/mask.js';
import { mlp } from '../../src/model/families/mlp.js';
import { stream } from '../../src/random.js';
import { certify, type Evidence } from '../../src/ticket/certificate.js';
import { type DynamicSparseOptions, dynamicSparseTraining } from '../../src/ticket/dynamicSparseTraining.js';
import { maskUpdateSteps } from '../../src/ticket/maskUpdateSteps.js';
import type { PausedTraining } from '../../src/train/train.js';
import { bits, followed, nothing } from './pausingTraining.js';

/** dense1 is [2, 3], four of six kept; output is [3, 1], dense. */
const architecture = mlp('hand', [3], [1, 2, 1], 1);
const start: PausedTraining = {
  mask: maskOf({
    'dense1/kernel': { shape: [2, 3], values: [1, 1, 0, 1, 1, 0] },
    'output/kernel': { shape: [3, 1], values: [1, 1, 1] },
  }),
  weights: {
    'dense1/kernel': ndArray([2, 3], [0.5, -0.1, 0, 3, -0.2, 0]),
    'dense1/bias': ndArray([3], [1, 2, 3]),
    'output/kernel': ndArray([3, 1], [7, 8, 9]),
    'output/bias': ndArray([1], [4]),
  },
  slots: {
    'm/dense1/kernel': ndArray([2, 3], [10, 20, 0, 40, 50, 0]),
    'm/dense1/bias': ndArray([3], [1, 1, 1]),
    'm/output/kernel': ndArray([3, 1], [1, 2, 3]),
    'm/output/bias': ndArray([1], [1]),
  },
};
const gradients: Arrays = {
  'dense1/kernel': ndArray([2, 3], [0, 0.3, -0.9, 0, 0.1, 0.2]),
  'output/kernel': ndArray([3, 1], [0, 0, 0]),
};

/** Pauses at the given iterations and keeps what it is given back; weights stay as they are. */
async function* scripted(steps: readonly number[], given: PausedTraining[]) {
  let network = start;
  for (const step of steps) {
    const changed: PausedTraining | undefined = yield { ...network, step, next: nothing };
    assert.ok(changed);
    network = changed;
    given.push(network);
  }
  return 'trained' as const;
}

async function moves(options: Partial<DynamicSparseOptions>, steps: readonly number[], asked: number[] = [], seed = 1) {
  const given: PausedTraining[] = [];
  const procedure = dynamicSparseTraining(
    { architecture, by: 'gradient', share: 1, end: 100, ...options },
    {
      training: scripted(steps, given),
      gradients: ({ step }) => {
        asked.push(step);
        return gradients;
      },
      random: (step) => stream(seed, 'grow', step),
    },
  );
  const { told: updates, result } = await followed(procedure, given);
  return { given, updates, result };
}

test('RigL by hand: -0.1 and -0.2 go, the two largest gradients come, from 0, with their slots at 0', async () => {
  // At half of the way the share 1 has fallen to 1/2: two of four weights.
  const { given, updates, result } = await moves({}, [50]);
  assert.equal(result, 'trained');
  const [network] = given as [PausedTraining];
  // |gradient| of what is not kept: 0.3 (just dropped), 0.9, 0.1 (just dropped), 0.2. So -0.1 comes back at once, and stays as it was.
  assert.equal(bits(network), '111100');
  assert.deepEqual([...get(network.weights, 'dense1/kernel').values], [...Float32Array.of(0.5, -0.1, 0, 3, 0, 0)]);
  assert.deepEqual([...get(network.slots, 'm/dense1/kernel').values], [10, 20, 0, 40, 0, 0]);
  assert.equal(updates[0]?.moved, 1);
  assert.equal(updates[0]?.share, 0.5);
  // A dense layer has nothing to choose from, and what no mask names is left alone.
  assert.equal(bits(network, 'output/kernel'), '111');
  for (const name of ['dense1/bias', 'output/kernel', 'output/bias']) {
    assert.deepEqual(get(network.weights, name), get(start.weights, name));
    assert.deepEqual(get(network.slots, `m/${name}`), get(start.slots, `m/${name}`));
  }
});

test('the share falls along a cosine: of four weights three, then none', async () => {
  const asked: number[] = [];
  const { given, updates } = await moves({}, [25, 90, 99], asked);
  assert.deepEqual(asked, [25, 90, 99]);
  assert.deepEqual(
    updates.map(({ step }) => step),
    [25, 90, 99],
  );
  // 1/2 (1 + cos(pi/4)) = 0.854: 3 of 4; the three best of 0.3, 0.9, 0.1, 0.2 and of the dropped 0.5, whose gradient is 0.
  assert.equal(bits(given[0] as PausedTraining), '011101');
  assert.equal(bits(given[1] as PausedTraining), '011101');
  assert.deepEqual(
    updates.map(({ moved }) => moved),
    [2, 0, 0],
  );
});

test('SET draws from the stream that it is given for the iteration, and asks for no gradient', async () => {
  const asked: number[] = [];
  const once = await moves({ by: 'random' }, [20, 40], asked);
  assert.deepEqual(asked, []);
  assert.deepEqual((await moves({ by: 'random' }, [20, 40])).given, once.given);
  const found = new Set(
    await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) => bits((await moves({ by: 'random' }, [20], [], seed)).given[0] as PausedTraining)),
    ),
  );
  assert.ok(found.size > 1, 'other streams, other connections');
  for (const mask of found) {
    // 0.905 of 4 weights, rounded down: 3 go, and 3 (the largest) stays.
    assert.equal([...mask].filter((bit) => bit === '1').length, 4);
    assert.equal(mask[3], '1');
  }
});

test('a changed mask is certified by layer and at the end', () => {
  const before = start.mask;
  const after = maskOf({
    'dense1/kernel': { shape: [2, 3], values: [1, 0, 1, 1, 0, 1] },
    'output/kernel': { shape: [3, 1], values: [1, 1, 1] },
  });
  const trained = { ...start.weights, 'dense1/kernel': ndArray([2, 3], [1, 0, 2, 3, 0, 4]) };
  const evidence: Evidence = {
    ...{ level: 0, mask: before, expectedKept: 7, origin: start.weights, start: start.weights, startSlots: {}, trained, maskChecks: 2 },
    moved: { mask: after, updates: 3 },
  };
  assert.equal(certify(evidence).checks['layers keep their counts'], '2 layers through 3 mask updates');
  const { moved: _, ...unmoved } = evidence;
  assert.throws(() => certify(unmoved), /'dense1\/kernel' holds a pruned weight/);
  assert.throws(
    () => certify({ ...evidence, trained: { ...trained, 'dense1/kernel': ndArray([2, 3], [1, 5, 2, 3, 0, 4]) } }),
    /pruned weight/,
  );
  const other = { ...after, 'dense1/kernel': { shape: [2, 3], values: Uint8Array.of(1, 0, 1, 1, 0, 0) } };
  assert.throws(() => certify({ ...evidence, moved: { mask: other, updates: 3 } }), /'dense1\/kernel' does not keep as many/);
});

test('mask updates stand at multiples of the interval, before the end', () => {
  assert.deepEqual(maskUpdateSteps(50, 225), [50, 100, 150, 200]);
  assert.deepEqual(maskUpdateSteps(100, 99), []);
  assert.deepEqual(maskUpdateSteps(100, 0), []);
  assert.deepEqual(maskUpdateSteps(50, 225, 60), [110, 160, 210]);
  assert.deepEqual(maskUpdateSteps(50, 50, 60), []);
  assert.throws(() => maskUpdateSteps(0, 10), /mask updates/);
});

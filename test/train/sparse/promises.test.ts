/** What the sparse engine promises beside equality: gradients, bits, resuming, refusals. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Arrays, firstDifference, get, mapArrays, size } from '../../../src/array.js';
import { applyMask, denseMask, type Mask } from '../../../src/mask.js';
import type { Architecture } from '../../../src/model/architecture.js';
import { initialise } from '../../../src/model/initialise.js';
import { parameters } from '../../../src/model/shapes.js';
import { stream } from '../../../src/random.js';
import { sparseKernels, whyNoSparseKernels } from '../../../src/train/sparse/kernels.js';
import { openTrainer, type Trainer, type TrainerOptions, type Update } from '../../../src/train/trainer.js';
import { smallArchitectures } from '../../fixtures/smallArchitectures.js';
import { tinyDataset } from '../../fixtures/tinyDataset.js';
import { randomArchitecture, randomMask } from './randomCase.js';
import { normalisedArchitectures, photos, smoothed, sparseArchitectures } from './sparseArchitectures.js';

const skip = whyNoSparseKernels() ?? false;
const dataset = tinyDataset();
const block = smallArchitectures['a block and dropout'] as Architecture;

const open = (options: Partial<TrainerOptions> & { architecture: Architecture }): Promise<Trainer> =>
  openTrainer({ dataset, batchSize: 20, optimizer: { name: 'sgd', momentum: 0.9 }, engine: 'sparse', ...options });

function updates(from: number, count: number, batchSize = 20): Update[] {
  return Array.from({ length: count }, (_, k) => ({
    indices: Int32Array.from({ length: batchSize }, (_, i) => ((from + k) * 31 + i * 7) % dataset.train.count),
    learningRate: 0.02,
    step: from + k,
    seed: 5,
  }));
}

async function withThreads<T>(count: string, work: () => Promise<T>): Promise<T> {
  const before = process.env['TF_NUM_INTRAOP_THREADS'];
  process.env['TF_NUM_INTRAOP_THREADS'] = count;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env['TF_NUM_INTRAOP_THREADS'];
    else process.env['TF_NUM_INTRAOP_THREADS'] = before;
  }
}

describe('gradients of the sparse engine', { skip }, () => {
  // The kinks of the others spoil differences; their gradients are held by the equality with the compiled engine.
  for (const [name, rough] of Object.entries({ ...smallArchitectures, ...sparseArchitectures, ...normalisedArchitectures })) {
    const architecture = smoothed(rough);
    const large = Object.hasOwn(normalisedArchitectures, name);
    const batchSize = large ? 60 : 20;
    // A gradient is what one update without momentum at rate 1 takes off; dropout draws the same noise for the same seed and step.
    test(`equal finite differences: ${name}`, async () => {
      const trainer = await open({
        architecture,
        batchSize,
        ...(large && { dataset: photos(architecture) }),
        optimizer: { name: 'sgd' },
        loss: 'squaredError',
      });
      const draw = stream(4, name);
      const shapes = parameters(architecture).filter((p) => p.prunable);
      const mask: Mask = Object.fromEntries(
        shapes.map((p) => [p.name, { shape: p.shape, values: new Uint8Array(size(p.shape)).map(() => (draw.uniform() < 0.6 ? 1 : 0)) }]),
      );
      const weights = applyMask(initialise(architecture, 2, 'heNormal'), mask);
      const random = stream(9, name);
      const update: Update = { ...(updates(0, 1, batchSize)[0] as Update), learningRate: 1 };
      const lossAt = (w: Arrays): number => {
        trainer.load(mask, w);
        return trainer.update([update])[0] as number;
      };
      lossAt(weights);
      const after = trainer.state().weights;
      const gradient = mapArrays(weights, (w, i, n) => w - (get(after, n).values[i] as number));
      // Along a random direction of kept weights: central difference against the gradient's projection.
      const trainable = new Set(
        parameters(architecture)
          .filter((p) => p.trainable)
          .map((p) => p.name),
      );
      for (let direction = 0; direction < 3; direction++) {
        const d = applyMask(
          mapArrays(weights, (_, __, n) => (trainable.has(n) ? random.normal() : 0)),
          mask,
        );
        const dot = Object.entries(d).reduce(
          (sum, [n, { values }]) => sum + values.reduce((s, v, i) => s + v * (get(gradient, n).values[i] as number), 0),
          0,
        );
        const h = 1e-3;
        const moved = (sign: number): Arrays => mapArrays(weights, (w, i, n) => w + sign * h * (get(d, n).values[i] as number));
        const numeric = (lossAt(moved(1)) - lossAt(moved(-1))) / (2 * h);
        assert.ok(
          Math.abs(numeric - dot) < 0.01 * Math.max(0.1, Math.abs(dot)),
          `direction ${direction}: ${numeric} by differences, ${dot} by gradient`,
        );
      }
      trainer.close();
    });
  }
});

describe('bits of the sparse engine', { skip }, () => {
  const run = async (options: Partial<TrainerOptions>, calls: readonly Update[][], mask: Mask) => {
    const trainer = await open({ architecture: block, augmentation: 'cropFlip', ...options });
    trainer.load(mask, initialise(block, 1, 'heNormal'));
    const losses = calls.flatMap((list) => [...trainer.update(list)]);
    const result = { losses, state: trainer.state(), test: trainer.evaluate('test') };
    trainer.close();
    return result;
  };
  const mask = randomMask(block, stream(1, 'bits'));

  test('one call or many, one thread or three: the same bits', async () => {
    const single = await run(
      {},
      updates(0, 12).map((u) => [u]),
      mask,
    );
    assert.deepEqual(await run({}, [updates(0, 12)], mask), single);
    assert.deepEqual(await withThreads('3', () => run({}, [updates(0, 12)], mask)), single);
  });

  test('large layers on several threads: the same bits', async () => {
    const wide: Architecture = {
      name: 'wide',
      input: [8, 8, 1],
      layers: [
        { type: 'convolution', name: 'conv1', filters: 40, size: 3 },
        { type: 'batchNorm', name: 'norm' },
        { type: 'activation', function: 'relu' },
        { type: 'convolution', name: 'conv2', filters: 48, size: 3, stride: 2 },
        { type: 'activation', function: 'relu' },
        { type: 'flatten' },
        { type: 'dense', name: 'dense1', units: 400 },
        { type: 'activation', function: 'relu' },
        { type: 'dense', name: 'output', units: 4 },
      ],
    };
    const results = [];
    const weights = initialise(wide, 1, 'heNormal');
    const kernels = parameters(wide).filter((p) => p.prunable);
    for (const threads of ['1', '2', '5']) {
      results.push(
        await withThreads(threads, async () => {
          const trainer = await open({ architecture: wide, batchSize: 48 });
          trainer.load(denseMask(Object.fromEntries(kernels.map((p) => [p.name, get(weights, p.name)]))), weights);
          const found = { losses: trainer.update(updates(0, 4, 48)), state: trainer.state() };
          trainer.close();
          return found;
        }),
      );
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });

  for (const [name, architecture] of Object.entries(normalisedArchitectures)) {
    test(`block by block on several threads: the same bits: ${name}`, async () => {
      const weights = initialise(architecture, 1, 'heNormal');
      const results = [];
      for (const threads of ['1', '2', '3', '7']) {
        results.push(
          await withThreads(threads, async () => {
            const trainer = await open({ architecture, batchSize: 60, dataset: photos(architecture) });
            trainer.load(randomMask(architecture, stream(1, 'bits')), weights);
            const found = { losses: trainer.update(updates(0, 4, 60)), state: trainer.state() };
            trainer.close();
            return found;
          }),
        );
      }
      for (const result of results) assert.deepEqual(result, results[0]);
    });
  }

  for (const optimizer of [{ name: 'sgd' }, { name: 'sgd', momentum: 0.9 }, { name: 'adam' }] as const) {
    test(`a state that is loaded again goes on with the same bits: ${JSON.stringify(optimizer)}`, async () => {
      const whole = await run({ optimizer }, [updates(0, 20)], mask);
      const first = await run({ optimizer }, [updates(0, 9)], mask);
      const trainer = await open({ architecture: block, augmentation: 'cropFlip', optimizer });
      // Something else was trained in between.
      trainer.load(randomMask(block, stream(2, 'other')), initialise(block, 7, 'heNormal'));
      trainer.update(updates(0, 2));
      trainer.load(mask, first.state.weights, first.state.slots);
      assert.equal(firstDifference(trainer.state().weights, first.state.weights), undefined);
      const losses = trainer.update(updates(9, 11));
      assert.deepEqual([...first.losses, ...losses], whole.losses);
      assert.equal(firstDifference(trainer.state().weights, whole.state.weights), undefined);
      assert.equal(firstDifference(trainer.state().slots, whole.state.slots), undefined);
      trainer.close();
    });
  }

  test('a regrown weight starts with the value and the slots that it is given', async () => {
    const trainer = await open({ architecture: block });
    const weights = initialise(block, 1, 'heNormal');
    trainer.load(mask, weights);
    trainer.update(updates(0, 3));
    const state = trainer.state();
    const full = Object.fromEntries(
      Object.entries(mask).map(([name, { shape, values }]) => [name, { shape, values: values.map(() => 1) }]),
    );
    trainer.load(full, state.weights, state.slots);
    assert.equal(firstDifference(trainer.state().weights, state.weights), undefined);
    assert.equal(firstDifference(trainer.state().slots, state.slots), undefined);
    trainer.close();
  });

  test('pruned weights and their slots are exactly 0 at random shapes and densities', async () => {
    for (let seed = 0; seed < 12; seed++) {
      const random = stream(seed, 'shapes');
      const architecture = randomArchitecture(random, 4);
      const own = randomMask(architecture, random);
      const data = tinyDataset({ shape: architecture.input as [number, number, number], train: 60 });
      const trainer = await open({
        architecture,
        dataset: data,
        batchSize: 1 + random.integer(40),
        optimizer: { name: 'adam' },
        weightDecay: 0.01,
      });
      trainer.load(own, initialise(architecture, 1, 'heNormal'));
      const losses = trainer.update(updates(0, 3, trainer.batchSize).map((u) => ({ ...u, indices: u.indices.map((i) => i % 60) })));
      assert.ok(losses.every(Number.isFinite), `seed ${seed}`);
      const { weights, slots } = trainer.state();
      for (const [name, { values }] of Object.entries(own)) {
        for (const array of [get(weights, name), get(slots, `m/${name}`), get(slots, `v/${name}`)]) {
          assert.ok(
            values.every((kept, i) => kept === 1 || Object.is(array.values[i], 0)),
            `seed ${seed}, ${name}`,
          );
        }
      }
      trainer.close();
    }
  });
});

describe('what does not fit is refused', { skip }, () => {
  test('a trainer without weights says so, whatever it is asked', async () => {
    const trainer = await open({ architecture: block });
    for (const ask of [() => trainer.update(updates(0, 1)), () => trainer.evaluate('test'), () => trainer.state()])
      assert.throws(ask, /missing weights of '.*'; call load\(mask, weights\) before anything else/);
    trainer.close();
  });

  test('wrong weights, masks, batches and image numbers', async () => {
    const trainer = await open({ architecture: block });
    const weights = initialise(block, 1, 'heNormal');
    const mask = randomMask(block, stream(1, 'refused'));
    const { 'conv/kernel': _, ...rest } = mask;
    assert.throws(() => trainer.load(rest, weights), /missing 'conv\/kernel' in mask/);
    assert.throws(() => trainer.load(mask, { ...weights, more: { shape: [1], values: new Float32Array(1) } }), /also 'more'/);
    trainer.load(mask, weights);
    const [update] = updates(0, 1) as [Update];
    assert.throws(() => trainer.update([{ ...update, indices: update.indices.subarray(1) }]), /expected 20 images/);
    assert.throws(() => trainer.update([{ ...update, indices: update.indices.map(() => -1) }]), /outside the data set/);
    assert.throws(() => trainer.update([{ ...update, indices: update.indices.map(() => 1e6) }]), /outside the data set/);
    trainer.close();
    assert.throws(() => trainer.update([update]), /closed/);
  });

  test('plans that no architecture gives', () => {
    const kernels = sparseKernels();
    const optimizer = new Float32Array(7);
    assert.throws(() => kernels.create(new Int32Array(0), optimizer, 1), /ends early/);
    assert.throws(() => kernels.create(Int32Array.of(20, 0), optimizer, 1), /not in 1/);
    assert.throws(() => kernels.create(Int32Array.of(20, 8, 8), new Float32Array(3), 1), /seven numbers/);
    assert.throws(
      () => kernels.update({}, new Int32Array(0), new Float32Array(0), new Int32Array(0), new Float32Array(0)),
      /not a network/,
    );
  });

  test('a loss that is no number shows', async () => {
    const trainer = await open({ architecture: block });
    const weights = initialise(block, 1, 'heNormal');
    trainer.load(randomMask(block, stream(1, 'nan')), {
      ...weights,
      'output/bias': { shape: [4], values: new Float32Array([NaN, 0, 0, 0]) },
    });
    assert.ok(Number.isNaN(trainer.update(updates(0, 1))[0]));
    trainer.close();
  });
});

test('without the kernels the compiled or eager engine serves and says why', {
  skip: skip === false ? 'the kernels are there' : false,
}, async () => {
  const trainer = await open({ architecture: block });
  assert.notEqual(trainer.engine, 'sparse');
  assert.match(trainer.fallback ?? '', /missing sparse kernels/);
  trainer.close();
});

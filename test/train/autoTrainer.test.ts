import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mask } from '../../src/mask.js';
import { denseMask } from '../../src/mask.js';
import { architecture } from '../../src/model/families/families.js';
import { initialise } from '../../src/model/initialise.js';
import { parameters, prunable } from '../../src/model/shapes.js';
import { autoTrainer, type KeepDecision } from '../../src/train/autoTrainer.js';
import type { EngineDecision } from '../../src/train/sparse/chooseEngine.js';
import { whyNoSparseKernels } from '../../src/train/sparse/kernels.js';
import { openTrainer, type Trainer, type TrainerOptions } from '../../src/train/trainer.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

const dataset = tinyDataset();
const maskOf = (...values: number[]): Mask => ({ 'a/kernel': { shape: [values.length], values: Uint8Array.from(values) } });
let clock = 0;
const now = (): number => clock;

/** A trainer whose updates take on the test's own clock what `milliseconds` says of the mask, and which notes what it does. */
function timed(engine: Trainer['engine'], milliseconds: (kept: number) => number, notes: string[]): Trainer {
  let kept = 0;
  return {
    ...{ architecture: { name: 'none', input: [8, 8, 1], layers: [] }, dataset, batchSize: 20, engine, stepsPerCall: 1 },
    load: (mask) => {
      kept = mask['a/kernel']?.values.reduce((a, b) => a + b, 0) ?? 0;
      notes.push(`${engine} loads ${kept}`);
    },
    update: (updates) => {
      clock += milliseconds(kept);
      return new Float32Array(updates.length);
    },
    state: () => ({ weights: { of: { shape: [1], values: Float32Array.of(engine.length) } }, slots: {} }),
    evaluate: () => ({ loss: engine.length, accuracy: 0 }),
    evaluation: () => assert.fail('nothing is measured on the way'),
    close: () => void notes.push(`${engine} closes`),
  };
}

/** The sparse one wins where fewer than half of 4 weights are kept. */
const pair = (notes: string[] = []) =>
  [timed('compiled', () => 10, notes), timed('sparse', (kept) => 5 * kept, notes)] as [Trainer, Trainer];

test('each mask gets the faster engine, which then does all the work', () => {
  const notes: string[] = [];
  const trainer = autoTrainer(pair(notes), { now });
  trainer.load(maskOf(1, 1, 1, 1), {});
  assert.deepEqual([trainer.engine, trainer.decision?.milliseconds], ['compiled', { compiled: 10, sparse: 20 }]);
  assert.equal(trainer.evaluate('test').loss, 'compiled'.length);
  trainer.load(maskOf(1, 0, 0, 0), {});
  assert.equal(trainer.engine, 'sparse');
  assert.match(trainer.decision?.reason ?? '', /^sparse at density 0.250: compiled 10.0 ms, sparse 5.00 ms an update$/);
  assert.equal(trainer.evaluate('test').loss, 'sparse'.length);
  trainer.close();
  assert.deepEqual(notes.slice(-2), ['compiled closes', 'sparse closes']);
});

test('masks of as many kept weights are timed once', () => {
  const notes: string[] = [];
  const trainer = autoTrainer(pair(notes), { now });
  trainer.load(maskOf(1, 0, 0, 0), {});
  notes.length = 0;
  trainer.load(maskOf(0, 0, 0, 1), {});
  assert.deepEqual(notes, ['sparse loads 1']);
});

test('a decision that was kept is taken without timing, also against the clock', () => {
  const kept: EngineDecision = { engine: 'compiled', density: 0.25, milliseconds: {}, reason: 'an earlier run' };
  const asked: string[] = [];
  const keep: KeepDecision = (count, of) => {
    asked.push(`${count} of ${of}`);
    return kept;
  };
  const notes: string[] = [];
  const trainer = autoTrainer(pair(notes), { keep, now });
  trainer.load(maskOf(1, 0, 0, 0), {});
  assert.deepEqual([trainer.engine, trainer.decision, asked, notes], ['compiled', kept, ['1 of 4'], ['compiled loads 1']]);
});

test('without the kernels the compiled step serves and says so; a kept decision for them is an error', () => {
  const fallback = 'missing sparse kernels (no compiler)';
  const only: [Trainer] = [timed('compiled', () => 10, [])];
  const trainer = autoTrainer(only, { fallback, now });
  trainer.load(maskOf(1, 0), {});
  assert.deepEqual([trainer.engine, trainer.fallback], ['compiled', fallback]);
  assert.equal(trainer.decision?.reason, `compiled at density 0.500: compiled 10.0 ms an update; ${fallback}`);
  const keep: KeepDecision = () => ({ engine: 'sparse', density: 0.5, milliseconds: {}, reason: '' });
  assert.throws(
    () => autoTrainer(only, { fallback, keep, now }).load(maskOf(1, 0), {}),
    /missing engine 'sparse' \(missing sparse kernels/,
  );
});

const network = architecture('mlp-30-20', [8, 8, 1], 4);
const open = (options: Partial<TrainerOptions>): Promise<Trainer> =>
  openTrainer({ architecture: network, dataset, batchSize: 20, optimizer: { name: 'adam' }, ...options });
const mask = denseMask(
  Object.fromEntries(
    prunable(network).map(({ name, shape }) => [name, { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }]),
  ),
);
const weights = initialise(network, 1, 'heNormal');

/** Losses of three updates and the weights after them. */
function trained(trainer: Trainer) {
  trainer.load(mask, weights);
  const updates = [0, 1, 2].map((step) => ({
    indices: Int32Array.from({ length: 20 }, (_, i) => i + step),
    learningRate: 0.01,
    step,
    seed: 1,
  }));
  const losses = [...trainer.update(updates)];
  return { losses, weights: Object.values(trainer.state().weights).map(({ values }) => [...values]) };
}

for (const engine of ['compiled', 'eager', 'sparse'] as const) {
  test(`${engine}: told by a kept decision or forced, the same bits`, async (t) => {
    const forced = await open({ engine });
    const keepDecision: KeepDecision = () => ({ engine: forced.engine, density: 1, milliseconds: {}, reason: 'kept' });
    const auto = await open({ engine: 'auto', keepDecision });
    t.after(() => [forced, auto].forEach((trainer) => trainer.close()));
    if (engine === 'eager' || (engine === 'sparse' && whyNoSparseKernels() !== undefined)) {
      // Not among those that auto chooses from, where TensorFlow compiles.
      if (auto.engine !== forced.engine) assert.throws(() => auto.load(mask, weights), /missing engine/);
      return;
    }
    assert.deepEqual(trained(auto), trained(forced));
    assert.equal(auto.engine, engine);
  });
}

test('a network that the kernels cannot train says so and is not timed', async (t) => {
  const heads = {
    name: 'h',
    input: [8, 8, 1],
    layers: [{ type: 'upsample', factor: 2 }, { type: 'flatten' }, { type: 'dense', name: 'output', units: 4 }],
  } as const;
  for (const engine of ['auto', 'sparse'] as const) {
    const trainer = await open({ architecture: heads, engine });
    t.after(() => trainer.close());
    assert.match(trainer.fallback ?? '', /know no 'upsample' layer/);
    assert.equal(trainer.decision, undefined);
  }
  assert.ok(parameters(network).length > 0);
});

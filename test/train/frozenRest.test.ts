/** Kernels of which a part is frozen at values other than 0. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrays, firstDifference, get, mapEach, pick } from '../../src/array.js';
import { batches } from '../../src/dataset/batches.js';
import { applyMask, type Mask } from '../../src/mask.js';
import { initialise } from '../../src/model/initialise.js';
import { prunable } from '../../src/model/shapes.js';
import { frozenRest, restOf } from '../../src/train/frozenRest.js';
import { openTrainer } from '../../src/train/trainer.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

const dataset = tinyDataset();
const [architecture] = Object.values(smallArchitectures) as [(typeof smallArchitectures)[keyof typeof smallArchitectures]];
const kernels = prunable(architecture).map((p) => p.name);
const whole = initialise(architecture, 3, 'heNormal');
const mask: Mask = Object.fromEntries(
  kernels.map((name) => {
    const { shape, values } = get(whole, name);
    return [name, { shape, values: Uint8Array.from(values, (_, i) => (i % 4 === 0 ? 0 : 1)) }];
  }),
);
/** What the mask takes away, under the names of the rest. */
const rest: Arrays = Object.fromEntries(
  Object.entries(
    mapEach(pick(whole, kernels), ({ shape, values }, name) => ({
      shape,
      values: values.map((w, i) => ((get(mask, name).values[i] as number) === 1 ? 0 : w)),
    })),
  ).map(([name, array]) => [restOf(name), array]),
);
const common = { architecture, dataset, batchSize: 20, optimizer: { name: 'adam' } as const };

test('kernel and rest together are the network, on both engines', async () => {
  const plain = await openTrainer({ ...common, engine: 'eager' });
  plain.load(Object.fromEntries(kernels.map((name) => [name, { ...get(mask, name), values: get(mask, name).values.map(() => 1) }])), whole);
  const wanted = plain.evaluate('test');
  plain.close();
  for (const engine of ['eager', 'auto'] as const) {
    const parts = await openTrainer({ ...common, engine, parameterisation: frozenRest });
    parts.load(mask, { ...whole, ...rest });
    const found = parts.evaluate('test');
    assert.ok(Math.abs(found.loss - wanted.loss) < 1e-5 && found.accuracy === wanted.accuracy, `${engine}: ${found.loss}, ${wanted.loss}`);
    parts.close();
  }
});

test('training moves kept weights, leaves pruned ones at 0 and the rest as it was, bit by bit', async () => {
  const trainer = await openTrainer({ ...common, engine: 'auto', weightDecay: 0.01, parameterisation: frozenRest });
  trainer.load(mask, { ...whole, ...rest });
  const order = batches({ count: dataset.train.count, batchSize: 20, seed: 5 });
  const before = trainer.evaluate('train').loss;
  for (let step = 0; step < 20; step++) trainer.update([{ indices: order.indices(step).slice(), learningRate: 0.01, step, seed: 1 }]);
  const { weights, slots } = trainer.state();
  assert.equal(firstDifference(rest, pick(weights, Object.keys(rest))), undefined);
  const found = pick(weights, kernels);
  assert.equal(firstDifference(found, applyMask(found, mask)), undefined);
  assert.ok(kernels.every((name) => get(found, name).values.some((w, i) => w !== get(applyMask(whole, mask), name).values[i])));
  assert.ok(trainer.evaluate('train').loss < before);
  assert.ok(!Object.keys(slots).some((name) => name.endsWith('/rest')), 'no slots for what is frozen');
  trainer.close();
});

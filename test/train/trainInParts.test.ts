/** A training whose mask changes on the way: the same bits through interruptions, and untouched where nothing is changed. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Arrays, copyArrays, firstDifference, get, mapEach, pick, type Values } from '../../src/array.js';
import { batches } from '../../src/dataset/batches.js';
import { densityByName, type Mask } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { initialise } from '../../src/model/initialise.js';
import { prunable } from '../../src/model/shapes.js';
import { openTensorflow } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { dynamicSparseTraining, type MaskUpdate } from '../../src/ticket/dynamicSparseTraining.js';
import { openDenseGradient } from '../../src/train/denseGradient.js';
import { whyNoSparseKernels } from '../../src/train/sparse/kernels.js';
import { type Journal, noJournal, type Trained, train, trainInParts, type TrainRequest } from '../../src/train/train.js';
import { openTrainer } from '../../src/train/trainer.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

const backend = await openTensorflow();
const dataset = tinyDataset({ train: 100 });
const architecture = smallArchitectures['mlp'] as Architecture;
const weights = initialise(architecture, 1, 'heNormal');
const random = stream(3, 'mask');
const mask: Mask = mapEach(
  pick(
    weights,
    prunable(architecture).map((p) => p.name),
  ),
  ({ shape, values }) => ({ shape, values: Uint8Array.from(values, () => Number(random.uniform() < 0.3)) }),
);
const request: TrainRequest = {
  ...{ mask, weights, length: '40it', learningRate: { rate: 0.01 }, seed: 4, evaluations: { validation: '8it' } },
  pauses: ['5it', '10it', '15it', '20it', '25it'],
};
const options = { architecture, dataset, batchSize: 10 };
const optimizer = { name: 'adam' } as const;
const engines = [
  'eager',
  ...(backend === 'tensorflow' ? (['compiled'] as const) : []),
  ...(whyNoSparseKernels() ? [] : (['sparse'] as const)),
] as const;
const opened = new Map(
  await Promise.all(
    engines.map(async (engine) => {
      const both = {
        trainer: await openTrainer({ ...options, optimizer, engine }),
        gradient: await openDenseGradient({ ...options, engine }),
      };
      return [engine, both] as const;
    }),
  ),
);
after(() => opened.forEach(({ trainer, gradient }) => [trainer, gradient].map((part) => part.close())));
const order = batches({ count: dataset.train.count, batchSize: 10, seed: 4 });

/** Moves connections at every pause. */
async function moving(
  engine: (typeof engines)[number],
  by: 'gradient' | 'random',
  journal: Journal,
): Promise<{ trained: Trained; updates: MaskUpdate[] }> {
  const { trainer, gradient } = opened.get(engine) as NonNullable<ReturnType<typeof opened.get>>;
  const procedure = dynamicSparseTraining<Trained>(
    { architecture, by, share: 0.5, end: 30 },
    {
      training: trainInParts(trainer, request, journal),
      gradients({ step, weights, next }) {
        assert.deepEqual(next.indices, order.indices(step));
        assert.deepEqual([next.step, next.seed], [step, 4]);
        return gradient.at(weights, next);
      },
      random: (step) => stream(9, 'grow', step),
    },
  );
  const updates: MaskUpdate[] = [];
  for (;;) {
    const { done, value } = await procedure.next();
    if (done) return { trained: value, updates };
    updates.push(value);
  }
}

/** Keeps a checkpoint after every update, and breaks off at the one of that number. */
function breaking(
  at: number,
  from: Pick<Journal, 'resume' | 'info'> = noJournal,
): { journal: Journal; last: () => Pick<Journal, 'resume' | 'info'> } {
  const kept: Pick<Journal, 'resume' | 'info'>[] = [];
  return {
    last: () => kept.at(-1) as Pick<Journal, 'resume' | 'info'>,
    journal: {
      ...from,
      saveDue: () => true,
      save(arrays, info) {
        kept.push({ resume: copyArrays(arrays as Arrays<Values>), info: JSON.parse(JSON.stringify(info)) as Journal['info'] });
        if (kept.length === at) throw new Error('killed');
      },
      measured: () => {},
    },
  };
}

for (const engine of engines) {
  describe(engine, () => {
    test('pauses at which nothing is changed change no bit', async () => {
      const { trainer } = opened.get(engine) as NonNullable<ReturnType<typeof opened.get>>;
      const { pauses: _, ...plain } = request;
      const [with_, without] = [await train(trainer, request), await train(trainer, plain)];
      assert.equal(firstDifference(with_.weights, without.weights), undefined);
      assert.deepEqual(with_.summary, without.summary);
      assert.equal(with_.mask, mask);
    });

    for (const by of ['gradient', 'random'] as const)
      test(`${by}: broken off before, at and after a change, the mask goes on from where it was`, async () => {
        const whole = await moving(engine, by, noJournal);
        assert.deepEqual(
          whole.updates.map(({ step }) => step),
          [5, 10, 15, 20, 25],
        );
        assert.deepEqual(densityByName(whole.trained.mask), densityByName(mask));
        assert.ok(whole.updates[0]!.moved > 10);
        for (const [name, { values }] of Object.entries(whole.trained.mask))
          values.forEach((bit, i) => assert.ok(bit === 1 || get(whole.trained.weights, name).values[i] === 0));
        for (const at of [3, 5, 6, 15, 24, 33]) {
          const first = breaking(at);
          await assert.rejects(moving(engine, by, first.journal), /killed/);
          const { trained, updates } = await moving(engine, by, breaking(-1, first.last()).journal);
          assert.equal(firstDifference(trained.weights, whole.trained.weights), undefined);
          assert.equal(firstDifference(trained.mask, whole.trained.mask), undefined);
          assert.deepEqual(trained.summary, whole.trained.summary);
          assert.deepEqual(
            updates,
            whole.updates.filter(({ step }) => step > at),
          );
        }
      });
  });
}

test('engines move the same connections, up to rounding', async () => {
  const found = await Promise.all(engines.map((engine) => moving(engine, 'gradient', noJournal)));
  const [reference, ...others] = found.map(({ updates }) =>
    updates.map((update) => Object.values(update.mask).flatMap(({ values }) => [...values])),
  );
  const total = (reference?.[0] as number[]).length;
  for (const other of others)
    other.forEach((bits, k) => {
      const differ = bits.filter((bit, i) => bit !== reference?.[k]?.[i]).length;
      // The first choice is among the same gradients; where two are as good as equal, rounding decides, and later masks inherit it.
      assert.ok(differ <= (k === 0 ? 2 : 0.02 * total), `update ${k + 1}: ${differ} of ${total} places differ`);
    });
});

test('pauses outside of the training are refused', async () => {
  const { trainer } = opened.get('eager') as NonNullable<ReturnType<typeof opened.get>>;
  for (const pause of ['0it', '40it', '41it']) await assert.rejects(train(trainer, { ...request, pauses: [pause] }), /pause/);
});

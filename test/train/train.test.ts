/** The training loop: on a trainer with scripted losses, exactly; on a real one, bit by bit through interruptions. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Arrays, copyArrays, firstDifference, get, mapEach, ndArray, pick, type Values } from '../../src/array.js';
import { batches } from '../../src/dataset/batches.js';
import type { Split } from '../../src/dataset/dataset.js';
import { denseMask, type Mask } from '../../src/mask.js';
import { initialise } from '../../src/model/initialise.js';
import { prunable } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { type Journal, type Measurement, noJournal, type Trained, type TrainRequest, train } from '../../src/train/train.js';
import { withoutPause } from '../../src/train/evaluationBatch.js';
import { openTrainer, type Trainer, type TrainerOptions, type Update } from '../../src/train/trainer.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

await openTensorflow();
const dataset = tinyDataset({ train: 100 });
const batchSize = 10;
const learningRate = { rate: 0.1 };

interface Script {
  /** Validation loss at an iteration. */
  validation?: (step: number) => number;
  /** Training loss of the update that leads away from an iteration. */
  loss?: (step: number) => number;
  stepsPerCall?: number;
  /** How many parts an evaluation has, and what happens in each. */
  evaluationParts?: number;
  onPart?: () => void;
}

/** A network of two weights: the first counts the updates, the second is pruned. */
function scripted({ validation = () => 1, loss = () => 1, stepsPerCall = 1, evaluationParts = 2, onPart = () => {} }: Script = {}) {
  let step = 0;
  let weights: Arrays = {};
  const updates: Update[] = [];
  const calls: number[] = [];
  const trainer: Trainer = {
    architecture: smallArchitectures['mlp'] as Trainer['architecture'],
    dataset,
    batchSize,
    engine: 'eager',
    stepsPerCall,
    load(_, given) {
      weights = copyArrays(given);
      step = get(weights, 'w').values[0] as number;
    },
    update(list) {
      calls.push(list.length);
      const losses = list.map(() => loss(step++));
      updates.push(...list);
      weights = { w: ndArray([2], [step, 0]) };
      return Float32Array.from(losses);
    },
    state: () => ({ weights: copyArrays(weights), slots: {} }),
    evaluate: (split) => withoutPause(trainer.evaluation(split)),
    // Accuracy names the split and the iteration, so that a summary shows where its numbers come from.
    *evaluation(split: Split) {
      for (let part = 1; part < evaluationParts; part++) yield onPart();
      onPart();
      return {
        loss: split === 'validation' ? validation(step) : 0.5,
        accuracy: ({ train: 0, validation: 100, test: 200 }[split] + step) / 1000,
      };
    },
    close: () => {},
  };
  return { trainer, updates, calls };
}

const mask: Mask = { w: { shape: [2], values: Uint8Array.of(1, 0) } };
const request = (changes: Partial<TrainRequest>, from = 0): TrainRequest => ({
  mask,
  weights: { w: ndArray([2], [from, 0]) },
  length: '20it',
  learningRate,
  seed: 4,
  evaluations: { validation: '5it' },
  ...changes,
});

async function run(script: Script, changes: Partial<TrainRequest> = {}, from = 0) {
  const measured: Measurement[] = [];
  const { trainer, updates, calls } = scripted(script);
  const trained = await train(trainer, request(changes, from), { ...noJournal, measured: (m) => measured.push(m) });
  const stepsOf = (split: Split): number[] => measured.filter((m) => m.split === split).map((m) => m.step);
  return { ...trained, measured, updates, calls, stepsOf };
}

describe('early stopping is determined afterwards', () => {
  test('the first of the lowest validation losses, with the test accuracy of that moment', async () => {
    const losses: Record<number, number> = { 0: 5, 5: 3, 10: 2, 15: 2, 20: 4 };
    const { summary, stepsOf } = await run({ validation: (step) => losses[step] as number });
    assert.deepEqual(summary, {
      steps: 20,
      earlyStop: 10,
      testAtEarlyStop: 0.21,
      validationAtEarlyStop: 0.11,
      testAtEnd: 0.22,
      validationAtEnd: 0.12,
      trainAtEnd: 0.02,
      maskChecks: 5,
    });
    // The test part is measured at each new minimum, and at the ends.
    assert.deepEqual(stepsOf('test'), [0, 5, 10, 20]);
  });

  test('a minimum at the start, or after a rise', async () => {
    assert.equal((await run({ validation: (step) => step })).summary.earlyStop, 0);
    assert.equal((await run({ validation: (step) => (step === 15 ? 0.9 : 1 + step) })).summary.earlyStop, 15);
  });
});

describe('evaluations', () => {
  test('exactly at their intervals, and at both ends', async () => {
    for (const stepsPerCall of [1, 4, 7]) {
      const evaluations = { validation: '6it', test: '1ep', train: '7it' };
      const { stepsOf, calls } = await run({ validation: () => 1, stepsPerCall }, { length: '2ep3it', evaluations });
      assert.deepEqual(stepsOf('validation'), [0, 6, 12, 18, 23]);
      // 0 is the first minimum too; it is measured once.
      assert.deepEqual(stepsOf('test'), [0, 10, 20, 23]);
      assert.deepEqual(stepsOf('train'), [0, 7, 14, 21, 23]);
      assert.ok(Math.max(...calls) <= stepsPerCall && calls.reduce((a, b) => a + b) === 23);
    }
  });

  test('from a rewinding step on, at multiples counted from initialisation', async () => {
    const { stepsOf } = await run({}, { from: '7it', length: '2ep' }, 7);
    assert.deepEqual(stepsOf('validation'), [7, 10, 15, 20]);
  });

  test('an interval of 0 is refused', async () => {
    await assert.rejects(run({}, { evaluations: { validation: '0it' } }), /invalid evaluation interval '0it'/);
  });
});

describe('others have their turn', () => {
  test('between updates and between the parts of an evaluation, however long either takes', async (t) => {
    // A clock of the test's own: only updates and parts of evaluations take time.
    let clock = 0;
    t.mock.method(performance, 'now', () => clock);
    const [update, part] = [20, 40];
    let [longest, last, over] = [0, 0, false];
    const beat = (): void => {
      longest = Math.max(longest, clock - last);
      last = clock;
      if (!over) setImmediate(beat);
    };
    setImmediate(beat);
    const spend = (milliseconds: number): number => {
      clock += milliseconds;
      return 1;
    };
    await run({ loss: () => spend(update), evaluationParts: 10, onPart: () => void spend(part) }, { length: '30it' });
    over = true;
    // 30 updates, and at least 4 evaluations of validation and 2 of the test part.
    assert.ok(clock >= 30 * update + 6 * 10 * part, `${clock}`);
    // 50 ms are let pass, and then what is under way ends.
    assert.ok(longest <= 50 + part, `${longest} ms without a turn`);
  });
});

describe('rewinding', () => {
  test('data order and schedule go on where the weights were taken, the optimizer starts anew', async () => {
    const decay = { name: 'steps', at: ['15it'], factor: 0.5 } as const;
    const { updates } = await run({}, { from: '12it', learningRate: { rate: 0.4, decay } }, 12);
    const order = batches({ count: 100, batchSize, seed: 4 });
    assert.equal(updates.length, 8);
    updates.forEach((update, i) => {
      assert.deepEqual(update.indices, order.indices(12 + i).slice());
      assert.equal(update.learningRate, 12 + i < 15 ? 0.4 : 0.2);
      assert.equal(update.step, i);
    });
  });

  test('to the end: nothing is trained, everything is measured once', async () => {
    const { updates, summary, stepsOf } = await run({}, { from: '20it' }, 20);
    assert.deepEqual([updates.length, summary.earlyStop, stepsOf('validation')], [0, 20, [20]]);
  });

  test('beyond the end is refused', async () => {
    await assert.rejects(run({}, { from: '21it' }, 21), /training length 20it ends before its start at 21it/);
  });
});

test('snapshots are the weights at the asked iterations, between evaluations too', async () => {
  for (const stepsPerCall of [1, 6]) {
    const { snapshots, weights } = await run({ stepsPerCall }, { snapshots: ['0it', '3it', '1ep', '20it'] });
    assert.deepEqual(
      Object.entries(snapshots).map(([step, arrays]) => [Number(step), get(arrays, 'w').values[0]]),
      [
        [0, 0],
        [3, 3],
        [10, 10],
        [20, 20],
      ],
    );
    assert.equal(get(weights, 'w').values[0], 20);
  }
});

test('a snapshot outside the training is refused', async () => {
  await assert.rejects(run({}, { snapshots: ['21it'] }), /invalid snapshot at '21it': expected from iteration 0 to 20/);
  await assert.rejects(run({}, { from: '5it', snapshots: ['4it'] }, 5), /invalid snapshot at '4it': expected from iteration 5 to 20/);
});

describe('what goes wrong is said', () => {
  test('a training loss that is no number, with its iteration', async () => {
    for (const stepsPerCall of [1, 5]) {
      const script = { loss: (step: number) => (step === 7 ? Number.NaN : 1), stepsPerCall };
      await assert.rejects(run(script), { name: 'UserError', message: /training diverged: the loss is NaN at iteration 7/ });
    }
    await assert.rejects(run({ loss: () => Infinity }), /the loss is Infinity at iteration 0/);
  });
  test('a validation loss that is no number', async () => {
    await assert.rejects(run({ validation: (step) => (step === 10 ? Number.NaN : 1) }), /the loss is NaN at iteration 10/);
  });
  test('a pruned weight that came back', async () => {
    const { trainer } = scripted();
    const broken: Trainer = { ...trainer, state: () => ({ weights: { w: ndArray([2], [0, 1e-30]) }, slots: {} }) };
    await assert.rejects(train(broken, request({})), /broken mask: 'w' at 1 is pruned but holds 1.*after iteration 0/);
  });
  test('a batch larger than the training part', async () => {
    const { trainer } = scripted();
    await assert.rejects(train({ ...trainer, batchSize: 101 }, request({})), /invalid batch size/);
  });
});

describe('a real network', () => {
  const architecture = smallArchitectures['a block and dropout'] as TrainerOptions['architecture'];
  const open = (options: Partial<TrainerOptions> = {}): Promise<Trainer> =>
    openTrainer({
      architecture,
      dataset,
      optimizer: { name: 'adam' },
      batchSize,
      weightDecay: 0.001,
      augmentation: 'cropFlip',
      ...options,
    });
  const trainer = open();
  after(async () => (await trainer).close());
  const weights = initialise(architecture, 1, 'heNormal');
  const random = stream(3, 'mask');
  const dense = denseMask(
    pick(
      weights,
      prunable(architecture).map((p) => p.name),
    ),
  );
  const half: Mask = mapEach(dense, ({ shape, values }) => ({ shape, values: values.map(() => random.integer(2)) }));
  const real: TrainRequest = {
    mask: half,
    weights,
    length: '3ep4it',
    from: '2it',
    learningRate: { rate: 0.01, warmup: { length: '5it' }, decay: { name: 'cosine' } },
    seed: 4,
    evaluations: { validation: '5it', train: '8it' },
    snapshots: ['6it', '21it'],
  };

  /** A journal that keeps a checkpoint after every few updates, and breaks off at the checkpoint of that number. */
  function breaking(every: number, at: number, from: Pick<Journal, 'resume' | 'info'> = noJournal) {
    const kept: Pick<Journal, 'resume' | 'info'>[] = [];
    const rows: Measurement[] = [];
    let asked = 0;
    const journal: Journal = {
      ...from,
      saveDue: () => ++asked % every === 0,
      save(arrays, info) {
        // Through bytes and JSON, as on disk.
        kept.push({ resume: copyArrays(arrays as Arrays<Values>), info: JSON.parse(JSON.stringify(info)) as Journal['info'] });
        if (kept.length === at) throw new Error('killed');
      },
      measured: (row) => rows.push(row),
    };
    return { journal, kept, rows };
  }

  const same = (found: Trained, expected: Trained): void => {
    assert.equal(firstDifference(found.weights, expected.weights), undefined);
    assert.deepEqual(found.summary, expected.summary);
    assert.deepEqual(Object.keys(found.snapshots), ['6', '21']);
    for (const step of [6, 21])
      assert.equal(firstDifference(found.snapshots[step] as Arrays, expected.snapshots[step] as Arrays), undefined);
  };

  test('resumed from any checkpoint it ends with the bits of an undisturbed training', async () => {
    const opened = await trainer;
    const undisturbed = breaking(1000, -1);
    const expected = await train(opened, real, undisturbed.journal);
    for (const every of [1, 3]) {
      for (let at = 1; ; at++) {
        const first = breaking(every, at);
        const broken = await train(opened, real, first.journal).then(
          () => false,
          (error: Error) => {
            assert.equal(error.message, 'killed');
            return true;
          },
        );
        if (!broken) {
          assert.equal(at, Math.ceil(32 / every), 'every checkpoint was tried');
          break;
        }
        const second = breaking(1000, -1, first.kept.at(-1));
        same(await train(opened, real, second.journal), expected);
        // What was measured before the checkpoint stands, the rest is measured as it was.
        assert.deepEqual([...first.rows, ...second.rows], undisturbed.rows);
      }
    }
  });

  test('by another trainer too, after several breaks', async () => {
    const expected = await train(await trainer, real);
    let last: Pick<Journal, 'resume' | 'info'> = noJournal;
    for (let life = 0; life < 3; life++) {
      const other = await open();
      const { journal, kept } = breaking(7, 1, last);
      await assert.rejects(train(other, real, journal), /killed/);
      other.close();
      last = kept[0] as typeof last;
    }
    const other = await open();
    same(await train(other, real, { ...noJournal, ...last }), expected);
    other.close();
  });

  test('it learns, and what it reports is what an evaluation of its weights gives', async () => {
    // With global pooling the place of a stripe is hard to tell, so this network is another one.
    const plain = await open({
      augmentation: 'none',
      architecture: smallArchitectures['BatchNorm and average pooling'] as TrainerOptions['architecture'],
    });
    const start = initialise(plain.architecture, 1, 'heNormal');
    const all = denseMask(
      pick(
        start,
        prunable(plain.architecture).map((p) => p.name),
      ),
    );
    const { summary, weights: trained } = await train(plain, {
      ...real,
      mask: all,
      weights: start,
      length: '12ep',
      learningRate: { rate: 0.01 },
    });
    plain.load(all, trained);
    const found = {
      test: plain.evaluate('test').accuracy,
      validation: plain.evaluate('validation').accuracy,
      train: plain.evaluate('train').accuracy,
    };
    plain.close();
    assert.deepEqual(found, { test: summary.testAtEnd, validation: summary.validationAtEnd, train: summary.trainAtEnd });
    assert.ok(summary.testAtEnd > 0.6, `accuracy ${summary.testAtEnd} on four classes`);
  });

  test('a rate far too high ends in an error that says so', async () => {
    const diverging = await open({
      architecture: smallArchitectures['mlp'] as TrainerOptions['architecture'],
      optimizer: { name: 'sgd' },
      augmentation: 'none',
    });
    const start = initialise(diverging.architecture, 1, 'heNormal');
    const all = denseMask(
      pick(
        start,
        prunable(diverging.architecture).map((p) => p.name),
      ),
    );
    const asked = { ...real, mask: all, weights: start, snapshots: [], learningRate: { rate: 1e20 } };
    await assert.rejects(train(diverging, asked), {
      name: 'UserError',
      message: /training diverged: the loss is (NaN|Infinity) at iteration \d+; lower the learning rate/,
    });
    diverging.close();
  });

  test('levels leave no tensors behind', async () => {
    const opened = await trainer;
    const short = { ...real, length: '8it', snapshots: [] };
    await train(opened, short);
    const before = tf.memory().numTensors;
    for (const level of [1, 2]) {
      await train(opened, { ...short, seed: level });
      assert.equal(tf.memory().numTensors, before);
    }
  });
});

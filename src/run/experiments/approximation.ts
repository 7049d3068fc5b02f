/** A trained network approximated weight by weight from random coefficients. Pensia et al. 2020, arXiv:2006.07990, experiment 1. */
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type Arrays, get, mapEach, pick } from '../../array.js';
import { invalid, unknown } from '../../check.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { unitRange } from '../../dataset/unitRange.js';
import { maskable } from '../../mask.js';
import { prunable } from '../../model/shapes.js';
import { withoutBias } from '../../model/withoutBias.js';
import { deriveSeed, stream } from '../../random.js';
import { iterations } from '../../step.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { approximateKernel } from '../../ticket/strong/approximateKernel.js';
import { MOST_VALUES } from '../../ticket/strong/subsetSolver.js';
import { openTrainer, type Trainer } from '../../train/trainer.js';
import { NotNow } from '../exitCode.js';
import type { RunContext } from '../openRun.js';
import { readStage } from '../readRecord.js';
import type { Spec } from '../record.js';
import { runKey } from '../runKey.js';
import { findRun, type Store } from '../store.js';
import type { Experiment } from './experiment.js';
import { networkOf } from './networkOf.js';
import { distinct, identity, intervalOption, learningRateOption, optimizerOption, stepOption, training } from './schemas.js';
import { trainStage, unpack } from './trainStage.js';
import { trainingOf } from './trainingOf.js';
import { stageName } from './stageName.js';

const arms = {
  row: 'subset sums, one list of random coefficients for all weights of an output unit',
  weight: 'subset sums, a list of random coefficients for each weight',
  single: 'the best one of the random coefficients of each weight, or none',
  target: 'the trained network itself',
} as const;

type Arm = keyof typeof arms;

const options = z.strictObject({
  experiment: z.literal('approximation').default('approximation'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('row')
    .describe('how weights are put together from random ones'),
  ...training,
  initialiser: training.initialiser.default('heUniform'),
  weightDecay: training.weightDecay.default(0.0005),
  model: z.string().max(80).default('mlp-500').describe('architecture of the target by name; it has no biases'),
  optimizer: optimizerOption.default({ name: 'sgd', momentum: 0.9 }).describe('how the weights of the target change'),
  learningRate: learningRateOption.default({ rate: 0.1, decay: { name: 'cosine' } }).describe('learning rate of the target'),
  batchSize: z.int().min(1).default(64).describe('images in one update'),
  length: stepOption.default('10ep').describe('training of the target'),
  validateEvery: intervalOption.default('1ep').describe('iterations between measurements on the validation part'),
  counts: distinct(z.int().min(1).max(MOST_VALUES))
    .min(1)
    .default([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 21])
    .describe('random coefficients for each weight'),
  within: z.number().positive().default(0.01).describe('error of a weight that counts as near enough'),
  draws: z.int().min(1).max(1000).default(1).describe('how often the coefficients of each count are drawn anew'),
  leave: z.array(z.string()).default([]).describe('kernels that are left as they were trained'),
  threshold: z.number().min(0).default(0).describe('weights of at most this magnitude become 0 at no cost'),
});

const { counts, within, threshold, draws, leave } = options.parse({});
/** What is approximated does not depend on how: every approximation of a target finds the one run of it. */
const schema = options.transform((spec) => (spec.arm === 'target' ? { ...spec, counts, within, threshold, draws, leave } : spec));

export type ApproximationSpec = z.infer<typeof schema> & Spec;

export const approximation: Experiment<ApproximationSpec> = {
  name: 'approximation',
  summary: 'a trained network rebuilt by choosing among random weights, by how many there are to choose from',
  source: 'arXiv:2006.07990',
  schema: schema as unknown as z.ZodType<ApproximationSpec>,
  arms,
  presets: {
    default: { summary: '784-500-10 on MNIST from 1 to 21 coefficients a weight', options: {}, replicates: 3 },
    paper: {
      summary: "the paper's: 21 coefficients a row, weights up to 0.01 dropped",
      options: { counts: [21], threshold: 0.01 },
      replicates: 3,
      arms: ['row'],
    },
    draws: {
      summary: 'how far one draw of row-shared coefficients is from another: 10 draws at 4 to 8 coefficients',
      options: { counts: [4, 5, 6, 7, 8], draws: 10 },
      replicates: 3,
      arms: ['row'],
    },
    'draws-hidden': {
      summary: 'the same with the output layer left as it was trained',
      options: { counts: [4, 5, 6, 7, 8], draws: 10, leave: ['output/kernel'] },
      replicates: 3,
      arms: ['row'],
    },
    smoke: {
      summary: '784-30-10 after 300 updates, 3 counts, to see that everything works',
      options: { model: 'mlp-30', length: '300it', validateEvery: '100it', counts: [2, 5, 8] },
      replicates: 1,
    },
  },
  parents(spec) {
    checkLeft(spec);
    return spec.arm === 'target' ? [] : [targetOf(spec)];
  },
  updates: (spec) => (spec.arm === 'target' ? iterations(spec.length, 859) : spec.counts.length * spec.draws),
  run,
};

/** Asked before anything trains: a misspelt kernel would show after the target. */
function checkLeft(spec: ApproximationSpec): void {
  const names = prunable(networkOf(spec)).map(({ name }) => name);
  for (const name of spec.leave) if (!names.includes(name)) throw unknown(`kernel of '${spec.model}'`, name, names);
  if (names.every((name) => spec.leave.includes(name)))
    throw invalid('list of kernels that are left', 'at least one kernel to approximate', spec.leave.join(', '));
}

function targetOf(spec: ApproximationSpec): ApproximationSpec {
  return schema.parse({ ...spec, arm: 'target' }) as ApproximationSpec;
}

async function run(spec: ApproximationSpec, context: RunContext, store: Store): Promise<void> {
  checkLeft(spec);
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = unitRange(await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) }));
  const network = withoutBias(networkOf(spec));
  const start = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  let trainer: Promise<Trainer> | undefined;
  const open = (): Promise<Trainer> => {
    trainer ??= openTrainer({ architecture: network, dataset, ...trainingOf(spec, context) });
    return trainer;
  };
  try {
    if (spec.arm === 'target') {
      const { length, learningRate, validateEvery } = spec;
      const request = { length, learningRate, seed: deriveSeed(seed, 'order'), evaluations: { validation: validateEvery } };
      const progress = { arm: spec.arm };
      await trainStage(context, open, {
        name: 'target',
        level: 0,
        ticket: start,
        expectedKept: maskable(start.mask),
        origin: start.weights,
        request,
        progress,
      });
      return;
    }
    const key = runKey(targetOf(spec), approximationDefaults);
    const folder = findRun(store, key);
    if (folder === undefined) throw new NotNow(`missing parent run '${key}': it trains the target; run the arm 'target' first`);
    const target = unpack(readStage(folder, 'target').arrays).weights;
    for (const count of spec.counts) await approximateWith(spec, context, open, { target, count, seed, mask: start.mask });
  } finally {
    (await trainer)?.close();
  }
}

async function approximateWith(
  spec: ApproximationSpec,
  context: RunContext,
  open: () => Promise<Trainer>,
  { target, count, seed, mask }: { target: Arrays; count: number; seed: number; mask: Parameters<Trainer['load']>[0] },
): Promise<void> {
  await context.stage(stageName('count', count), async (inside) => {
    const trainer = await open();
    const names = prunable(trainer.architecture).map((p) => p.name);
    // Kernels that are left count for the range: the coefficients are those of the whole approximation.
    const range = rangeOf(pick(target, names));
    for (let draw = 1; draw <= spec.draws; draw++) {
      const found: Record<string, ReturnType<typeof approximateKernel>> = {};
      for (const name of names.filter((name) => !spec.leave.includes(name))) {
        const random = stream(seed, 'coefficients', spec.arm, count, name, ...(draw === 1 ? [] : [draw]));
        const sharing = spec.arm === 'row' ? 'row' : 'weight';
        const choice = spec.arm === 'single' ? 'single' : 'subset';
        found[name] = approximateKernel(get(target, name), { count, sharing, choice, range, threshold: spec.threshold, random });
        await setImmediate();
      }
      const errors = Object.values(found).map((kernel) => kernel.errors);
      const weights = errors.reduce((sum, list) => sum + list.length, 0);
      const kept = Object.values(found).reduce((sum, kernel) => sum + kernel.kept, 0);
      const near = errors.reduce((sum, list) => sum + list.reduce((n, error) => n + (error <= spec.within ? 1 : 0), 0), 0);
      trainer.load(
        mask,
        mapEach(target, (array, name) => found[name]?.kernel ?? array),
      );
      const test = trainer.evaluate('test');
      const validation = trainer.evaluate('validation');
      inside.row({
        ...{ kind: 'point', name: 'approximation', level: spec.counts.indexOf(count) },
        values: {
          ...{ count, weights, candidates: count * weights, kept, keptShare: kept / (count * weights), keptPerWeight: kept / weights },
          ...{ low: range[0], high: range[1], near: near / weights },
          maxError: errors.reduce((most, list) => list.reduce((a, b) => Math.max(a, b), most), 0),
          ...{ accuracy: test.accuracy, loss: test.loss, validationAccuracy: validation.accuracy },
          ...(spec.draws > 1 && { draw }),
        },
      });
    }
    return { arrays: {}, info: {} };
  });
  context.progress({ arm: spec.arm, level: count, levels: spec.counts.at(-1) as number });
}

/** Least and greatest of all weights: what the coefficients are uniform between. */
function rangeOf(arrays: Arrays): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values } of Object.values(arrays)) {
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return [low, high];
}

const approximationDefaults = schema.parse({}) as ApproximationSpec;

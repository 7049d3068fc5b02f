/**
 * Juvenility profiles: what is said to make a network young, measured for every ticket of a recursive growth, under one factor at a
 * time. Zhang 2021, arXiv:2109.03862; instability: Frankle et al. 2020, arXiv:1912.05671.
 */
import { z } from 'zod';
import { type Arrays, pick } from '../../array.js';
import { mismatched } from '../../check.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { deepen } from '../../grow/deepen.js';
import { kept, maskable } from '../../mask.js';
import { architecture } from '../../model/families/families.js';
import { deriveSeed, stream } from '../../random.js';
import { iterations } from '../../step.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { type Continuation, recursiveGrowth } from '../../ticket/recursiveGrowth.js';
import type { Ticket } from '../../ticket/ticket.js';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import { checkBatch } from './checkBatch.js';
import type { Experiment } from './experiment.js';
import { oneTrainer } from './oneTrainer.js';
import { plannedSteps } from './plannedSteps.js';
import { profileStages } from './profileStages.js';
import { identity, intervalOption, learningRateOption, optimizerOption, sparsityOption, stepOption, training } from './schemas.js';

const arms = {
  base: 'growth by identity layers at the options of the spec',
  'init-glorot': 'initialisation: kernels by glorotNormal',
  'init-uniform': 'initialisation: kernels by heUniform',
  narrow: 'structure: half as many units',
  wide: 'structure: twice as many units',
  'grow-random': 'structure: new layers at random',
  reset: 'no growth: full depth, weights back to their start',
  keep: 'no growth: full depth, weights kept',
  sgd: 'optimizer: SGD with momentum 0.9 at a rate of 0.05',
  'rate-low': 'learning rate: a third',
  'rate-high': 'learning rate: three times',
  'batch-small': 'batch size: a quarter',
  'batch-large': 'batch size: four times',
  order: 'data order: another one from the same start',
} as const;

type Arm = keyof typeof arms;

const schema = z.strictObject({
  experiment: z.literal('profile').default('profile'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('base')
    .describe('the factor that differs from the base'),
  ...training,
  trainLimit: training.trainLimit.default(10_000),
  initialiser: training.initialiser.default('heNormal'),
  engine: training.engine.default('sparse'),
  width: z.int().min(1).max(4096).default(128).describe('units of each hidden layer'),
  iterations: z.int().min(0).max(50).default(2).describe('growth iterations after the first training'),
  length: stepOption.default('5ep').describe('each training'),
  validateEvery: intervalOption.default('26it').describe('iterations between measurements on the validation part'),
  sparsity: sparsityOption.default(0.95).describe('pruned share of each layer after each iteration'),
  optimizer: optimizerOption.default({ name: 'adam' }).describe('how weights change'),
  learningRate: learningRateOption.default({ rate: 0.001 }).describe('learning rate over training'),
  batchSize: z.int().min(1).default(128).describe('images in one update'),
  order: z.int().min(0).default(0).describe('names the order of the data, apart from all other random numbers'),
  transferTo: training.dataset.default('fashion-mnist').describe('data set that tickets are carried to, of the same shape'),
  examples: z.int().min(1).default(512).describe('images for gradients, curvature and activations'),
  powerIterations: z.int().min(1).default(20).describe('Hessian products for a sharpness, at most'),
});

export type ProfileSpec = z.infer<typeof schema> & Spec;

export const profile: Experiment<ProfileSpec> = {
  name: 'profile',
  summary: 'what keeps a network juvenile: a profile of every ticket, one factor varied at a time',
  source: 'arXiv:2109.03862',
  schema: schema as unknown as z.ZodType<ProfileSpec>,
  arms,
  presets: {
    default: {
      summary: '10,000 images of MNIST, tickets of 1 to 3 hidden layers, 13 factor settings beside the base',
      options: {},
      replicates: 3,
    },
    smoke: {
      summary: 'two tickets with little training, base and reset',
      options: {
        iterations: 1,
        trainLimit: 1000,
        length: '30it',
        validateEvery: '10it',
        examples: 64,
        powerIterations: 3,
        width: 16,
        transferTo: 'mnist',
      },
      replicates: 1,
      arms: ['base', 'reset'],
    },
  },
  parents(spec) {
    // Arms change the batch: the largest has four times as many images.
    checkBatch(settings(spec));
    return [];
  },
  updates(spec) {
    const own = settings(spec);
    return 5 * (own.iterations + 1) * iterations(own.length, plannedSteps(own));
  },
  run,
};

/** The spec with the arm's factor changed. */
function settings(spec: ProfileSpec): ProfileSpec {
  const { rate } = spec.learningRate;
  const changes: Partial<Record<Arm, Partial<ProfileSpec>>> = {
    'init-glorot': { initialiser: 'glorotNormal' },
    'init-uniform': { initialiser: 'heUniform' },
    narrow: { width: Math.max(1, Math.round(spec.width / 2)) },
    wide: { width: 2 * spec.width },
    sgd: { optimizer: { name: 'sgd', momentum: 0.9 }, learningRate: { ...spec.learningRate, rate: 0.05 } },
    'rate-low': { learningRate: { ...spec.learningRate, rate: rate / 3 } },
    'rate-high': { learningRate: { ...spec.learningRate, rate: 3 * rate } },
    'batch-small': { batchSize: Math.max(1, Math.round(spec.batchSize / 4)) },
    'batch-large': { batchSize: 4 * spec.batchSize },
    order: { order: spec.order + 1 },
  };
  return { ...spec, ...changes[spec.arm] } as ProfileSpec;
}

async function run(asked: ProfileSpec, context: RunContext): Promise<void> {
  const spec = settings(asked);
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const load = (name: string) => loadDataset(name, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const [dataset, other] = [await load(spec.dataset), await load(spec.transferTo)];
  if (dataset.shape.join() !== other.shape.join() || dataset.classes.length !== other.classes.length)
    throw mismatched(
      'data set that tickets are carried to',
      `[${dataset.shape}] in ${dataset.classes.length} classes, as '${dataset.name}' has`,
      `[${other.shape}] in ${other.classes.length}, as '${other.name}' has`,
      'choose another transferTo',
    );
  const growing = spec.arm !== 'reset' && spec.arm !== 'keep';
  const model = `mlp-${spec.width}x${growing ? 1 : spec.iterations + 1}`;
  const start = denseTicket(architecture(model, dataset.shape, dataset.classes.length), deriveSeed(seed, 'init'), spec.initialiser);
  const [trainers, otherTrainers] = [oneTrainer(spec, dataset, context), oneTrainer(spec, other, context)];
  const parts = { spec, seed, dataset, trainers, other, otherTrainers };
  let before: Ticket | undefined;
  let trainedBefore: Arrays = start.weights;
  try {
    const levels = recursiveGrowth(
      start,
      {
        iterations: spec.iterations,
        prune: { amount: { sparsity: spec.sparsity }, scope: 'layerwise' },
        continuation: continuationOf(spec, seed),
      },
      {
        train(level, ticket) {
          const origin =
            spec.arm === 'reset'
              ? start.weights
              : Object.fromEntries(Object.entries(ticket.weights).map(([name, array]) => [name, trainedBefore[name] ?? array]));
          const fresh = Object.entries(ticket.mask).reduce(
            (sum, [name, { values }]) => sum + (before !== undefined && !Object.hasOwn(before.mask, name) ? values.length : 0),
            0,
          );
          return profileStages(context, parts, {
            ...{ level, ticket, ...(before && { parentMask: before.mask }), origin },
            expectedKept: before ? kept(before.mask) + fresh : maskable(ticket.mask),
            progress: { arm: spec.arm, level, levels: spec.iterations },
          });
        },
        score: (_, ticket, trained) =>
          Promise.resolve(
            Object.fromEntries(
              Object.entries(pick(trained, Object.keys(ticket.mask))).map(([name, { shape, values }]) => [
                name,
                { shape, values: values.map(Math.abs) },
              ]),
            ),
          ),
      },
    );
    for await (const { trained, pruned } of levels) {
      before = pruned;
      trainedBefore = trained;
    }
  } finally {
    await trainers.close();
    await otherTrainers.close();
  }
}

function continuationOf(spec: ProfileSpec, seed: number): Continuation {
  if (spec.arm === 'reset') return { name: 'reset' };
  if (spec.arm === 'keep') return { name: 'keep' };
  const options =
    spec.arm === 'grow-random' ? ({ init: 'random', initialiser: spec.initialiser } as const) : ({ init: 'identity' } as const);
  return {
    name: 'grow',
    operator: `deepen (${options.init})`,
    grow: (network, iteration) => deepen.grow(network, options, stream(seed, 'grow', iteration)),
  };
}

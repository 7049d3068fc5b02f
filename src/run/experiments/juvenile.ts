/** Recursive growth of tickets: the juvenile state hypothesis with its baseline and two controls. Zhang 2021, arXiv:2109.03862. */
import { z } from 'zod';
import { type Arrays, pick } from '../../array.js';
import { mismatched } from '../../check.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { deepen } from '../../grow/deepen.js';
import type { Network } from '../../grow/growthOperator.js';
import { kept } from '../../mask.js';
import type { Architecture } from '../../model/architecture.js';
import { architecture } from '../../model/families/families.js';
import { prunable } from '../../model/shapes.js';
import { deriveSeed, stream } from '../../random.js';
import { criteria } from '../../score/criteria.js';
import { iterations } from '../../step.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { expectedKept } from '../../ticket/expectedKept.js';
import { type Continuation, recursiveGrowth } from '../../ticket/recursiveGrowth.js';
import type { Ticket } from '../../ticket/ticket.js';
import type { Trainer } from '../../train/trainer.js';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import { checkGrown } from './checkGrown.js';
import type { Experiment } from './experiment.js';
import { oneTrainer } from './oneTrainer.js';
import { fractionOption, identity, learningRateOption, optimizerOption, stepOption, training } from './schemas.js';
import { trainStage } from './trainStage.js';
import { stageName } from './stageName.js';
import { plannedSteps } from './plannedSteps.js';

const arms = {
  'grow-identity': 'the method: extend the pruned ticket by an identity layer, prune again, never reset weights',
  'grow-random': 'the same with layers of random weights',
  reset: "the paper's baseline: full depth, all weights back to their start at each iteration",
  'keep-deep': 'control: full depth, weights kept, nothing grows',
  'keep-shallow': 'control: the seed network, weights kept, nothing grows',
} as const;

type Arm = keyof typeof arms;

const schema = z.strictObject({
  experiment: z.literal('juvenile').default('juvenile'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('grow-identity')
    .describe('the method, its variant, its baseline or a control'),
  ...training,
  initialiser: training.initialiser.default('heNormal'),
  seedModel: z.string().max(80).default('mlp-128x1').describe('the network that growth starts from'),
  fullModel: z.string().max(80).default('mlp-128x6').describe('the network that growth ends at, and the baseline starts with'),
  iterations: z.int().min(0).max(50).default(5).describe('growth iterations after the first training'),
  length: stepOption.default('5ep').describe('training of one iteration'),
  validateEvery: stepOption.default('100it').describe('iterations between measurements on the validation part'),
  sparsity: fractionOption.default(0.95).describe('pruned share of each layer after each iteration'),
  exclude: z.array(z.string().max(80)).max(100).default([]).describe('parameters that are never pruned'),
  insertion: z
    .enum(['identity', 'dirac', 'zeroResidual'])
    .default('identity')
    .describe('how a layer of the arm grow-identity starts; dirac and zeroResidual insert residual blocks'),
  after: z
    .array(z.string().max(80))
    .min(1)
    .max(50)
    .default(['last'])
    .describe('where layers are inserted, in turn: after a layer or stage'),
  optimizer: optimizerOption.default({ name: 'adam' }).describe('how weights change'),
  learningRate: learningRateOption.default({ rate: 0.001 }).describe('learning rate over training'),
  batchSize: z.int().min(1).default(128).describe('images in one update'),
});

export type JuvenileSpec = z.infer<typeof schema> & Spec;

/** As far as the paper says; it says neither epochs nor batch size. */
const cifar = {
  dataset: 'cifar-10',
  engine: 'sparse',
  seedModel: 'blocks-8x0',
  fullModel: 'blocks-8x7',
  iterations: 7,
  sparsity: 0.8,
  exclude: ['conv/kernel', 'output/kernel'],
  insertion: 'dirac',
};

export const juvenile: Experiment<JuvenileSpec> = {
  name: 'juvenile',
  summary: 'recursive growth of tickets: train, prune, extend, never resetting weights, beside reset and keep controls',
  source: 'arXiv:2109.03862',
  schema: schema as unknown as z.ZodType<JuvenileSpec>,
  arms,
  presets: {
    default: { summary: 'the MNIST experiment of the paper, 5 epochs an iteration', options: {}, replicates: 3, minutes: 5 },
    long: { summary: 'the same with 20 epochs an iteration', options: { length: '20ep' }, replicates: 3 },
    'cifar-10': {
      summary: 'the CIFAR-10 experiment of the paper on the whole training set, 5 epochs an iteration',
      options: cifar,
      replicates: 3,
      minutes: 18,
    },
    'cifar-10-zero': {
      summary: 'the same growing by blocks that change nothing at first, in place of Dirac kernels',
      options: { ...cifar, insertion: 'zeroResidual' },
      replicates: 3,
      arms: ['grow-identity'],
    },
    'cifar-10-wide': {
      summary: 'three stages of 16, 32 and 64 channels on CIFAR-10, a block more in each stage in turn: ResNet-8 to ResNet-20',
      options: {
        ...cifar,
        seedModel: 'resnet-8',
        fullModel: 'resnet-20',
        iterations: 6,
        after: ['stage1', 'stage2', 'stage3'],
        length: '10ep',
        augmentation: 'cropFlip',
      },
      replicates: 3,
    },
    'cifar-10-reduced': {
      summary: 'the CIFAR-10 experiment on 10,000 training images, 3 epochs an iteration',
      options: { ...cifar, trainLimit: 10_000, length: '3ep', validateEvery: '39it' },
      replicates: 3,
    },
    smoke: {
      summary: 'two iterations of 200 updates, to see that everything works',
      options: { fullModel: 'mlp-128x3', iterations: 2, length: '200it' },
      replicates: 1,
    },
  },
  parents: () => [],
  updates: (spec) => (spec.iterations + 1) * iterations(spec.length, plannedSteps(spec)),
  run,
};

async function run(spec: JuvenileSpec, context: RunContext): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const build = (name: string): Architecture => architecture(name, dataset.shape, dataset.classes.length);
  const full = build(spec.fullModel);
  const growing = spec.arm.startsWith('grow');
  const start = denseTicket(
    growing || spec.arm === 'keep-shallow' ? build(spec.seedModel) : full,
    deriveSeed(seed, 'init'),
    spec.initialiser,
  );
  const continuation = continuationOf(spec, seed);
  if (continuation.name === 'grow') checkPlan(start, continuation.grow, spec.iterations, full);
  const pruning = { amount: { sparsity: spec.sparsity }, scope: 'layerwise', exclude: spec.exclude } as const;
  const trainers = oneTrainer(spec, dataset, context);
  let before: Ticket | undefined;
  let trainedBefore: Arrays = start.weights;
  try {
    const levels = recursiveGrowth(
      start,
      { iterations: spec.iterations, prune: pruning, continuation },
      {
        async train(level, ticket) {
          const { weights } = await trainStage(context, () => trainers.open(ticket.architecture), {
            name: stageName('train', level),
            level,
            ticket,
            ...(before && { parentMask: before.mask }),
            expectedKept: before ? kept(before.mask) + grown(ticket, before) : kept(ticket.mask),
            origin: originOf(spec, ticket, start, trainedBefore),
            request: {
              length: spec.length,
              learningRate: spec.learningRate,
              seed: deriveSeed(seed, 'order', level),
              evaluations: { validation: spec.validateEvery, train: spec.validateEvery },
            },
            progress: { arm: spec.arm, level, levels: spec.iterations },
          });
          return weights;
        },
        score: (_, ticket, trained) => {
          const names = prunable(ticket.architecture).map((p) => p.name);
          return Promise.resolve(
            criteria.magnitude.score({
              weights: pick(trained, names),
              initial: pick(trained, names),
              mask: ticket.mask,
              random: stream(seed, 'score'),
            }),
          );
        },
      },
    );
    for await (const { level, ticket, trained, pruned } of levels) {
      const expected = expectedKept(ticket.mask, pruning, kept(pruned.mask));
      if (kept(pruned.mask) !== expected)
        throw mismatched(`pruning of level ${level}`, `${expected} weights`, String(kept(pruned.mask)), 'this is a bug, please report it');
      await measurePruned(context, () => trainers.open(ticket.architecture), level, pruned);
      before = pruned;
      trainedBefore = trained;
    }
  } finally {
    await trainers.close();
  }
}

function continuationOf(spec: JuvenileSpec, seed: number): Continuation {
  if (spec.arm === 'reset') return { name: 'reset' };
  if (spec.arm.startsWith('keep')) return { name: 'keep' };
  const unit = spec.insertion === 'identity' ? {} : ({ unit: 'block' } as const);
  const options =
    spec.arm === 'grow-identity' ? { init: spec.insertion, ...unit } : { init: 'random' as const, initialiser: spec.initialiser, ...unit };
  return {
    name: 'grow',
    operator: `deepen (${options.init})`,
    grow(network, iteration) {
      const after = spec.after[(iteration - 1) % spec.after.length] as string;
      return deepen.grow(network, { ...options, after }, stream(seed, 'grow', iteration));
    },
  };
}

/** What the start of a level must be equal to, tensor by tensor, apart from grown ones. */
function originOf(spec: JuvenileSpec, ticket: Ticket, start: Ticket, trainedBefore: Arrays): Arrays {
  if (spec.arm === 'reset') return start.weights;
  return Object.fromEntries(Object.entries(ticket.weights).map(([name, array]) => [name, trainedBefore[name] ?? array]));
}

/** Weights of parameters that the parent does not have: all of them are kept until their own first pruning. */
function grown(ticket: Ticket, before: Ticket): number {
  return Object.entries(ticket.mask).reduce((sum, [name, { values }]) => sum + (Object.hasOwn(before.mask, name) ? 0 : values.length), 0);
}

/** Accuracy right after pruning, before any retraining. */
async function measurePruned(context: RunContext, open: () => Promise<Trainer>, level: number, pruned: Ticket): Promise<void> {
  await context.stage(stageName('pruned', level), async (inside) => {
    const trainer = await open();
    trainer.load(pruned.mask, pruned.weights);
    for (const split of ['validation', 'test'] as const) {
      inside.row({ kind: 'evaluation', level, step: 0, split, ...trainer.evaluate(split), phase: 'pruned', kept: kept(pruned.mask) });
    }
    return { arrays: {}, info: {} };
  });
}

/** Grows the untrained seed to the end, which costs nothing, so that a plan that cannot end at `fullModel` is refused at once. */
function checkPlan(start: Ticket, grow: (network: Network, iteration: number) => Network, count: number, full: Architecture): void {
  let network: Network = start;
  for (let i = 1; i <= count; i++) network = grow(network, i);
  checkGrown(network.architecture, full, 'iterations, seedModel and fullModel');
}

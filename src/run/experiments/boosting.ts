/** Boosting tickets: masks from a small learning rate train faster. Li et al. 2020, arXiv:2003.05733. */
import { z } from 'zod';
import { loadDataset } from '../../dataset/loadDataset.js';
import { kept, type Mask, maskable } from '../../mask.js';
import { deriveSeed, stream } from '../../random.js';
import { iterations } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { oneShot } from '../../ticket/oneShot.js';
import { randomMask } from '../../ticket/randomMask.js';
import { randomReinitialise } from '../../ticket/randomReinitialise.js';
import { relativeDistance } from '../../ticket/relativeDistance.js';
import type { Ticket } from '../../ticket/ticket.js';
import { openTrainer, type Trainer } from '../../train/trainer.js';
import { NotNow } from '../exitCode.js';
import type { RunContext } from '../openRun.js';
import { readStage } from '../readRecord.js';
import type { Spec } from '../record.js';
import { runKey } from '../runKey.js';
import { findRun, type Store } from '../store.js';
import type { Experiment } from './experiment.js';
import { networkOf } from './networkOf.js';
import { quietTraining } from './quietTraining.js';
import {
  distinct,
  identity,
  intervalOption,
  learningRateOption,
  optimizerOption,
  sparsityOption,
  stepOption,
  training,
} from './schemas.js';
import { trainStage, unpack } from './trainStage.js';
import { trainingOf } from './trainingOf.js';
import { plannedSteps } from './plannedSteps.js';

const arms = {
  boosting: 'mask from the small learning rate, one shot, back to the start, retrained with warm-up',
  winning: 'mask from the learning rate of the retraining, else the same',
  'random-mask': "control: the boosting ticket's start with as many weights drawn at random",
  reinitialise: "control: the boosting ticket's mask with fresh weights",
  dense: 'control: the full network, trained as the tickets are',
} as const;

type Arm = keyof typeof arms;

const schema = z.strictObject({
  experiment: z.literal('boosting').default('boosting'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('boosting')
    .describe('the method, the usual ticket, or a control'),
  ...training,
  weightDecay: training.weightDecay.default(0.0001),
  model: z.string().max(80).default('lenet-5').describe('architecture by name'),
  optimizer: optimizerOption.default({ name: 'sgd', momentum: 0.9 }).describe('how weights change'),
  maskRate: learningRateOption.default({ rate: 0.005 }).describe('learning rate of the training that the boosting mask comes from'),
  learningRate: learningRateOption
    .default({ rate: 0.05, warmup: { length: '2ep', from: 0.005 } })
    .describe('learning rate of the retraining, and of the training that the winning mask comes from'),
  sparsities: distinct(sparsityOption).min(1).default([0.8]).describe('pruned shares, each in one shot from the same training'),
  batchSize: z.int().min(1).default(64).describe('images in one update'),
  maskLength: stepOption.default('5ep').describe('training that the mask comes from'),
  length: stepOption.default('15ep').describe('retraining'),
  validateEvery: intervalOption.default('1ep').describe('iterations between measurements on the validation part'),
  path: z.boolean().default(true).describe('whether the pruned network is also trained as the full one was, to measure how far it strays'),
});

export type BoostingSpec = z.infer<typeof schema> & Spec;

/** Pruned shares of the paper's figure 5. */
const shares = [0.18, 0.32, 0.45, 0.56, 0.65, 0.73, 0.8, 0.87, 0.92, 0.98];
const vgg = {
  ...{
    dataset: 'cifar-10',
    model: 'vgg-16',
    initialiser: 'heNormal',
    augmentation: 'cropFlip',
    maskRate: { rate: 0.01, decay: { name: 'steps', at: ['50ep', '75ep'] } },
  },
  learningRate: { rate: 0.1, warmup: { length: '10ep', from: 0.01 }, decay: { name: 'steps', at: ['50ep', '75ep'] } },
  ...{ maskLength: '100ep', length: '100ep' },
};
/** One epoch of retraining on real colour images, where a first epoch tells arms apart. */
const small = {
  ...{ dataset: 'cifar-10', trainLimit: 10_000, initialiser: 'heNormal', engine: 'sparse' },
  ...{ maskRate: { rate: 0.002 }, learningRate: { rate: 0.02, warmup: { length: '2ep', from: 0.002 } } },
  ...{ maskLength: '6ep', length: '1ep' },
};

export const boosting: Experiment<BoostingSpec> = {
  name: 'boosting',
  summary: 'tickets from a small learning rate, which train faster, beside winning tickets and controls',
  source: 'arXiv:2003.05733',
  schema: schema as unknown as z.ZodType<BoostingSpec>,
  arms,
  presets: {
    default: {
      summary: 'LeNet-5 on MNIST at 80 % sparsity, 20 epochs: when each arm stops early (appendix C of the paper)',
      options: { engine: 'sparse', length: '20ep' },
      replicates: 3,
    },
    small: {
      summary: 'the same on 10,000 images: what a busy core does in minutes',
      options: { engine: 'sparse', length: '20ep', trainLimit: 10_000 },
      replicates: 3,
    },
    shares: {
      summary: 'LeNet-5 on 10,000 images of CIFAR-10: accuracy after one epoch by pruned share, 18 to 98 %',
      options: { ...small, sparsities: shares, path: false },
      replicates: 3,
      arms: ['boosting', 'winning', 'random-mask', 'reinitialise', 'dense'],
    },
    width: {
      summary: 'LeNet-5 of half the width, likewise at 80 %; give --model lenet-5, lenet-5x2 for others',
      options: { ...small, model: 'lenet-5x0.5', path: false },
      replicates: 3,
      arms: ['boosting', 'winning', 'reinitialise', 'dense'],
    },
    'mask-rate': {
      summary: 'LeNet-5 on 10,000 images of CIFAR-10, mask from a tenth of the rate of shares; give --set maskRate=... for others',
      options: { ...small, maskRate: { rate: 0.0002 } },
      replicates: 3,
      arms: ['boosting'],
    },
    'vgg-16': { summary: "the paper's VGG-16 on CIFAR-10, 100 epochs (a GPU's work)", options: vgg, replicates: 1 },
    smoke: {
      summary: 'two shares and 300 updates, to see that everything works',
      options: {
        sparsities: [0.5, 0.8],
        maskLength: '200it',
        length: '300it',
        validateEvery: '100it',
        learningRate: { rate: 0.05, warmup: { length: '50it', from: 0.005 } },
      },
      replicates: 1,
    },
  },
  parents(spec) {
    networkOf(spec);
    return spec.arm === 'random-mask' || spec.arm === 'reinitialise' ? [{ ...spec, arm: 'boosting' }] : [];
  },
  updates(spec) {
    const per = plannedSteps(spec);
    const [mask, retrain] = [iterations(spec.maskLength, per), iterations(spec.length, per)];
    if (spec.arm === 'dense') return retrain;
    const finds = spec.arm === 'boosting' || spec.arm === 'winning';
    return spec.sparsities.length * (retrain + (finds && spec.path ? mask : 0)) + (finds ? mask : 0);
  },
  run,
};

async function run(spec: BoostingSpec, context: RunContext, store: Store): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const network = networkOf(spec);
  const dense = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  let trainer: Promise<Trainer> | undefined;
  const open = (): Promise<Trainer> => {
    trainer ??= openTrainer({ architecture: network, dataset, ...trainingOf(spec, context) });
    return trainer;
  };
  const levels = spec.sparsities.length;
  const evaluations = { validation: spec.validateEvery };
  const retraining = { length: spec.length, learningRate: spec.learningRate, seed: deriveSeed(seed, 'order'), evaluations };
  try {
    if (spec.arm === 'dense') {
      await trainStage(context, open, {
        name: 'dense',
        level: 0,
        ticket: dense,
        expectedKept: maskable(dense.mask),
        origin: dense.weights,
        request: retraining,
        progress: { arm: spec.arm },
      });
      return;
    }
    const tickets =
      spec.arm === 'boosting' || spec.arm === 'winning'
        ? await findTickets(spec, context, open, dense, seed)
        : controls(spec, store, dense, seed);
    for (const [i, { ticket, parentMask }] of tickets.entries()) {
      await trainStage(context, open, {
        ...{
          name: `retrain-${spec.sparsities[i]}`,
          level: i + 1,
          ticket,
          expectedKept: maskable(dense.mask) - Math.round((spec.sparsities[i] as number) * maskable(dense.mask)),
        },
        ...{
          origin: spec.arm === 'reinitialise' ? ticket.weights : dense.weights,
          request: retraining,
          progress: { arm: spec.arm, level: i + 1, levels },
        },
        parentMask,
      });
    }
  } finally {
    (await trainer)?.close();
  }
}

type Found = { ticket: Ticket; parentMask: Mask };

/** Trains the full network for the mask, prunes it at each share and, if asked, follows the pruned networks on the full one's way. */
async function findTickets(
  spec: BoostingSpec,
  context: RunContext,
  open: () => Promise<Trainer>,
  dense: Ticket,
  seed: number,
): Promise<Found[]> {
  const learningRate = spec.arm === 'boosting' ? spec.maskRate : spec.learningRate;
  const request = {
    length: spec.maskLength,
    learningRate,
    seed: deriveSeed(seed, 'mask order'),
    evaluations: { validation: spec.validateEvery },
  };
  const stage = {
    name: 'mask',
    level: 0,
    ticket: dense,
    expectedKept: maskable(dense.mask),
    origin: dense.weights,
    request,
    progress: { arm: spec.arm, level: 0 },
  };
  const { weights } = await trainStage(context, open, stage);
  const tickets = spec.sparsities.map((sparsity) => ({ ticket: oneShot(dense, weights, sparsity), parentMask: dense.mask }));
  for (const [i, { ticket }] of tickets.entries()) {
    if (!spec.path) break;
    const sparsity = spec.sparsities[i] as number;
    await context.stage(`path-${sparsity}`, async (inside) => {
      const trained = await quietTraining(
        context,
        inside,
        await open(),
        { ...request, mask: ticket.mask, weights: ticket.weights },
        { arm: spec.arm, level: i + 1 },
      );
      const distances = {
        kept: relativeDistance(weights, trained.weights, ticket.mask),
        all: relativeDistance(weights, trained.weights, ticket.mask, 'all'),
      };
      inside.row({ kind: 'point', name: 'path', level: i + 1, values: { sparsity, rate: learningRate.rate, ...distances } });
      return { arrays: {}, info: {} };
    });
  }
  return tickets;
}

/** The controls of the boosting run's tickets. */
function controls(spec: BoostingSpec, store: Store, dense: Ticket, seed: number): Found[] {
  const key = runKey({ ...spec, arm: 'boosting' }, boostingDefaults);
  const folder = findRun(store, key);
  if (folder === undefined)
    throw new NotNow(`missing parent run '${key}': the control '${spec.arm}' uses its masks; run the arm 'boosting' first`);
  return spec.sparsities.map((sparsity, i) => {
    const { mask } = unpack(readStage(folder, `retrain-${sparsity}`).arrays);
    const ticket = childTicket(dense, { mask, weights: dense.weights }, 'prune and rewind', { sparsity });
    if (spec.arm === 'reinitialise')
      return { ticket: randomReinitialise(ticket, deriveSeed(seed, 'reinitialise', i), spec.initialiser), parentMask: dense.mask };
    const random = randomMask(mask, stream(seed, 'random mask', i), { keep: kept(mask) });
    return { ticket: childTicket(ticket, { mask: random, weights: dense.weights }, 'random mask', { sparsity }), parentMask: dense.mask };
  });
}

const boostingDefaults = schema.parse({}) as BoostingSpec;

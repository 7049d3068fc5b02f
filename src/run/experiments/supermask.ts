/** Tickets in random networks: nothing but a mask is trained. Ramanujan et al. 2020, arXiv:1911.13299, beside its successors. */
import { z } from 'zod';
import { type Arrays, mapEach } from '../../array.js';
import { epochLength } from '../../dataset/epochLength.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { maskable } from '../../mask.js';
import type { Architecture } from '../../model/architecture.js';
import { prunable } from '../../model/shapes.js';
import { withoutBias } from '../../model/withoutBias.js';
import { deriveSeed, stream } from '../../random.js';
import { iterations, stepText } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import type { Ticket } from '../../ticket/ticket.js';
import { type Supermask, supermaskParameterisation } from '../../train/supermask/supermask.js';
import { supermasks } from '../../train/supermask/supermasks.js';
import { openTrainer, type Trainer } from '../../train/trainer.js';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import type { Experiment } from './experiment.js';
import { networkOf } from './networkOf.js';
import { densityOption, distinct, identity, intervalOption, learningRateOption, optimizerOption, stepOption, training } from './schemas.js';
import { supermaskStage } from './supermaskStage.js';
import { trainStage } from './trainStage.js';
import { plannedSteps } from './plannedSteps.js';

const arms = {
  ...(Object.fromEntries(Object.entries(supermasks).map(([name, { summary }]) => [name, summary])) as Record<
    keyof typeof supermasks,
    string
  >),
  trained: 'the same network with all its weights trained',
} as const;

type Arm = keyof typeof arms;

const schema = z.strictObject({
  experiment: z.literal('supermask').default('supermask'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('edge-popup')
    .describe('how the mask is found'),
  ...training,
  initialiser: training.initialiser.default('signedConstant').describe('how the frozen weights are drawn'),
  weightDecay: training.weightDecay.default(0.0005).describe('L2 of scores in edge-popup and multi-prize, of weights in training'),
  model: z.string().max(80).default('mlp-300-100').describe('architecture by name; it has no biases'),
  densities: distinct(densityOption)
    .min(1)
    .default([0.05, 0.1, 0.3, 0.5, 0.7, 0.9])
    .describe('kept shares of each layer; for gem-miner, of scores left alive'),
  optimizer: optimizerOption.default({ name: 'sgd', momentum: 0.9 }).describe('how scores change'),
  learningRate: learningRateOption.default({ rate: 0.1, decay: { name: 'cosine' } }).describe('learning rate of scores'),
  trainedRate: learningRateOption
    .nullable()
    .default(null)
    .describe('learning rate of weights in the network that is trained; null: that of scores'),
  bernoulliRate: learningRateOption
    .default({ rate: 0.3, decay: { name: 'cosine' } })
    .describe('learning rate of probabilities, with Adam (gradient descent at 100 takes 2,000 epochs)'),
  decay: z.number().min(0).default(0.00003).describe("gem-miner's lambda: the loss has lambda times the sum of squared scores"),
  freezeEvery: intervalOption.default('1ep').describe('gem-miner: training between two freezings of the lowest scores'),
  scaleByDensity: z.boolean().default(true).describe('whether weights are drawn for the fan that is left: times 1 / sqrt(density)'),
  batchSize: z.int().min(1).default(64).describe('images in one update'),
  length: stepOption.default('5ep').describe('training at one density'),
  validateEvery: intervalOption.default('1ep').describe('iterations between measurements on the validation part'),
});

export type SupermaskSpec = z.infer<typeof schema> & Spec;

/** At the scores' rate of 0.1 the weights of convolutional networks stay at guessing: two of three LeNets did on MNIST. */
const convolutional = { trainedRate: { rate: 0.01, decay: { name: 'cosine' } } };

/** CIFAR-10 at a scale that shows the order of arms and no more. */
const small = { ...convolutional, dataset: 'cifar-10', trainLimit: 10_000, weightDecay: 0.0001, length: '120it', validateEvery: '120it' };

export const supermask: Experiment<SupermaskSpec> = {
  name: 'supermask',
  summary: 'tickets in random networks: masks trained on frozen weights, beside the network trained',
  source: 'arXiv:1911.13299',
  schema: schema as unknown as z.ZodType<SupermaskSpec>,
  arms,
  presets: {
    default: { summary: '784-300-100-10 on MNIST at six densities, signed constants, 5 epochs each', options: {}, replicates: 3 },
    normal: { summary: 'the same with weights from a normal distribution (He)', options: { initialiser: 'heNormal' }, replicates: 3 },
    width: {
      summary: '784-75-25-10, a quarter of the width, at three densities; give --model mlp-600-200 for twice',
      options: { model: 'mlp-75-25', densities: [0.3, 0.5, 0.7] },
      replicates: 3,
      arms: ['edge-popup', 'trained'],
    },
    cnn: {
      summary: 'LeNet-5 on MNIST at three densities',
      options: { ...convolutional, model: 'lenet-5', densities: [0.3, 0.5, 0.7] },
      replicates: 3,
    },
    'conv-2': {
      summary: "Conv-2 on CIFAR-10 at the paper's settings: 100 epochs, batch 128",
      options: {
        ...{ dataset: 'cifar-10', model: 'conv-2', batchSize: 128, weightDecay: 0.0001, augmentation: 'cropFlip', length: '100ep' },
        ...{ ...convolutional, densities: [0.1, 0.3, 0.5, 0.7, 0.9], freezeEvery: '5ep' },
      },
      replicates: 3,
    },
    'conv-4': {
      summary: "Conv-4 on CIFAR-10 at the paper's settings",
      options: {
        ...{ dataset: 'cifar-10', model: 'conv-4', batchSize: 128, weightDecay: 0.0001, augmentation: 'cropFlip', length: '100ep' },
        ...{ ...convolutional, densities: [0.1, 0.3, 0.5, 0.7, 0.9], freezeEvery: '5ep' },
      },
      replicates: 3,
    },
    'cnn-small': {
      summary: 'LeNet-5 on MNIST, half kept, 2 epochs',
      options: { ...convolutional, model: 'lenet-5', densities: [0.5], length: '2ep' },
      replicates: 3,
    },
    'conv-2-small': {
      summary: 'Conv-2 of a quarter of the width on 10,000 images of CIFAR-10, 120 updates of 64: what a busy core does in minutes',
      options: { ...small, model: 'conv-2x0.25', densities: [0.3, 0.5, 0.7] },
      replicates: 3,
      arms: ['edge-popup', 'trained'],
    },
    'conv-4-small': {
      summary: 'Conv-4 at the same scale, half kept',
      options: { ...small, model: 'conv-4x0.25', densities: [0.5] },
      replicates: 3,
      arms: ['edge-popup', 'trained'],
    },
    smoke: {
      summary: 'a small network for 400 updates at two densities, to see that everything works',
      options: { model: 'mlp-50', length: '400it', validateEvery: '200it', freezeEvery: '200it', densities: [0.3, 0.6] },
      replicates: 1,
    },
  },
  parents(spec) {
    networkOf(spec);
    return [];
  },
  updates: (spec) => searchesOf(spec).length * iterations(spec.length, plannedSteps(spec)),
  run,
};

/** The densities that an arm is trained at: of a mask of probabilities, and of all weights, there is one. */
function searchesOf(spec: SupermaskSpec): readonly number[] {
  return spec.arm === 'trained' ? [1] : spec.arm.startsWith('bernoulli') ? [0.5] : spec.densities;
}

async function run(spec: SupermaskSpec, context: RunContext): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const network = withoutBias(networkOf(spec));
  const random = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  const method: Supermask | undefined = spec.arm === 'trained' ? undefined : supermasks[spec.arm];
  const searches = searchesOf(spec);
  for (const [level, density] of searches.entries()) {
    let trainer: Promise<Trainer> | undefined;
    const open = (): Promise<Trainer> => {
      const { optimizer, batchSize, loss, augmentation, engine } = spec;
      const parameterisation = method && supermaskParameterisation(method, density);
      const weightDecay = spec.arm === 'gem-miner' ? 2 * spec.decay : spec.arm.startsWith('bernoulli') ? 0 : spec.weightDecay;
      const own = spec.arm.startsWith('bernoulli') ? ({ name: 'adam' } as const) : optimizer;
      trainer ??= openTrainer({
        architecture: network,
        dataset,
        optimizer: own,
        batchSize,
        weightDecay,
        loss,
        augmentation,
        engine,
        keepDecision: context.keepDecision,
        ...(parameterisation && { parameterisation }),
      });
      return trainer;
    };
    const name = `density-${density}`;
    const evaluations = { validation: spec.validateEvery };
    const progress = { arm: spec.arm, level, levels: searches.length - 1 };
    try {
      if (method === undefined) {
        const request = {
          length: spec.length,
          learningRate: spec.trainedRate ?? spec.learningRate,
          seed: deriveSeed(seed, 'order'),
          evaluations,
        };
        await trainStage(context, open, {
          name,
          level,
          ticket: random,
          expectedKept: maskable(random.mask),
          origin: random.weights,
          request,
          progress,
        });
        continue;
      }
      const scaled = spec.scaleByDensity && 'top' in method.keeps ? scaledBy(random, 1 / Math.sqrt(density)) : random;
      await supermaskStage(context, open, {
        ...{ name, level, supermask: method, start: scaled, scores: scoresOf(network, method, seed, level), density, progress },
        request: {
          length: spec.length,
          learningRate: spec.arm.startsWith('bernoulli') ? spec.bernoulliRate : spec.learningRate,
          evaluations,
        },
        pauses: method.freezes ? pausesOf(spec, density, epochLength(dataset.train.count, spec.batchSize)) : [],
        seed: (part) => deriveSeed(seed, 'order', level, part),
      });
    } finally {
      (await trainer)?.close();
    }
  }
}

function scoresOf(network: Architecture, method: Supermask, seed: number, level: number): Arrays {
  return Object.fromEntries(
    prunable(network).map((p) => [p.name, { shape: p.shape, values: method.start(p, stream(seed, 'scores', level, p.name)) }]),
  );
}

function scaledBy(ticket: Ticket, factor: number): Ticket {
  const weights = mapEach(ticket.weights, (array, name) =>
    Object.hasOwn(ticket.mask, name) ? { ...array, values: array.values.map((w) => w * factor) } : array,
  );
  return childTicket(ticket, { mask: ticket.mask, weights }, 'scale', { factor });
}

/** An exponential fall of the scores alive, as of the paper's rate c = ln(1 / density) / epochs; the last pause leaves the density. */
function pausesOf(spec: SupermaskSpec, density: number, stepsPerEpoch: number): { at: string; alive: number }[] {
  const [total, every] = [iterations(spec.length, stepsPerEpoch), iterations(spec.freezeEvery, stepsPerEpoch)];
  const count = Math.max(0, Math.ceil(total / every) - 1);
  return Array.from({ length: count }, (_, i) => ({ at: stepText((i + 1) * every, stepsPerEpoch), alive: density ** ((i + 1) / count) }));
}

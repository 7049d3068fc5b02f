/** Cheaper adversarial training: a mask from cheap attacks, retrained against dear ones. Li et al. 2020, arXiv:2003.05733, section 4. */
import { z } from 'zod';
import type { Arrays } from '../../array.js';
import { epochLength } from '../../dataset/epochLength.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { maskable } from '../../mask.js';
import type { Architecture } from '../../model/architecture.js';
import { deriveSeed } from '../../random.js';
import { iterations } from '../../step.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { oneShot } from '../../ticket/oneShot.js';
import { randomReinitialise } from '../../ticket/randomReinitialise.js';
import type { Adversary } from '../../train/attack/adversary.js';
import { type Attack, fgsm, gradientEvaluations } from '../../train/attack/attack.js';
import { type Attacker, openAttacker } from '../../train/attack/openAttacker.js';
import { openTrainer, type Trainer } from '../../train/trainer.js';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import type { Experiment } from './experiment.js';
import { networkOf } from './networkOf.js';
import { quietTraining } from './quietTraining.js';
import { identity, intervalOption, learningRateOption, optimizerOption, sparsityOption, stepOption, training } from './schemas.js';
import { trainStage } from './trainStage.js';
import { trainingOf } from './trainingOf.js';
import { plannedSteps } from './plannedSteps.js';

const arms = {
  'fgsm-mask': 'the pipeline: mask from training against FGSM, ticket retrained against PGD for fewer epochs',
  'natural-mask': 'the same with a mask from training on clean images',
  'pgd-mask': 'the same with a mask from training against PGD, which saves nothing',
  reinitialise: "control: the pipeline's mask with fresh weights",
  dense: 'control: the full network against PGD, for all epochs',
} as const;

type Arm = keyof typeof arms;

const attackOption = z.strictObject({
  norm: z.enum(['linf', 'l2']),
  epsilon: z.number().min(0),
  stepSize: z.number().positive(),
  steps: z.int().min(1).max(1000),
  randomStart: z.boolean(),
});

const schema = z.strictObject({
  experiment: z.literal('adversarial').default('adversarial'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('fgsm-mask')
    .describe('where the mask comes from, or a control'),
  ...training,
  weightDecay: training.weightDecay.default(0.0001),
  model: z.string().max(80).default('lenet-5').describe('architecture by name'),
  optimizer: optimizerOption.default({ name: 'sgd', momentum: 0.9 }).describe('how weights change'),
  maskRate: learningRateOption.default({ rate: 0.01 }).describe('learning rate of the training that the mask comes from'),
  learningRate: learningRateOption
    .default({ rate: 0.05, warmup: { length: '1ep', from: 0.01 } })
    .describe('learning rate of the retraining'),
  attack: attackOption
    .default({ norm: 'linf', epsilon: 0.3, stepSize: 0.06, steps: 10, randomStart: true })
    .describe('what tickets and the full network are trained against; pixels are in [0, 1]'),
  trades: z.number().positive().nullable().default(null).describe('weight of the divergence of TRADES; null: the loss on attacked images'),
  evaluation: attackOption
    .default({ norm: 'linf', epsilon: 0.3, stepSize: 0.03, steps: 20, randomStart: false })
    .describe('what robust accuracy is measured with'),
  evaluated: z.int().min(1).default(2000).describe('test images that are attacked'),
  sparsity: sparsityOption.default(0.5).describe('pruned share, in one shot; small networks collapse at 0.8'),
  batchSize: z.int().min(1).default(64).describe('images in one update'),
  maskLength: stepOption.default('5ep').describe('training that the mask comes from'),
  ticketLength: stepOption.default('4ep').describe('retraining of tickets'),
  length: stepOption.default('10ep').describe('training of the full network'),
  measureEvery: intervalOption.default('1ep').describe('iterations between measurements of robust accuracy'),
  checks: z
    .boolean()
    .default(true)
    .describe('whether signs of hidden gradients are looked for at the end: more steps, larger balls, transfer'),
  surrogateLength: stepOption
    .default('2ep')
    .describe('training, on clean images, of the other network that attacks are carried over from in those checks'),
});

export type AdversarialSpec = z.infer<typeof schema> & Spec;

const cifar = {
  ...{ dataset: 'cifar-10', model: 'vgg-16', initialiser: 'heNormal', augmentation: 'cropFlip', sparsity: 0.8 },
  attack: { norm: 'linf', epsilon: 8 / 255, stepSize: 2 / 255, steps: 10, randomStart: false },
  evaluation: { norm: 'linf', epsilon: 8 / 255, stepSize: 2 / 255, steps: 20, randomStart: false },
};

export const adversarial: Experiment<AdversarialSpec> = {
  name: 'adversarial',
  summary: 'robust tickets: masks from cheap attacks, retrained against dear ones, and what that saves',
  source: 'arXiv:2003.05733',
  schema: schema as unknown as z.ZodType<AdversarialSpec>,
  arms,
  presets: {
    default: {
      summary: 'LeNet-5 on MNIST within 0.3: 4 epochs of PGD-10 after an FGSM mask, against 10',
      options: {},
      replicates: 3,
      arms: ['fgsm-mask', 'reinitialise', 'dense'],
    },
    'mlp-small': {
      summary: '784-300-100-10 on 10,000 images of MNIST within 0.1, half pruned: what a busy core does in minutes',
      options: {
        ...{ model: 'lenet-300-100', trainLimit: 10_000, evaluated: 500, sparsity: 0.5, measureEvery: '1ep' },
        attack: { norm: 'linf', epsilon: 0.1, stepSize: 0.025, steps: 10, randomStart: true },
        evaluation: { norm: 'linf', epsilon: 0.1, stepSize: 0.01, steps: 20, randomStart: false },
      },
      replicates: 3,
    },
    'mnist-small': {
      summary: 'LeNet-5 of twice the width on 10,000 images of MNIST within 0.3 against PGD-5: 4 epochs after an FGSM mask, against 10',
      options: {
        ...{ model: 'lenet-5x2', trainLimit: 10_000, batchSize: 32, evaluated: 500 },
        // With momentum the loss of a network this small stays that of guessing within 0.3.
        ...{ optimizer: { name: 'adam' }, weightDecay: 0 },
        ...{ maskRate: { rate: 0.0005 }, learningRate: { rate: 0.001, warmup: { length: '1ep', from: 0.0005 } } },
        attack: { norm: 'linf', epsilon: 0.3, stepSize: 0.1, steps: 5, randomStart: true },
      },
      replicates: 3,
      arms: ['fgsm-mask', 'reinitialise', 'dense'],
    },
    'cifar-small': {
      summary:
        'Convolutions of 8 and 16 filters on 5,000 images of CIFAR-10 within 8/255 against PGD-5: 4 epochs after an FGSM mask, against 10',
      options: {
        ...{ ...cifar, model: 'convs-8-16', augmentation: 'none', trainLimit: 5000, batchSize: 32, evaluated: 500, sparsity: 0.5 },
        attack: { norm: 'linf', epsilon: 8 / 255, stepSize: 2.5 / 255, steps: 5, randomStart: true },
        // The hidden dense layers of LeNet-5 die within 8/255, or stay at guessing: this network has none.
        ...{ optimizer: { name: 'adam' }, weightDecay: 0 },
        ...{ maskRate: { rate: 0.001 }, learningRate: { rate: 0.002, warmup: { length: '1ep', from: 0.001 } } },
        ...{ measureEvery: '2ep', checks: false },
      },
      replicates: 3,
      arms: ['fgsm-mask', 'reinitialise', 'dense'],
    },
    'vgg-16': {
      summary: "the paper's VGG-16 on CIFAR-10: 40 epochs against 100 (a GPU's work)",
      options: {
        ...cifar,
        maskRate: { rate: 0.01, decay: { name: 'steps', at: ['50ep', '75ep'] } },
        learningRate: { rate: 0.1, warmup: { length: '10ep', from: 0.01 }, decay: { name: 'steps', at: ['20ep', '30ep'] } },
        ...{ maskLength: '100ep', ticketLength: '40ep', length: '100ep', measureEvery: '10ep', evaluated: 10_000 },
      },
      replicates: 1,
    },
    smoke: {
      summary: 'a small network for some updates, to see that everything works',
      options: {
        ...{
          model: 'mlp-50',
          maskLength: '200it',
          ticketLength: '200it',
          length: '300it',
          measureEvery: '100it',
          evaluated: 500,
          learningRate: { rate: 0.05 },
        },
        attack: { norm: 'linf', epsilon: 0.1, stepSize: 0.05, steps: 3, randomStart: true },
        evaluation: { norm: 'linf', epsilon: 0.1, stepSize: 0.02, steps: 10, randomStart: false },
      },
      replicates: 1,
      arms: ['fgsm-mask', 'dense'],
    },
  },
  parents(spec) {
    networkOf(spec);
    return [];
  },
  updates(spec) {
    const per = plannedSteps(spec);
    return spec.arm === 'dense' ? iterations(spec.length, per) : iterations(spec.maskLength, per) + iterations(spec.ticketLength, per);
  },
  run,
};

/** What the mask's training sees, by arm. */
function maskAttack(spec: AdversarialSpec): Attack | undefined {
  if (spec.arm === 'natural-mask') return undefined;
  return spec.arm === 'pgd-mask' ? spec.attack : { ...fgsm(spec.attack.epsilon), norm: spec.attack.norm };
}

async function run(spec: AdversarialSpec, context: RunContext): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const network = networkOf(spec);
  const dense = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  const stepsPerEpoch = epochLength(dataset.train.count, spec.batchSize);
  let current: Promise<Trainer> | undefined;
  let attacker: Promise<Attacker> | undefined;
  const close = async (): Promise<void> => {
    (await current)?.close();
    current = undefined;
  };
  const opening = (adversary: Adversary | undefined) => (): Promise<Trainer> => {
    current ??= openTrainer({ architecture: network, dataset, ...trainingOf(spec, context), ...(adversary && { adversary }) });
    return current;
  };
  const openAttack = (): Promise<Attacker> => {
    attacker ??= openAttacker({ architecture: network, dataset });
    return attacker;
  };
  try {
    let ticket = dense;
    let spent = 0;
    if (spec.arm !== 'dense') {
      const attack = maskAttack(spec);
      const request = {
        length: spec.maskLength,
        learningRate: spec.maskRate,
        seed: deriveSeed(seed, 'mask order'),
        evaluations: { validation: spec.measureEvery },
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
      const { weights } = await trainStage(context, opening(attack && { attack }), stage);
      await close();
      spent = iterations(spec.maskLength, stepsPerEpoch) * gradientEvaluations(attack);
      ticket = oneShot(dense, weights, spec.sparsity);
      if (spec.arm === 'reinitialise') ticket = randomReinitialise(ticket, deriveSeed(seed, 'reinitialise'), spec.initialiser);
    }
    const length = spec.arm === 'dense' ? spec.length : spec.ticketLength;
    const [total, every] = [iterations(length, stepsPerEpoch), iterations(spec.measureEvery, stepsPerEpoch)];
    const steps = [...new Set([...Array.from({ length: Math.floor(total / every) }, (_, i) => (i + 1) * every), total])];
    const level = spec.arm === 'dense' ? 0 : 1;
    const { weights, snapshots } = await trainStage(context, opening({ attack: spec.attack, trades: spec.trades }), {
      ...{
        name: 'train',
        level,
        ticket,
        expectedKept: level === 0 ? maskable(dense.mask) : maskable(dense.mask) - Math.round(spec.sparsity * maskable(dense.mask)),
      },
      origin: spec.arm === 'dense' || spec.arm === 'reinitialise' ? ticket.weights : dense.weights,
      request: {
        ...{ length, learningRate: spec.learningRate, seed: deriveSeed(seed, 'order'), evaluations: { validation: spec.measureEvery } },
        snapshots: steps.map((step) => `${step}it`),
      },
      progress: { arm: spec.arm, level, levels: level },
    });
    await close();
    for (const step of steps) {
      await context.stage(`robust-${step}`, async (inside) => {
        const own = await openAttack();
        own.load(snapshots[step] as Arrays);
        const { clean, robust } = own.attack({ attack: spec.evaluation, split: 'test', limit: spec.evaluated });
        const evaluations = spent + step * gradientEvaluations(spec.attack, spec.trades);
        inside.row({
          kind: 'point',
          name: 'robust',
          level,
          values: { step, epoch: step / stepsPerEpoch, evaluations, clean: clean.accuracy, robust: robust.accuracy, loss: robust.loss },
        });
        return { arrays: {}, info: {} };
      });
    }
    if (spec.checks) {
      const surrogate = await trainSurrogate(spec, context, opening(undefined), network, seed);
      await close();
      await lookForHiddenGradients(spec, context, openAttack, weights, surrogate, level);
    }
  } finally {
    await close();
    (await attacker)?.close();
  }
}

/** Weights of a network of the same architecture from another start, trained on clean images: what a stranger to the network has. */
async function trainSurrogate(
  spec: AdversarialSpec,
  context: RunContext,
  open: () => Promise<Trainer>,
  network: Architecture,
  seed: number,
): Promise<Arrays> {
  const start = denseTicket(network, deriveSeed(seed, 'surrogate init'), spec.initialiser);
  const { arrays } = await context.stage('surrogate', async (inside) => {
    const order = deriveSeed(seed, 'surrogate order');
    const request = {
      length: spec.surrogateLength,
      learningRate: spec.maskRate,
      seed: order,
      evaluations: { validation: spec.measureEvery },
    };
    const { mask, weights } = start;
    const trained = await quietTraining(context, inside, await open(), { ...request, mask, weights }, { arm: spec.arm });
    return { arrays: trained.weights, info: {} };
  });
  return arrays as Arrays;
}

/** Attacks that must do more harm than the evaluation's, or less; see `obfuscationClaims`. */
async function lookForHiddenGradients(
  spec: AdversarialSpec,
  context: RunContext,
  open: () => Promise<Attacker>,
  weights: Arrays,
  surrogate: Arrays,
  level: number,
): Promise<void> {
  const { evaluation } = spec;
  const largest = evaluation.norm === 'linf' ? 1 : Math.sqrt(spec.dataset === 'cifar-10' ? 3072 : 784);
  const tries: Record<string, { attack: Attack; surrogate?: Arrays }> = {
    'one step': { attack: { ...evaluation, steps: 1, stepSize: evaluation.epsilon, randomStart: false } },
    evaluation: { attack: evaluation },
    'five times the steps': { attack: { ...evaluation, steps: 5 * evaluation.steps } },
    'random start': { attack: { ...evaluation, randomStart: true } },
    'whole cube': { attack: { ...evaluation, epsilon: largest, stepSize: largest / 20 } },
    transfer: { attack: evaluation, surrogate },
  };
  await context.stage('hidden-gradients', async (inside) => {
    const attacker = await open();
    attacker.load(weights);
    for (const [name, { attack, surrogate: from }] of Object.entries(tries)) {
      const { clean, robust, path } = attacker.attack({ attack, split: 'test', limit: spec.evaluated, ...(from && { surrogate: from }) });
      // Of a step back, the largest: what the loss loses in any one step of the attack.
      const dip = path.reduce((most, loss, i) => Math.max(most, i === 0 ? 0 : (path[i - 1] as number) - loss), 0);
      const values = {
        attack: name,
        steps: attack.steps,
        epsilon: attack.epsilon,
        clean: clean.accuracy,
        robust: robust.accuracy,
        loss: robust.loss,
        dip,
        rise: (path.at(-1) as number) - (path[0] as number),
      };
      inside.row({ kind: 'point', name: 'hidden gradients', level, values });
    }
    return { arrays: {}, info: {} };
  });
}

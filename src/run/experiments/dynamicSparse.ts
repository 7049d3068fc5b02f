/**
 * Dynamic sparse training beside gradual and iterative pruning and dense training, at equal steps and at equal time. RigL: Evci et al.
 * 2020, arXiv:1911.11134; SET: Mocanu et al. 2018, arXiv:1707.04780; gradual pruning: Zhu & Gupta 2017, arXiv:1710.01878.
 */
import { z } from 'zod';
import { pick, size } from '../../array.js';
import { invalid } from '../../check.js';
import { epochLength } from '../../dataset/epochLength.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { density as densityOf, kept, type Mask, maskable, overlap } from '../../mask.js';
import { prunable } from '../../model/shapes.js';
import { allocate } from '../../prune/allocation.js';
import { exponential } from '../../prune/schedule.js';
import { deriveSeed, stream } from '../../random.js';
import { magnitude } from '../../score/magnitude.js';
import { iterations } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { type DynamicSparseParts, dynamicSparseTraining } from '../../ticket/dynamicSparseTraining.js';
import { gradualPruning } from '../../ticket/gradualPruning.js';
import { iterativePruning } from '../../ticket/iterativePruning.js';
import { maskUpdateSteps } from '../../ticket/maskUpdateSteps.js';
import { randomMask } from '../../ticket/randomMask.js';
import type { Ticket } from '../../ticket/ticket.js';
import { type DenseGradient, openDenseGradient } from '../../train/denseGradient.js';
import type { Pause, PausingTraining, Trained } from '../../train/train.js';
import { openTrainer } from '../../train/trainer.js';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import type { StageContext } from '../stage.js';
import type { Experiment } from './experiment.js';
import {
  densityOption,
  distinct,
  fractionOption,
  identity,
  intervalOption,
  learningRateOption,
  optimizerOption,
  stepOption,
  training,
} from './schemas.js';
import { stageName } from './stageName.js';
import { type TrainedStage, type TrainStage, trainStage } from './trainStage.js';
import { trainingOf } from './trainingOf.js';
import { plannedSteps } from './plannedSteps.js';
import { networkOf } from './networkOf.js';

const arms = {
  rigl: 'RigL: sparse from the start; the weakest connections go, those with the largest gradient come',
  set: 'SET: the same, with connections that come at random',
  static: 'control: the mask that RigL and SET start from, never changed',
  pruning: 'iterative magnitude pruning with rewinding, all of its trainings together as long as one of the others',
  gradual: 'gradual magnitude pruning: dense at first, sparser at every update of the mask, in one training',
  dense: 'control: the full network',
} as const;

type Arm = keyof typeof arms;

const schema = z.strictObject({
  experiment: z.literal('dynamicSparse').default('dynamicSparse'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('rigl')
    .describe('the method or what it is compared with'),
  ...training,
  model: z.string().max(80).default('lenet-300-100').describe('architecture by name'),
  optimizer: optimizerOption.default({ name: 'adam' }).describe('how weights change'),
  learningRate: learningRateOption
    .default({ rate: 0.0012, decay: { name: 'cosine' } })
    .describe('learning rate over a training; it stretches with the multiple'),
  batchSize: z.int().min(1).default(60).describe('images in one update'),
  length: stepOption.regex(/[1-9]/, 'at least 1 iteration').default('2000it').describe('training at the multiple 1'),
  multiples: distinct(z.int().min(1).max(1000))
    .min(1)
    .default([1, 2, 4])
    .describe('how many times as long each arm trains: what is compared at equal steps, and by the clock'),
  densities: distinct(densityOption).min(1).default([0.1, 0.036, 0.02]).describe('kept shares'),
  allocation: z.enum(['uniform', 'er', 'erk']).default('erk').describe('how kept weights are shared among layers'),
  updateEvery: intervalOption.default('100it').describe('iterations between changes of the mask'),
  updateShare: fractionOption.default(0.3).describe("share of each layer's kept weights that the first change moves"),
  updateUntil: fractionOption.default(0.75).describe('share of the training after which the mask stays'),
  pruneFrom: fractionOption.default(0).describe('gradual pruning: share of the training before it begins'),
  pruningFraction: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.8)
    .describe('iterative pruning: share of the remaining weights removed per level, at most'),
  pruningScope: z
    .enum(['global', 'layerwise'])
    .default('layerwise')
    .describe('iterative pruning: whether layers are ranked together, or keep what the allocation gives them'),
  validateEvery: intervalOption.default('1000it').describe('iterations between measurements on the validation part'),
});

export type DynamicSparseSpec = z.infer<typeof schema> & Spec;

/** Options that make no difference to an arm. */
const update = ['updateEvery', 'updateShare', 'updateUntil'] as const;
const levels = ['pruningFraction', 'pruningScope'] as const;
const unused: Readonly<Record<Arm, readonly (keyof DynamicSparseSpec)[]>> = {
  rigl: ['pruneFrom', ...levels],
  set: ['pruneFrom', ...levels],
  static: [...update, 'pruneFrom', ...levels],
  gradual: ['updateShare', ...levels],
  pruning: [...update, 'pruneFrom'],
  dense: [...update, 'pruneFrom', ...levels, 'densities', 'allocation'],
};

const mnist = { dataset: 'mnist', model: 'lenet-300-100', engine: 'sparse' };
const cifar = { dataset: 'cifar-10', initialiser: 'heNormal', engine: 'sparse' };

export const dynamicSparse: Experiment<DynamicSparseSpec> = {
  name: 'dynamicSparse',
  summary: 'dynamic sparse training (RigL, SET) beside a static mask, gradual and iterative pruning, and dense training',
  source: 'arXiv:1911.11134',
  schema: schema as unknown as z.ZodType<DynamicSparseSpec>,
  arms,
  presets: {
    default: {
      summary: 'LeNet-300-100 on MNIST at densities 0.1, 0.036 and 0.02: 2,000 iterations, two and four times as many',
      options: mnist,
      replicates: 3,
    },
    'conv-small': {
      summary: 'LeNet-5 on CIFAR-10 at densities 0.2 and 0.1: 1,000 iterations, and three times as many',
      options: { ...cifar, model: 'lenet-5', length: '1000it', multiples: [1, 3], densities: [0.2, 0.1], validateEvery: '500it' },
      replicates: 3,
    },
    'resnet-20': {
      summary: 'ResNet-20 on CIFAR-10 at densities 0.2 and 0.1: 160 epochs of SGD, and five times as many (weeks)',
      options: {
        ...{ ...cifar, model: 'resnet-20', augmentation: 'cropFlip', weightDecay: 0.0001, batchSize: 128 },
        ...{ optimizer: { name: 'sgd', momentum: 0.9 }, learningRate: { rate: 0.1, decay: { name: 'cosine' } } },
        ...{ length: '160ep', densities: [0.2, 0.1], validateEvery: '10ep' },
      },
      replicates: 3,
    },
    smoke: {
      summary: 'one density and 300 updates, to see that everything works',
      options: { ...mnist, length: '300it', multiples: [1], densities: [0.1], updateEvery: '50it', validateEvery: '100it' },
      replicates: 1,
    },
  },
  normalise: (spec) => ({ ...spec, ...Object.fromEntries(unused[spec.arm].map((name) => [name, defaults[name]])) }) as DynamicSparseSpec,
  parents(spec) {
    checkSettings(spec);
    return [];
  },
  updates(spec) {
    const settings = spec.arm === 'dense' ? 1 : spec.densities.length;
    return settings * spec.multiples.reduce((sum, multiple) => sum + multiple * lengthOf(spec), 0);
  },
  run,
};

/** One density and one length of a run. */
export interface DynamicSparseSetting {
  readonly density: number;
  readonly multiple: number;
  /** Numbers of its first and last level: more than one for iterative pruning only. */
  readonly first: number;
  readonly last: number;
  /** Its stage; those of several levels add their numbers to this. */
  readonly stage: string;
}

/** What a run trains, in this order: every density for the first multiple of the length, then for the next. */
export function dynamicSparseSettings(spec: DynamicSparseSpec): DynamicSparseSetting[] {
  let first = 0;
  return spec.multiples.flatMap((multiple) =>
    (spec.arm === 'dense' ? [1] : spec.densities).map((density) => {
      const last = first + (spec.arm === 'pruning' ? prunings(spec.pruningFraction, density) : 0);
      const setting = { density, multiple, first, last, stage: `train-${density}-x${multiple}` };
      first = last + 1;
      return setting;
    }),
  );
}

/** How many prunings it takes to a density, if each removes the fraction of what is left or less. */
function prunings(fraction: number, density: number): number {
  return Math.ceil(Math.log(density) / Math.log(1 - fraction) - 1e-9);
}

async function run(spec: DynamicSparseSpec, context: RunContext): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const network = networkOf(spec);
  const dense = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  const stepsPerEpoch = epochLength(dataset.train.count, spec.batchSize);
  const length = iterations(spec.length, stepsPerEpoch);
  const settings = dynamicSparseSettings(spec);
  const { optimizer: _, weightDecay: __, ...forGradients } = { architecture: network, dataset, ...trainingOf(spec, context) };
  // Both are opened before anything is timed.
  const trainer = await openTrainer({ architecture: network, dataset, ...trainingOf(spec, context) });
  let gradient: DenseGradient | undefined;
  try {
    if (spec.arm === 'rigl') gradient = await openDenseGradient(forGradients);
    const most = Math.max(...settings.map(({ last }) => last));
    const train = (stage: Omit<TrainStage, 'progress'>): Promise<TrainedStage> =>
      trainStage(context, () => Promise.resolve(trainer), { ...stage, progress: { arm: spec.arm, level: stage.level, levels: most } });
    for (const setting of settings) {
      const order = deriveSeed(seed, 'order', setting.multiple);
      const request = { learningRate: spec.learningRate, seed: order, evaluations: { validation: spec.validateEvery } };
      if (spec.arm === 'pruning') {
        await pruneIteratively(spec, dense, setting, { ...request, total: setting.multiple * length }, train);
        continue;
      }
      const ticket = startOf(spec, dense, setting, seed);
      const stage = {
        ...{ name: setting.stage, level: setting.first, ticket, expectedKept: kept(ticket.mask), origin: dense.weights },
        request: { ...request, length: `${setting.multiple * length}it` },
      };
      if (spec.arm === 'dense' || spec.arm === 'static') {
        await train(stage);
        continue;
      }
      const updates = maskUpdates(spec, setting, { length, stepsPerEpoch });
      const pausing = { ...stage.request, pauses: updates.pauses.map((pause) => `${pause}it`) };
      if (spec.arm === 'gradual') {
        const keepAtEnd = allocate(
          Object.fromEntries(Object.entries(ticket.mask).map(([name, { shape }]) => [name, shape])),
          keptAt(dense, setting.density),
          spec.allocation,
        );
        const moves: TrainStage['moves'] = (training, inside) => pruneGradually(setting, keepAtEnd, updates, { training, inside });
        await train({ ...stage, request: pausing, keepAtEnd, moves });
        continue;
      }
      const parts = {
        // On the minibatch that the next update is made with.
        gradients: ({ weights, next }: Pause) => (gradient as DenseGradient).at(weights, next),
        random: (step: number) => stream(seed, 'grow', setting.density, setting.multiple, step),
      };
      const moves: TrainStage['moves'] = (training, inside) => move(spec, setting, ticket, updates, { training, inside, ...parts });
      await train({ ...stage, request: pausing, moves });
    }
  } finally {
    trainer.close();
    gradient?.close();
  }
}

/** @throws UserError for densities and lengths at which nothing can be trained */
function checkSettings(spec: DynamicSparseSpec): void {
  const kernels = prunable(networkOf(spec));
  const weights = kernels.reduce((sum, kernel) => sum + size(kernel.shape), 0);
  for (const { density, multiple, first, last } of dynamicSparseSettings(spec)) {
    if (Math.round(density * weights) < kernels.length)
      throw invalid(`density of '${spec.model}'`, `one that keeps a weight in each of its ${kernels.length} kernels`, density);
    const updates = multiple * lengthOf(spec);
    if (updates <= last - first)
      throw invalid('length', `iterations for ${last - first + 1} levels of pruning`, `${updates} at the multiple ${multiple}`);
    if (spec.arm !== 'gradual') continue;
    const { start, end, every, pauses } = maskUpdates(spec, { multiple }, { length: lengthOf(spec), stepsPerEpoch: plannedSteps(spec) });
    if (pauses.length === 0)
      throw invalid(
        'pruneFrom, updateEvery and updateUntil',
        'at least one pruning of the arm gradual',
        `none after iteration ${start} and before ${end}, every ${every}`,
      );
  }
}

/** Updates at the multiple 1. */
function lengthOf(spec: DynamicSparseSpec): number {
  return iterations(spec.length, plannedSteps(spec));
}

/** When a mask changes: every so many iterations, after `start` and before `end`. */
interface MaskUpdates {
  readonly start: number;
  readonly end: number;
  readonly every: number;
  readonly pauses: readonly number[];
}

function maskUpdates(
  { pruneFrom, updateEvery, updateUntil }: DynamicSparseSpec,
  { multiple }: Pick<DynamicSparseSetting, 'multiple'>,
  { length, stepsPerEpoch }: { readonly length: number; readonly stepsPerEpoch: number },
): MaskUpdates {
  const [start, end] = [pruneFrom, updateUntil].map((share) => Math.floor(share * multiple * length)) as [number, number];
  const every = iterations(updateEvery, stepsPerEpoch);
  return { start, end, every, pauses: maskUpdateSteps(every, end, start) };
}

function keptAt({ mask }: Ticket, density: number): number {
  return Math.round(density * maskable(mask));
}

/** What an arm starts from: the same weights for all, the same random mask for all that are sparse from the start. */
function startOf(spec: DynamicSparseSpec, dense: Ticket, { density }: DynamicSparseSetting, seed: number): Ticket {
  if (spec.arm === 'dense' || spec.arm === 'gradual') return dense;
  const mask = randomMask(dense.mask, stream(seed, 'mask', density), { keep: keptAt(dense, density), allocation: spec.allocation });
  return childTicket(dense, { mask, weights: dense.weights }, 'random mask', { density, allocation: spec.allocation });
}

/** Takes a training through its prunings. */
function pruneGradually(
  { first: level, density, multiple }: DynamicSparseSetting,
  keep: Readonly<Record<string, number>>,
  { start, every, pauses }: MaskUpdates,
  { training, inside }: Parts,
): Promise<Trained> {
  const prunings = gradualPruning({ keep, start, every, prunings: pauses.length }, training);
  return through(prunings, pauses, ({ step, removed, mask }) => {
    const values = { density, multiple, step, removed, kept: kept(mask), left: densityOf(mask) };
    inside.row({ kind: 'point', name: 'gradual pruning', level, values });
  });
}

/** A training that pauses, and the stage that it is part of. */
interface Parts {
  readonly training: PausingTraining;
  readonly inside: StageContext;
}

/** Takes a training through its mask updates. */
function move(
  { arm, updateShare: share }: DynamicSparseSpec,
  { first: level, density, multiple }: DynamicSparseSetting,
  start: Ticket,
  { end, pauses }: MaskUpdates,
  { inside, ...parts }: Omit<DynamicSparseParts<Trained>, 'training'> & Parts,
): Promise<Trained> {
  const by = arm === 'rigl' ? 'gradient' : 'random';
  const updates = dynamicSparseTraining<Trained>({ architecture: start.architecture, by, share, end }, parts);
  return through(updates, pauses, ({ step, share, moved, mask }) => {
    const values = { density, multiple, step, share, moved, kept: kept(mask), overlap: overlap(start.mask, mask) };
    inside.row({ kind: 'point', name: 'mask update', level, values });
  });
}

/** Goes through the changes of a mask to the end of training; of many, about twenty are told, with the first and the last. */
async function through<Change extends { readonly step: number }>(
  changes: AsyncGenerator<Change, Trained>,
  pauses: readonly number[],
  tell: (change: Change) => void,
): Promise<Trained> {
  const told = new Set(Array.from({ length: 20 }, (_, i) => pauses[Math.round((i * (pauses.length - 1)) / 19)]));
  for (;;) {
    const { done, value } = await changes.next();
    if (done) return value;
    if (told.has(value.step)) tell(value);
  }
}

/** Trains and prunes in equal parts: all levels together take the steps of the setting, the last one what division leaves. */
async function pruneIteratively(
  spec: DynamicSparseSpec,
  dense: Ticket,
  setting: DynamicSparseSetting,
  { total, ...request }: Omit<TrainStage['request'], 'length'> & { readonly total: number },
  train: (stage: Omit<TrainStage, 'progress'>) => Promise<TrainedStage>,
): Promise<void> {
  const levels = setting.last - setting.first;
  const share = Math.floor(total / (levels + 1));
  const schedule = levels === 0 ? () => setting.density : exponential({ density: setting.density, levels });
  let parentMask: Mask | undefined;
  const procedure = iterativePruning(
    dense,
    {
      levels,
      retrain: 'rewind',
      prune: (level) => ({
        amount: { keep: keptAt(dense, schedule(level)) },
        scope: spec.pruningScope,
        ...(spec.pruningScope === 'layerwise' && { allocation: spec.allocation }),
      }),
    },
    {
      async train(level, ticket) {
        const { weights } = await train({
          ...{ name: stageName(`${setting.stage}-level`, level), level: setting.first + level, ticket, origin: dense.weights },
          ...{ expectedKept: keptAt(dense, schedule(level)), ...(parentMask && { parentMask }) },
          request: {
            ...{ ...request, seed: deriveSeed(request.seed, 'level', level) },
            length: `${level === levels ? total - levels * share : share}it`,
          },
        });
        return { weights, rewindingPoint: dense.weights };
      },
      score(level, { mask }, trained, initial) {
        const names = Object.keys(mask);
        parentMask = mask;
        return Promise.resolve(
          magnitude.score({
            weights: pick(trained, names),
            initial: pick(initial, names),
            mask,
            random: stream(request.seed, 'score', level),
          }),
        );
      },
    },
  );
  for await (const _ of procedure);
}

const defaults = schema.parse({}) as DynamicSparseSpec;

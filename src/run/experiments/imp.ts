/**
 * Iterative pruning with its controls, in any basis. Frankle & Carbin 2019, arXiv:1803.03635; rewinding: Frankle et al. 2020,
 * arXiv:1912.05671; bases: Alabdulmohsin et al. 2021, arXiv:2107.06825.
 */
import { z } from 'zod';
import type { Arrays } from '../../array.js';
import type { Architecture } from '../../model/architecture.js';
import { pick } from '../../array.js';
import { lookUp, UserError } from '../../check.js';
import { epochLength } from '../../dataset/epochLength.js';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { kept, type Mask, maskable } from '../../mask.js';
import type { Basis } from '../../model/bases/basis.js';
import { bases } from '../../model/bases/bases.js';
import { kernelAxes } from '../../model/bases/kernelAxes.js';
import { type NetworkBasis, openBasis } from '../../model/bases/networkBasis.js';
import { prunable } from '../../model/shapes.js';
import { deriveSeed, stream } from '../../random.js';
import { criteria } from '../../score/criteria.js';
import { iterations } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { expectedKept } from '../../ticket/expectedKept.js';
import { iterativePruning } from '../../ticket/iterativePruning.js';
import { randomMask } from '../../ticket/randomMask.js';
import { randomReinitialise } from '../../ticket/randomReinitialise.js';
import { shuffleMask } from '../../ticket/shuffleMask.js';
import { storedNumbers } from '../../ticket/storedNumbers.js';
import type { Ticket } from '../../ticket/ticket.js';
import { basisParameterisation } from '../../train/basisParameterisation.js';
import { derivatives } from '../../train/derivatives.js';
import { openTrainer, type Trainer } from '../../train/trainer.js';
import { NotNow } from '../exitCode.js';
import type { RunContext } from '../openRun.js';
import { readStage } from '../readRecord.js';
import type { Spec } from '../record.js';
import { runKey } from '../runKey.js';
import { findRun, type Store } from '../store.js';
import { checkPruning } from './checkPruning.js';
import type { Experiment } from './experiment.js';
import { quietTraining } from './quietTraining.js';
import {
  axesOption,
  basisOption,
  criterionOption,
  fractionOption,
  identity,
  intervalOption,
  learningRateOption,
  optimizerOption,
  stepOption,
  training,
} from './schemas.js';
import { type TrainStage, trainStage, unpack } from './trainStage.js';
import { trainingOf } from './trainingOf.js';
import { stageName } from './stageName.js';
import { plannedSteps } from './plannedSteps.js';
import { networkOf } from './networkOf.js';

const arms = {
  ticket: 'iterative pruning: each level prunes what the one before trained, and starts again from the rewinding step',
  reinitialise: "control: the ticket's mask with fresh weights",
  'shuffle-mask': "control: the ticket's start with its mask shuffled inside each layer",
  'random-mask': "control: the ticket's start with as many weights drawn at random from the whole network",
} as const;

/** Options of iterative pruning, apart from experiment, arm and basis. */
export const pruningOptions = {
  ...identity,
  ...training,
  model: z.string().max(80).default('lenet-300-100').describe('architecture by name'),
  optimizer: optimizerOption.default({ name: 'adam' }).describe('how weights change'),
  learningRate: learningRateOption.default({ rate: 0.0012 }).describe('learning rate over training'),
  batchSize: z.int().min(1).default(60).describe('images in one update'),
  length: stepOption.default('15000it').describe('training of one level'),
  validateEvery: intervalOption.default('100it').describe('iterations between measurements on the validation part'),
  levels: z.int().min(0).max(100).default(18).describe('prunings after the dense level 0'),
  fraction: fractionOption.default(0.2).describe('pruning fraction: share of the remaining weights removed per level'),
  fractions: z.record(z.string(), fractionOption).default({ 'output/kernel': 0.1 }).describe('other pruning fractions by parameter'),
  scope: z.enum(['global', 'layerwise']).default('layerwise').describe('whether layers are ranked together'),
  granularity: z.enum(['weight', 'unit', 'channel', 'output', 'component']).default('weight').describe('what is removed as a whole'),
  exclude: z.array(z.string()).default([]).describe('parameters that are never pruned'),
  criterion: criterionOption,
  gradientExamples: z.int().min(1).default(1000).describe('images for criteria that need gradients'),
  rewind: stepOption.default('0it').describe('rewinding step'),
  retrain: z.enum(['rewind', 'learningRate', 'fineTune']).default('rewind').describe('what a level starts from after pruning'),
  fineTuneLength: stepOption.default('5000it').describe('training of a level when fine-tuning, at the last learning rate'),
  basisAxes: axesOption,
};

const schema = z.strictObject({
  experiment: z.literal('imp').default('imp'),
  arm: z
    .enum(Object.keys(arms) as [keyof typeof arms, ...(keyof typeof arms)[]])
    .default('ticket')
    .describe('the method or one of its controls'),
  ...pruningOptions,
  basis: basisOption,
});

export type ImpSpec = z.infer<typeof schema> & Spec;

const lenet = { model: 'lenet-300-100', dataset: 'mnist', engine: 'sparse' };

export const imp: Experiment<ImpSpec> = {
  name: 'imp',
  summary: 'iterative magnitude pruning with rewinding, beside fresh weights and random masks',
  source: 'arXiv:1803.03635',
  schema: schema as unknown as z.ZodType<ImpSpec>,
  arms,
  presets: {
    default: { summary: 'LeNet-300-100 on MNIST to 2 % density, 15,000 iterations a level', options: lenet, replicates: 3, minutes: 26 },
    paper: {
      summary: 'the same with the 50,000 iterations of the paper',
      options: { ...lenet, length: '50000it' },
      replicates: 5,
    },
    openlth: {
      summary: "LeNet-300-100 on MNIST at OpenLTH's defaults: SGD 0.1, batch 128, 40 epochs, 12 levels, global",
      options: {
        ...lenet,
        initialiser: 'heNormal',
        optimizer: { name: 'sgd' },
        learningRate: { rate: 0.1 },
        batchSize: 128,
        length: '40ep',
        validateEvery: '1ep',
        levels: 12,
        scope: 'global',
        fractions: {},
        exclude: ['output/kernel'],
      },
      replicates: 1,
      arms: ['ticket'],
    },
    'conv-2': {
      summary: 'Conv-2 on CIFAR-10 as in the paper: 20,000 iterations, convolutions 10 % and dense layers 20 % a level',
      options: {
        dataset: 'cifar-10',
        engine: 'auto',
        model: 'conv-2',
        learningRate: { rate: 0.0002 },
        length: '20000it',
        levels: 18,
        fractions: { 'conv1/kernel': 0.1, 'conv2/kernel': 0.1, 'output/kernel': 0.1 },
      },
      replicates: 3,
    },
    'resnet-20': {
      summary: 'ResNet-20 on CIFAR-10 with rewinding to iteration 1000: SGD 0.1, 160 epochs, global',
      options: {
        dataset: 'cifar-10',
        engine: 'auto',
        model: 'resnet-20',
        initialiser: 'heNormal',
        optimizer: { name: 'sgd', momentum: 0.9 },
        learningRate: { rate: 0.1, decay: { name: 'steps', at: ['80ep', '120ep'] } },
        weightDecay: 0.0001,
        batchSize: 128,
        augmentation: 'cropFlip',
        length: '160ep',
        validateEvery: '1ep',
        levels: 12,
        scope: 'global',
        fractions: {},
        rewind: '1000it',
      },
      replicates: 3,
    },
    smoke: {
      summary: 'two levels of 300 iterations, to see that everything works',
      options: { ...lenet, length: '300it', validateEvery: '100it', levels: 2, fraction: 0.5 },
      replicates: 1,
    },
  },
  parents(spec) {
    checkPruning(spec);
    if (spec.basisAxes !== null && bases[spec.basis].axes.length === 0)
      throw new UserError(`basisAxes make no difference in the basis '${spec.basis}', which has no choice of axes; leave them out`);
    return spec.arm === 'ticket' ? [] : [{ ...spec, arm: 'ticket' }];
  },
  updates: pruningUpdates,
  run: (spec, context, store) => runPruning(spec, context, () => parentFolder(store, runKey(imp.parents(spec)[0] as ImpSpec, impDefaults))),
};

/** Updates of the whole run, about. Adaptive bases begin with a training of the dense network. */
export function pruningUpdates(spec: ImpSpec): number {
  const first = spec.arm !== 'ticket' ? 0 : basisOf(spec).needs.includes('trained') ? 2 : 1;
  return (spec.levels + first) * iterations(spec.length, plannedSteps(spec));
}

/** The folder of the run whose masks a control uses. @throws NotNow if it is not there */
export function parentFolder(store: Store, key: string): string {
  const folder = findRun(store, key);
  if (folder === undefined) throw new NotNow(`missing parent run '${key}': a control uses its masks; run the arm that finds tickets first`);
  return folder;
}

/** A trained level. */
export type Seen = (level: number, ticket: Ticket, trained: Arrays) => void;

/**
 * One run of any arm.
 * @param seen told of each level of the arm `ticket` once it is trained
 * @param findParent the folder of the run of the arm `ticket` with the same options; called for controls only
 */
export async function runPruning(spec: ImpSpec, context: RunContext, findParent: () => string, seen: Seen = () => {}): Promise<void> {
  checkPruning(spec);
  const parent = spec.arm === 'ticket' ? undefined : findParent();
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const network = networkOf(spec);
  const settings = { ...spec, ...basisPruning(spec, network) };
  const canonical = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  const basis = await openRunBasis(spec, context, canonical, parent, () => opening(undefined));
  const dense = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser, basis);
  let trainer: Promise<Trainer> | undefined;
  const open = (): Promise<Trainer> => {
    trainer ??= opening(basis);
    return trainer;
  };
  const stepsPerEpoch = epochLength(dataset.train.count, spec.batchSize);
  const rewindStep = iterations(spec.rewind, stepsPerEpoch);
  /** One level of any arm. Levels above 0 that rewind go on from the rewinding step. */
  const stageOf = (ticket: Ticket, level: number): Pick<TrainStage, 'name' | 'level' | 'ticket' | 'request' | 'progress'> => {
    const first = level === 0 || spec.retrain === 'learningRate';
    const fineTune = level > 0 && spec.retrain === 'fineTune';
    return {
      name: stageName('level', level),
      level,
      ticket,
      request: {
        length: fineTune ? spec.fineTuneLength : spec.length,
        from: first || fineTune ? '0it' : spec.rewind,
        learningRate: fineTune ? { rate: lastRate(spec, stepsPerEpoch) } : spec.learningRate,
        seed: deriveSeed(seed, 'order', spec.arm, level),
        evaluations: { validation: spec.validateEvery },
        snapshots: level === 0 && rewindStep > 0 ? [spec.rewind] : [],
      },
      progress: { arm: spec.arm, level, levels: spec.levels },
    };
  };
  try {
    if (parent === undefined) await findTickets(settings, context, dense, dataset, open, stageOf, rewindStep, seen);
    else await runControl(spec, context, parent, dense, open, stageOf, rewindStep);
  } finally {
    (await trainer)?.close();
  }

  function opening(own: NetworkBasis | undefined): Promise<Trainer> {
    const parameterisation = own && { parameterisation: basisParameterisation(own) };
    // The sparse kernels know weights only.
    const engine = own !== undefined && spec.engine === 'sparse' ? 'tensorflow' : spec.engine;
    return openTrainer({ architecture: network, dataset, ...trainingOf({ ...spec, engine }, context), ...parameterisation });
  }
}

const basisOf = ({ basis }: ImpSpec): Basis => bases[basis];

/** What the basis says about pruning: which coefficients go together, and which kernels take no part. */
function basisPruning(spec: ImpSpec, network: Architecture): Pick<ImpSpec, 'granularity' | 'exclude' | 'fractions'> {
  const { granularity, prunes = () => true } = basisOf(spec);
  const left = kernelAxes(network)
    .filter((kernel) => !prunes(kernel))
    .map(({ name }) => name);
  return {
    granularity: granularity ?? spec.granularity,
    exclude: [...new Set([...spec.exclude, ...left])],
    fractions: Object.fromEntries(Object.entries(spec.fractions).filter(([name]) => !left.includes(name))),
  };
}

/** The basis of a run. One that adapts begins with a training of the dense network, which controls read from their parent. */
async function openRunBasis(
  spec: ImpSpec,
  context: RunContext,
  dense: Ticket,
  parent: string | undefined,
  open: () => Promise<Trainer>,
): Promise<NetworkBasis | undefined> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const options = { axes: spec.basisAxes, seed: deriveSeed(seed, 'basis'), initial: dense.weights };
  if (!basisOf(spec).needs.includes('trained')) return openBasis(spec.basis, dense.architecture, options);
  const name = 'adapt';
  if (parent !== undefined)
    return openBasis(spec.basis, dense.architecture, { ...options, trained: readStage(parent, name).arrays as Arrays });
  const { arrays } = await context.stage(name, async (inside) => {
    const trainer = await open();
    try {
      const { length, learningRate, validateEvery } = spec;
      const request = { mask: dense.mask, weights: dense.weights, length, learningRate, seed: deriveSeed(seed, 'order', name) };
      const evaluations = { validation: validateEvery };
      const { weights } = await quietTraining(context, inside, trainer, { ...request, evaluations }, { arm: spec.arm, stage: name });
      return { arrays: weights, info: {} };
    } finally {
      trainer.close();
    }
  });
  return openBasis(spec.basis, dense.architecture, { ...options, trained: arrays as Arrays });
}

type StageOf = (ticket: Ticket, level: number) => Pick<TrainStage, 'name' | 'level' | 'ticket' | 'request' | 'progress'>;

async function findTickets(
  spec: ImpSpec,
  context: RunContext,
  dense: Ticket,
  dataset: Dataset,
  open: () => Promise<Trainer>,
  stageOf: StageOf,
  rewindStep: number,
  seen: Seen,
): Promise<void> {
  const criterion = criteria[spec.criterion];
  const names = prunable(dense.architecture).map((p) => p.name);
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const pruning = {
    amount: { fraction: spec.fraction },
    scope: spec.scope,
    granularity: spec.granularity,
    fractions: spec.fractions,
    exclude: spec.exclude,
    // The length of a singular vector's coefficients is its singular value, if scores are magnitudes.
    ...(basisOf(spec).granularity !== undefined && spec.criterion === 'magnitude' && { aggregate: 'l2' as const }),
  };
  let parent: Ticket | undefined;
  let trainedBefore: Arrays = dense.weights;
  let rewindingPoint: Arrays = dense.weights;
  const levels = iterativePruning(
    dense,
    { levels: spec.levels, prune: pruning, retrain: spec.retrain },
    {
      async train(level, ticket) {
        const origin = level === 0 ? dense.weights : spec.retrain === 'rewind' ? rewindingPoint : trainedBefore;
        const stage: TrainStage = {
          ...stageOf(ticket, level),
          expectedKept: parent ? expectedKept(parent.mask, pruning, kept(ticket.mask)) : maskable(ticket.mask),
          origin,
          ...storedOf(spec, ticket),
          ...(parent && { parentMask: parent.mask }),
        };
        const { weights, snapshots } = await trainStage(context, open, stage);
        if (level === 0 && rewindStep > 0) rewindingPoint = snapshots[rewindStep] as Arrays;
        parent = ticket;
        trainedBefore = weights;
        return { weights, rewindingPoint };
      },
      async score(level, ticket, trained, initial) {
        const random = stream(seed, 'score', level);
        const given =
          criterion.needs.includes('derivatives') &&
          (await derivatives({
            architecture: ticket.architecture,
            weights: trained,
            mask: ticket.mask,
            dataset,
            examples: spec.gradientExamples,
            random,
            loss: spec.loss,
            ...(ticket.basis && { parameterisation: basisParameterisation(ticket.basis) }),
          }));
        return criterion.score({
          weights: pick(trained, names),
          initial: pick(initial, names),
          mask: ticket.mask,
          random,
          ...(given && { derivatives: given }),
        });
      },
    },
  );
  for await (const { level, ticket, trained } of levels) {
    seen(level, ticket, trained.weights);
    context.progress({ arm: spec.arm, level, levels: spec.levels });
  }
}

/** Controls: the masks of a finished ticket run, with other weights or shuffled. */
async function runControl(
  spec: ImpSpec,
  context: RunContext,
  folder: string,
  dense: Ticket,
  open: () => Promise<Trainer>,
  stageOf: StageOf,
  rewindStep: number,
): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  for (let level = 1; level <= spec.levels; level++) {
    const name = stageName('level', level);
    const found = unpack(readStage(folder, name).arrays);
    const rewound = rewindStep > 0 ? (unpack(readStage(folder, 'level-00').arrays).snapshots[rewindStep] as Arrays) : dense.weights;
    const parent = childTicket(dense, { mask: found.mask, weights: rewound }, 'prune and rewind', { level });
    const masked = (mask: Mask, operator: string): Ticket => childTicket(parent, { mask, weights: rewound }, operator, { level });
    const controls = {
      reinitialise: () => randomReinitialise(parent, deriveSeed(seed, 'reinitialise', level), spec.initialiser),
      'shuffle-mask': () => masked(shuffleMask(parent.mask, stream(seed, 'shuffle', level)), 'shuffle mask'),
      'random-mask': () => masked(randomMask(parent.mask, stream(seed, 'random mask', level)), 'random mask'),
    };
    const ticket = lookUp('control', spec.arm, controls)();
    const origin = spec.arm === 'reinitialise' ? ticket.weights : rewound;
    const stage = stageOf(ticket, level);
    // Fresh weights have seen no training: they start at the beginning of the schedule.
    const request = spec.arm === 'reinitialise' ? { ...stage.request, from: '0it' } : stage.request;
    await trainStage(context, open, { ...stage, request, expectedKept: kept(found.mask), origin, ...storedOf(spec, ticket) });
  }
}

/** Absent in the canonical basis, where it is the number of kept weights. */
function storedOf(spec: ImpSpec, ticket: Ticket): { readonly stored?: number } {
  return spec.basis === 'canonical' ? {} : { stored: storedNumbers(ticket) };
}

function lastRate({ learningRate, length }: ImpSpec, stepsPerEpoch: number): number {
  const drops = learningRate.decay?.name === 'steps' ? learningRate.decay : undefined;
  if (drops === undefined) return learningRate.rate;
  const total = iterations(length, stepsPerEpoch);
  const count = drops.at.filter((at) => iterations(at, stepsPerEpoch) < total).length;
  return learningRate.rate * (drops.factor ?? 0.1) ** count;
}

/** What an empty spec stands for: the part of a spec that its key leaves out. */
export const impDefaults = schema.parse({}) as ImpSpec;

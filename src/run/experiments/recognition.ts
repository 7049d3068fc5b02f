/** Tickets for object recognition: detection, segmentation, keypoints. Girish et al. 2021, arXiv:2012.04643. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Arrays, mapArrays, pick } from '../../array.js';
import { invalid, UserError } from '../../check.js';
import { epochLength } from '../../dataset/epochLength.js';
import { datasets } from '../../dataset/datasets.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { detectionSplits } from '../../dataset/coco/readDetectionFolder.js';
import { sceneSources } from '../../dataset/scenes/loadScenes.js';
import { kept, type Mask, maskable, overlap } from '../../mask.js';
import { architecture } from '../../model/families/families.js';
import { prune } from '../../prune/prune.js';
import { deriveSeed, stream } from '../../random.js';
import { iterations, type Step } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { expectedKept } from '../../ticket/expectedKept.js';
import { randomReinitialise } from '../../ticket/randomReinitialise.js';
import { shuffleMask } from '../../ticket/shuffleMask.js';
import type { Ticket } from '../../ticket/ticket.js';
import { transferTicket } from '../../ticket/transferTicket.js';
import { openTrainer } from '../../train/trainer.js';
import { NotNow } from '../exitCode.js';
import type { RunContext } from '../openRun.js';
import { readStage } from '../readRecord.js';
import type { Spec } from '../record.js';
import { runKey } from '../runKey.js';
import { findRun, type Store } from '../store.js';
import {
  type DetectorTrainer,
  type DetectorData,
  detectorData,
  detectorFor,
  detectorOptions,
  evaluateDetector,
  openDetector,
} from './detectionStages.js';
import type { Experiment } from './experiment.js';
import { densityOption, identity, intervalOption, learningRateOption, optimizerOption, stepOption, training } from './schemas.js';
import { type TrainedStage, trainStage, unpack } from './trainStage.js';
import { stageName } from './stageName.js';
import { trainingOf } from './trainingOf.js';
import { plannedImages } from './plannedImages.js';

const arms = {
  direct: 'the trained detector pruned by magnitude, back at an early step, retrained',
  transfer: "the pretrained backbone's ticket, mask and values, in a detector that is dense elsewhere",
  'mask-transfer': 'the mask of the largest weights of the pretrained backbone, with the pretrained values',
  'shuffle-mask': "control: direct pruning's start with its masks shuffled inside each layer",
  reinitialise: "control: direct pruning's masks with fresh weights, nothing pretrained",
  dense: 'control: the detector without pruning, from the pretrained backbone',
  pretrain: 'the backbone as a classifier, dense and pruned: where the other arms start',
} as const;

type Arm = keyof typeof arms;

const MODULES = ['backbone', 'neck', 'heads'] as const;
const parts = z.array(z.enum(['masks', 'keypoints']));

const schema = z.strictObject({
  experiment: z.literal('recognition').default('recognition'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('direct')
    .describe('how the detector is pruned, or a control'),
  folder: z.string().min(1).nullable().default(null).describe('a COCO or VOC folder in place of scenes; null: scenes'),
  source: z.enum(sceneSources).default('fashion-mnist').describe('whose images are pasted into scenes'),
  classes: z
    .array(z.string())
    .min(1)
    .nullable()
    .default(['Trouser', 'Sandal', 'Bag', 'Ankle boot'])
    .describe("classes that are pasted; null: all of the source's"),
  imbalance: z.number().min(1).default(8).describe('how much more frequent the most frequent class is than the rarest'),
  size: z
    .int()
    .min(64)
    .max(640)
    .refine((size) => size % 16 === 0, 'a size that 16 divides')
    .default(64)
    .describe('side of an image in pixels, a multiple of 16; of scenes at most 128'),
  scenes: z.int().min(1).default(4000).describe('scenes, or at most so many images of the folder, to train on'),
  testScenes: z.int().min(1).default(400).describe('scenes of the test part; half as many for validation'),
  objects: z.int().min(1).max(20).default(4).describe('most objects in a scene'),
  width: z.int().min(1).default(8).describe("channels of the backbone's first stage"),
  prototypes: z.int().min(1).default(8).describe('prototypes that masks are mixed from'),
  parts: parts.default(['masks', 'keypoints']).describe('what is learned beside boxes: masks, keypoints'),
  ticketParts: parts.nullable().default(null).describe("what the detector learned whose mask is used (cross-task transfer); null: 'parts'"),
  densities: z
    .array(densityOption)
    .min(1)
    .default([0.5, 0.2, 0.1])
    .describe('kept shares of the pruned modules, each from the dense detector'),
  modules: z
    .array(z.enum(MODULES))
    .min(1)
    .default([...MODULES])
    .describe('what is pruned directly: backbone, neck, heads'),
  scope: z.enum(['global', 'layerwise']).default('global').describe('whether layers are ranked together'),
  rounds: z.int().min(1).max(20).default(1).describe('prunings on the way to a density, a training after each; 1: one shot'),
  reset: stepOption.default('1ep').describe("the step that pruned detectors go back to, one of 'snapshots'"),
  snapshots: z
    .array(stepOption)
    .default(['0it', '1ep', '2ep', '3ep'])
    .describe('steps of the dense detector that are kept, and whose masks are compared'),
  initialiser: training.initialiser.default('heNormal').describe('how kernels start'),
  optimizer: optimizerOption.default({ name: 'adam' }).describe('how weights change'),
  learningRate: learningRateOption.default({ rate: 0.01, decay: { name: 'cosine' } }).describe('learning rate of detectors'),
  weightDecay: training.weightDecay,
  batchSize: z.int().min(1).default(16).describe('scenes in one update'),
  length: stepOption.default('4ep').describe('training of one detector'),
  validateEvery: intervalOption.default('4ep').describe('iterations between measurements on the validation part'),
  pretrainDataset: training.dataset.default('cifar-10').describe('what the backbone learns to classify first: colour images'),
  pretrainLimit: z.int().min(1).nullable().default(20_000).describe('images of the pretraining; null: all'),
  pretrainLength: stepOption.default('2ep').describe('pretraining, and retraining of each backbone ticket'),
  pretrainRate: learningRateOption.default({ rate: 0.004, decay: { name: 'cosine' } }).describe('learning rate of the pretraining'),
  pretrainBatch: z.int().min(1).default(128).describe('images in one update of the pretraining'),
  pretrainRewind: stepOption.default('100it').describe('rewinding step of the backbone tickets'),
  backboneDensities: z
    .array(densityOption)
    .min(1)
    .default([0.5, 0.2, 0.1])
    .describe('kept shares of the backbone, one level after the other'),
  drawn: z.int().min(0).max(20).default(4).describe('test scenes whose detections are kept to be drawn'),
  engine: z.enum(['auto', 'tensorflow', 'compiled', 'eager']).default('tensorflow').describe('how steps run'),
});

export type RecognitionSpec = z.infer<typeof schema> & Spec;

export const recognition: Experiment<RecognitionSpec> = {
  name: 'recognition',
  summary: 'tickets of detectors: pruned directly, or carried over from a pretrained backbone',
  source: 'arXiv:2012.04643',
  schema: schema as unknown as z.ZodType<RecognitionSpec>,
  arms,
  presets: {
    default: {
      summary: 'boxes, masks and keypoints on 4,000 scenes of four kinds of clothes: tickets, transfers and controls',
      options: {},
      replicates: 3,
    },
    layerwise: {
      summary: 'direct pruning with each layer ranked by itself',
      options: { scope: 'layerwise', densities: [0.2, 0.1] },
      replicates: 3,
      arms: ['direct'],
    },
    iterative: { summary: 'direct pruning in three rounds', options: { rounds: 3, densities: [0.2] }, replicates: 3, arms: ['direct'] },
    backbone: {
      summary: 'direct pruning of the backbone only',
      options: { modules: ['backbone'], densities: [0.2] },
      replicates: 3,
      arms: ['direct'],
    },
    neck: { summary: 'direct pruning of the neck only', options: { modules: ['neck'], densities: [0.2] }, replicates: 3, arms: ['direct'] },
    heads: {
      summary: 'direct pruning of the heads only',
      options: { modules: ['heads'], densities: [0.2] },
      replicates: 3,
      arms: ['direct'],
    },
    'reset-start': {
      summary: 'direct pruning back to the start',
      options: { reset: '0it', densities: [0.1] },
      replicates: 3,
      arms: ['direct'],
    },
    'reset-half': {
      summary: 'direct pruning back to half of the training',
      options: { reset: '2ep', densities: [0.1] },
      replicates: 3,
      arms: ['direct'],
    },
    'reset-late': {
      summary: 'direct pruning back to the last epoch, when the learning rate is low',
      options: { reset: '3ep', densities: [0.1] },
      replicates: 3,
      arms: ['direct'],
    },
    'boxes-alone': {
      summary: 'a detector of boxes only',
      options: { parts: [], densities: [0.2] },
      replicates: 3,
      arms: ['dense', 'direct'],
    },
    'masks-to-keypoints': {
      summary: 'keypoints with the mask of a detector that learned masks',
      options: { parts: ['keypoints'], ticketParts: ['masks'], densities: [0.2] },
      replicates: 3,
      arms: ['direct'],
    },
    'keypoints-to-masks': {
      summary: 'masks with the mask of a detector that learned keypoints',
      options: { parts: ['masks'], ticketParts: ['keypoints'], densities: [0.2] },
      replicates: 3,
      arms: ['direct'],
    },
    'masks-alone': {
      summary: 'a detector of boxes and masks',
      options: { parts: ['masks'], densities: [0.2] },
      replicates: 3,
      arms: ['dense', 'direct'],
    },
    'keypoints-alone': {
      summary: 'a detector of boxes and keypoints',
      options: { parts: ['keypoints'], densities: [0.2] },
      replicates: 3,
      arms: ['dense', 'direct'],
    },
    large: {
      summary: 'twice the width and size, 20,000 scenes, the whole of CIFAR-10: a night on two cores',
      options: {
        classes: null,
        width: 16,
        size: 128,
        scenes: 20_000,
        testScenes: 2000,
        length: '12ep',
        snapshots: ['0it', '1ep', '3ep', '6ep'],
        pretrainLimit: null,
        pretrainLength: '30ep',
      },
      replicates: 3,
    },
    smoke: {
      summary: 'narrow, few scenes, to see that everything works',
      options: {
        ...{ scenes: 64, testScenes: 12, width: 2, prototypes: 2, densities: [0.3], backboneDensities: [0.3], batchSize: 8, drawn: 2 },
        ...{ length: '16it', validateEvery: '8it', reset: '4it', snapshots: ['0it', '4it', '8it'] },
        ...{ pretrainLimit: 640, pretrainLength: '12it', pretrainBatch: 64, pretrainRewind: '4it' },
      },
      replicates: 1,
    },
  },
  normalise,
  async check(spec) {
    checkPlannedSteps(spec);
    if (spec.folder !== null) await detectionSplits(spec.folder);
  },
  parents(spec) {
    const { backboneDensities: falling } = spec;
    if (falling.some((density, i) => density > (falling[i - 1] ?? 1)))
      throw invalid('backboneDensities', 'shares of which none is above the one before, since each is pruned from it', falling.join(', '));
    if (spec.arm === 'pretrain') return [];
    if (spec.arm === 'shuffle-mask' || spec.arm === 'reinitialise') return [{ ...spec, arm: 'direct' }];
    return spec.arm === 'direct' ? [denseSpec(spec), pretrainSpec(spec)] : [pretrainSpec(spec)];
  },
  updates(spec) {
    const one = iterations(spec.length, epochLength(spec.scenes, spec.batchSize));
    if (spec.arm === 'pretrain') {
      const images = plannedImages({ dataset: spec.pretrainDataset, trainLimit: spec.pretrainLimit });
      return (1 + spec.backboneDensities.length) * iterations(spec.pretrainLength, epochLength(images, spec.pretrainBatch));
    }
    const trainings: Record<Exclude<Arm, 'pretrain'>, number> = {
      ...{ dense: 1, direct: spec.densities.length * spec.rounds, transfer: spec.backboneDensities.length },
      ...{ 'mask-transfer': spec.backboneDensities.length, 'shuffle-mask': spec.densities.length, reinitialise: spec.densities.length },
    };
    return one * trainings[spec.arm];
  },
  run,
};

const defaults = schema.parse({}) as RecognitionSpec;

/** A folder gets its whole path: the same words mean another folder elsewhere, and a run goes on from anywhere. */
function normalise(asked: RecognitionSpec): RecognitionSpec {
  const spec = asked.folder === null ? asked : { ...asked, folder: resolve(asked.folder) };
  if (spec.arm === 'pretrain') return pretrainSpec(spec);
  if (spec.arm === 'dense') return denseSpec(spec);
  if (spec.arm !== 'transfer' && spec.arm !== 'mask-transfer') return spec;
  const { ticketParts, densities, modules, scope, rounds, reset, snapshots } = defaults;
  return { ...spec, ticketParts, densities, modules, scope, rounds, reset, snapshots };
}

/** The pretraining of a run: what does not change it stands at its default, so that all arms share one. */
function pretrainSpec(spec: RecognitionSpec): RecognitionSpec {
  const { replicate, seed, width, initialiser, optimizer, weightDecay, engine, backboneDensities } = spec;
  const { pretrainDataset, pretrainLimit, pretrainLength, pretrainRate, pretrainBatch, pretrainRewind } = spec;
  return {
    ...defaults,
    arm: 'pretrain',
    ...{ replicate, seed, width, initialiser, optimizer, weightDecay, engine, backboneDensities },
    ...{ pretrainDataset, pretrainLimit, pretrainLength, pretrainRate, pretrainBatch, pretrainRewind },
  };
}

/** The dense detector that a run prunes, or whose mask it borrows. */
function denseSpec(spec: RecognitionSpec): RecognitionSpec {
  const { densities, modules, scope, rounds, reset } = defaults;
  return { ...spec, arm: 'dense', parts: spec.ticketParts ?? spec.parts, ticketParts: null, densities, modules, scope, rounds, reset };
}

function stageOf(store: Store, parent: RecognitionSpec, stage: string): TrainedStage {
  const key = runKey(parent, defaults);
  const folder = findRun(store, key);
  if (folder === undefined) throw new NotNow(`missing parent run '${key}' (arm '${parent.arm}'): its network is needed; run it first`);
  return unpack(readStage(folder, stage).arrays);
}

async function run(spec: RecognitionSpec, context: RunContext, store: Store): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  if (spec.arm === 'pretrain') return pretrain(spec, context, seed);
  checkPlannedSteps(spec);
  const data = await detectorData(spec, spec.parts);
  const perEpoch = epochLength(data.set.train.images.length, spec.batchSize);
  checkSteps(spec, perEpoch);
  const options = detectorOptions(spec.width, spec.prototypes, spec.parts, data);
  const network = detectorFor(options, data);
  const fresh = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  const classifier = classifierTicket(spec, stageOf(store, pretrainSpec(spec), 'level-00'));
  const start = transferTicket(classifier, fresh);
  let detector: Promise<DetectorTrainer> | undefined;
  const open = (): Promise<DetectorTrainer> => {
    detector ??= openDetector(data, options, spec);
    return detector;
  };
  try {
    const tickets = ticketsOf(spec, store, start, classifier, seed, perEpoch);
    for await (const { ticket, from, level, name, expected, final = true, done } of tickets) {
      const trained = await trainStage(context, async () => (await open()).trainer, {
        ...{ name, level, ticket, expectedKept: expected, origin: ticket.weights },
        request: {
          ...{ length: spec.length, from, learningRate: spec.learningRate, seed: deriveSeed(seed, 'order', spec.arm, level, name) },
          evaluations: { validation: spec.validateEvery, trainLimit: spec.testScenes },
          snapshots: spec.arm === 'dense' ? spec.snapshots : [],
        },
        progress: { arm: spec.arm, level },
      });
      done?.(trained);
      if (spec.arm === 'dense') await compareMasks(spec, context, trained, perEpoch);
      if (final) await evaluate(spec, context, open, data, level, trained);
    }
  } finally {
    (await detector)?.trainer.close();
  }
}

/** How long an epoch of a folder is, is known when its images are counted. */
function checkPlannedSteps(spec: RecognitionSpec): void {
  if (spec.folder === null) checkSteps(spec, epochLength(spec.scenes, spec.batchSize));
}

function checkSteps({ arm, snapshots, reset, length }: RecognitionSpec, perEpoch: number): void {
  if (arm === 'pretrain' || arm === 'transfer' || arm === 'mask-transfer') return;
  const steps = snapshots.map((step) => iterations(step, perEpoch));
  const late = snapshots.find((_, i) => (steps[i] as number) > iterations(length, perEpoch));
  if (late !== undefined) throw invalid(`snapshot '${late}'`, `a step of the training, which has '${length}'; set 'snapshots' too`, late);
  if (arm === 'direct' && !steps.includes(iterations(reset, perEpoch)))
    throw new UserError(`invalid reset '${reset}': expected one of the snapshots ${snapshots.join(', ')}; add it to them`);
}

function evaluate(
  spec: RecognitionSpec,
  context: RunContext,
  open: () => Promise<DetectorTrainer>,
  data: DetectorData,
  level: number,
  { mask, weights }: TrainedStage,
): Promise<void> {
  return evaluateDetector(context, open, data, {
    name: stageName('detect', level),
    level,
    mask,
    weights,
    parts: spec.parts,
    drawn: spec.drawn,
  });
}

interface Start {
  readonly name: string;
  readonly level: number;
  readonly ticket: Ticket;
  readonly from: Step;
  /** Kept weights, worked out from counts. */
  readonly expected: number;
  /** Whether it is what the level comes to, and not a round on the way. Default true. */
  readonly final?: boolean;
  /** Told of the trained network. */
  done?(trained: TrainedStage): void;
}

/** What an arm trains, one after the other. */
async function* ticketsOf(
  spec: RecognitionSpec,
  store: Store,
  start: Ticket,
  classifier: Ticket,
  seed: number,
  perEpoch: number,
): AsyncGenerator<Start> {
  const name = (level: number): string => stageName('level', level);
  if (spec.arm === 'dense') {
    yield { name: name(0), level: 0, ticket: start, from: '0it', expected: maskable(start.mask) };
    return;
  }
  if (spec.arm === 'transfer' || spec.arm === 'mask-transfer') {
    for (const [i, density] of spec.backboneDensities.entries()) {
      const expected = expectedAt(start.mask, density, backboneOnly);
      const found = spec.arm === 'transfer' ? stageOf(store, pretrainSpec(spec), name(i + 1)) : undefined;
      const source = found
        ? childTicket(classifier, { mask: found.mask, weights: found.weights }, 'prune and rewind', { density })
        : childTicket(
            classifier,
            { mask: largest(classifier.mask, classifier.weights, density, backboneOnly), weights: classifier.weights },
            'prune',
            {
              density,
            },
          );
      yield { name: name(i + 1), level: i + 1, ticket: transferTicket(source, start), from: '0it', expected };
    }
    return;
  }
  const dense = stageOf(store, denseSpec(spec), 'level-00');
  const early = dense.snapshots[iterations(spec.reset, perEpoch)] as Arrays;
  // In cross-task transfer the detector that was pruned has other heads: what both have is carried, the rest starts dense.
  const carried = (mask: Mask, weights: Arrays, operator: string, options: Readonly<Record<string, number>>): Ticket => {
    const source = { ...start, mask, weights, origin: { parent: null, operator, options } };
    return transferTicket(source, start);
  };
  for (const [i, density] of spec.densities.entries()) {
    const level = i + 1;
    if (spec.arm === 'direct') {
      let { mask, weights }: { mask: Mask; weights: Arrays } = dense;
      for (let round = 1; round <= spec.rounds; round++) {
        const share = density ** (round / spec.rounds);
        mask = largest(mask, weights, share, spec);
        const ticket = carried(mask, early, 'prune and rewind', { density: share });
        const last = round === spec.rounds;
        yield {
          name: last ? name(level) : stageName(`${name(level)}-round`, round),
          final: last,
          level,
          ticket,
          from: spec.reset,
          expected: expectedOf(spec, start.mask, mask, share),
          done: (trained) => {
            ({ mask, weights } = trained);
          },
        };
      }
      continue;
    }
    const found = stageOf(store, { ...spec, arm: 'direct' }, name(level));
    const parent = carried(found.mask, early, 'prune and rewind', { density });
    const ticket =
      spec.arm === 'reinitialise'
        ? randomReinitialise(parent, deriveSeed(seed, 'reinitialise', level), spec.initialiser)
        : childTicket(
            parent,
            { mask: shuffleMask(found.mask, stream(seed, 'shuffle', level)), weights: carried(start.mask, early, 'rewind', {}).weights },
            'shuffle mask',
          );
    yield { name: name(level), level, ticket, from: spec.arm === 'reinitialise' ? '0it' : spec.reset, expected: kept(found.mask) };
  }
}

/** What stays as it is when only some modules are pruned. */
function outside(mask: Mask, modules: readonly string[]): string[] {
  return Object.keys(mask).filter((name) => !modules.some((module) => name.startsWith(`${module}.`)));
}

/** The largest weights of the chosen modules. */
function largest(mask: Mask, weights: Arrays, density: number, { modules, scope }: Pick<RecognitionSpec, 'modules' | 'scope'>): Mask {
  const scores = mapArrays(pick(weights, Object.keys(mask)), Math.abs);
  return prune(mask, scores, { amount: { sparsity: 1 - density }, scope, exclude: outside(mask, modules) });
}

const backboneOnly: Pick<RecognitionSpec, 'modules' | 'scope'> = { modules: ['backbone'], scope: 'global' };

/** How many weights the detector is to keep: from counts alone, but in cross-task transfer from the masks that both detectors have. */
function expectedOf({ modules, scope, ticketParts }: RecognitionSpec, own: Mask, mask: Mask, density: number): number {
  if (ticketParts === null) return expectedAt(own, density, { modules, scope });
  const [shared, rest] = [true, false].map((both) =>
    pick(
      own,
      Object.keys(own).filter((name) => Object.hasOwn(mask, name) === both),
    ),
  );
  return kept(pick(mask, Object.keys(shared as Mask)) as Mask) + maskable(rest as Mask);
}

function expectedAt(own: Mask, density: number, { modules, scope }: Pick<RecognitionSpec, 'modules' | 'scope'>): number {
  return expectedKept(own, { amount: { sparsity: 1 - density }, scope, exclude: outside(own, modules) }, Number.NaN);
}

function classifierTicket(spec: RecognitionSpec, { mask, weights }: TrainedStage): Ticket {
  const network = classifierOf(spec);
  return {
    architecture: network,
    mask,
    weights,
    origin: { parent: null, operator: 'pretrain', options: { dataset: spec.pretrainDataset } },
  };
}

function classifierOf({ width, pretrainDataset }: RecognitionSpec) {
  const { shape, classes } = datasets[pretrainDataset];
  return architecture(`backbone-${width}`, shape, classes.length);
}

/** Late-reset iterative pruning of the classifier, one level for each density. */
async function pretrain(spec: RecognitionSpec, context: RunContext, seed: number): Promise<void> {
  const dataset = await loadDataset(spec.pretrainDataset, { ...(spec.pretrainLimit !== null && { limit: spec.pretrainLimit }) });
  const network = classifierOf(spec);
  const dense = denseTicket(network, deriveSeed(seed, 'pretrain'), spec.initialiser);
  const { pretrainBatch: batchSize } = spec;
  let trainer: ReturnType<typeof openTrainer> | undefined;
  const open = () => {
    trainer ??= openTrainer({ architecture: network, dataset, ...trainingOf({ ...spec, batchSize }, context) });
    return trainer;
  };
  let ticket = dense;
  let rewound: Arrays = dense.weights;
  try {
    for (let level = 0; level <= spec.backboneDensities.length; level++) {
      const density = level === 0 ? 1 : (spec.backboneDensities[level - 1] as number);
      const { weights, snapshots } = await trainStage(context, open, {
        ...{ name: stageName('level', level), level, ticket, origin: rewound },
        expectedKept: expectedAt(dense.mask, density, backboneOnly),
        request: {
          ...{ length: spec.pretrainLength, from: level === 0 ? '0it' : spec.pretrainRewind, learningRate: spec.pretrainRate },
          ...{ seed: deriveSeed(seed, 'pretrain order', level), evaluations: { validation: '2ep' as Step } },
          snapshots: level === 0 ? [spec.pretrainRewind] : [],
        },
        progress: { arm: spec.arm, level, levels: spec.backboneDensities.length },
      });
      if (level === 0) rewound = Object.values(snapshots)[0] as Arrays;
      const next = spec.backboneDensities[level];
      if (next === undefined) break;
      ticket = childTicket(ticket, { mask: largest(ticket.mask, weights, next, backboneOnly), weights: rewound }, 'prune and rewind', {
        density: next,
      });
    }
  } finally {
    (await trainer)?.close();
  }
}

/** How soon the mask is there: what masks of early weights share with the one of the trained weights. You et al. 2020, arXiv:1909.11957. */
async function compareMasks(spec: RecognitionSpec, context: RunContext, trained: TrainedStage, perEpoch: number): Promise<void> {
  await context.stage('overlap', async (inside) => {
    for (const density of spec.densities) {
      const last = largest(trained.mask, trained.weights, density, spec);
      for (const step of spec.snapshots) {
        const at = iterations(step, perEpoch);
        const early = largest(trained.mask, trained.snapshots[at] as Arrays, density, spec);
        inside.row({ kind: 'point', name: 'overlap', level: 0, values: { density, step: at, overlap: overlap(early, last) } });
      }
    }
    return { arrays: {}, info: {} };
  });
}

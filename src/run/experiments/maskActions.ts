/** What a mask needs: criteria, what becomes of kept and of pruned weights, and masks without any training. Zhou et al. 2019, arXiv:1905.01067. */
import { z } from 'zod';
import { type Arrays, firstDifference, pick } from '../../array.js';
import { UserError } from '../../check.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { density as densityOf, kept, type Mask, maskable } from '../../mask.js';
import type { Architecture } from '../../model/architecture.js';
import { initialise } from '../../model/initialise.js';
import { prune } from '../../prune/prune.js';
import { deriveSeed, stream } from '../../random.js';
import { criteria } from '../../score/criteria.js';
import { iterations } from '../../step.js';
import { certify } from '../../ticket/certificate.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { expectedKept } from '../../ticket/expectedKept.js';
import { keptActions, type KeptActionName } from '../../ticket/maskActions/kept/keptActions.js';
import { prunedActions, type PrunedActionName } from '../../ticket/maskActions/pruned/prunedActions.js';
import { prunedRest } from '../../ticket/maskActions/prunedRest.js';
import type { Ticket } from '../../ticket/ticket.js';
import { frozenRest, restOf } from '../../train/frozenRest.js';
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
import { densityOption, distinct, identity, intervalOption, learningRateOption, optimizerOption, stepOption, training } from './schemas.js';
import { trainStage, unpack } from './trainStage.js';
import { trainingOf } from './trainingOf.js';
import { plannedSteps } from './plannedSteps.js';

/** The paper's criteria; `magnitude` is its "large final". */
const arms = {
  magnitude: criteria.magnitude.summary,
  magnitudeIncrease: criteria.magnitudeIncrease.summary,
  movement: criteria.movement.summary,
  largeFinalSameSign: criteria.largeFinalSameSign.summary,
  largeInitFinal: criteria.largeInitFinal.summary,
  largeInit: criteria.largeInit.summary,
  smallFinal: criteria.smallFinal.summary,
  random: criteria.random.summary,
  dense: 'the network whose start and trained weights the criteria look at',
} as const;

type Arm = keyof typeof arms;

const names = <T extends string>(list: Readonly<Record<T, object>>): [T, ...T[]] => Object.keys(list) as [T, ...T[]];
const shares = distinct(densityOption);

const options = z.strictObject({
  experiment: z.literal('maskActions').default('maskActions'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('magnitude')
    .describe('the criterion, or the network that criteria look at'),
  ...training,
  model: z.string().max(80).default('lenet-300-100').describe('architecture by name'),
  optimizer: optimizerOption.default({ name: 'adam' }).describe('how weights change'),
  learningRate: learningRateOption.default({ rate: 0.0012 }).describe('learning rate over training'),
  batchSize: z.int().min(1).default(60).describe('images in one update'),
  length: stepOption.default('1500it').describe('training of the dense network, and again under each mask'),
  validateEvery: intervalOption.default('500it').describe('iterations between measurements on the validation part'),
  densities: shares
    .default([0.8, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02])
    .describe('kept shares of each layer at which masks are measured without training'),
  retrain: shares.default([0.5, 0.1, 0.02]).describe('kept shares of each layer at which masks are trained'),
  kept: distinct(z.enum(names<KeptActionName>(keptActions)))
    .default(['rewind'])
    .describe('what becomes of kept weights before training (mask-1 actions)'),
  pruned: distinct(z.enum(names<PrunedActionName>(prunedActions)))
    .default(['zero'])
    .describe('what becomes of pruned weights (mask-0 actions)'),
});

const { densities, retrain, kept: keptDefault, pruned } = options.parse({});
/** Whatever is done with its masks, the dense network is one run. */
const schema = options.transform((spec) => (spec.arm === 'dense' ? { ...spec, densities, retrain, kept: keptDefault, pruned } : spec));

export type MaskActionsSpec = z.infer<typeof schema> & Spec;

/** What a busy core does in minutes. */
const small = { engine: 'sparse', length: '1000it', retrain: [0.1, 0.02] };

const keptAlone = Object.keys(keptActions).filter((name) => name !== 'rewind');
const prunedAlone = Object.keys(prunedActions).filter((name) => name !== 'zero');

export const maskActions: Experiment<MaskActionsSpec> = {
  name: 'maskActions',
  summary: 'which weights a mask keeps, and what becomes of kept and of pruned ones; masks without any training',
  source: 'arXiv:1905.01067',
  schema: schema as unknown as z.ZodType<MaskActionsSpec>,
  arms,
  presets: {
    default: {
      summary: 'LeNet-300-100 on MNIST, 1,000 iterations: every criterion, rewound, and untrained at five densities',
      options: { ...small, densities: [0.5, 0.3, 0.2, 0.1, 0.05] },
      replicates: 3,
    },
    kept: {
      summary: 'large final masks: the six other things that can become of kept weights',
      options: { ...small, densities: [], kept: keptAlone },
      replicates: 3,
      arms: ['magnitude'],
    },
    pruned: {
      summary: 'large final masks: the three other things that can become of pruned weights',
      options: { ...small, densities: [], pruned: prunedAlone },
      replicates: 3,
      arms: ['magnitude'],
    },
    table: {
      summary: 'every criterion with every pair of actions',
      options: { kept: Object.keys(keptActions), pruned: Object.keys(prunedActions) },
      replicates: 3,
    },
    smoke: {
      summary: 'every criterion and action once for 100 updates, to see that everything works',
      options: {
        ...{ model: 'mlp-50', length: '100it', validateEvery: '50it', densities: [0.5, 0.1], retrain: [0.1] },
        ...{ kept: ['rewind', 'reshuffleSigned', 'constant'], pruned: Object.keys(prunedActions) },
      },
      replicates: 1,
    },
  },
  parents(spec) {
    networkOf(spec);
    return spec.arm === 'dense' ? [] : [denseOf(spec)];
  },
  updates(spec) {
    const trainings = spec.arm === 'dense' ? 1 : spec.retrain.length * spec.kept.length * spec.pruned.length;
    return trainings * iterations(spec.length, plannedSteps(spec));
  },
  run,
};

function denseOf(spec: MaskActionsSpec): MaskActionsSpec {
  return schema.parse({ ...spec, arm: 'dense' }) as MaskActionsSpec;
}

/** What the stages of a run share. */
interface Given {
  readonly spec: MaskActionsSpec;
  readonly context: RunContext;
  readonly network: Architecture;
  readonly start: Ticket;
  /** The dense network's trained weights. */
  readonly final: Arrays;
  readonly seed: number;
  /** A trainer of the network itself, and one of the network with a frozen rest beside each kernel. */
  readonly open: (kind: 'plain' | 'withRest') => Promise<Trainer>;
}

async function run(spec: MaskActionsSpec, context: RunContext, store: Store): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const network = networkOf(spec);
  const start = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  const trainers: { plain?: Promise<Trainer>; withRest?: Promise<Trainer> } = {};
  const open: Given['open'] = (kind) => {
    const common = { architecture: network, dataset, ...trainingOf(spec, context) };
    const { engine } = spec;
    const opened =
      trainers[kind] ??
      (kind === 'plain'
        ? openTrainer(common)
        : // The kernels of the sparse engine know no frozen weights.
          openTrainer({ ...common, engine: engine === 'sparse' ? 'tensorflow' : engine, parameterisation: frozenRest }));
    trainers[kind] = opened;
    return opened;
  };
  try {
    if (spec.arm === 'dense') {
      await trainStage(context, () => open('plain'), {
        ...{ name: 'dense', level: 0, ticket: start, expectedKept: maskable(start.mask), origin: start.weights },
        request: requestOf(spec, seed),
        progress: { arm: spec.arm },
      });
      return;
    }
    const key = runKey(denseOf(spec), maskActionsDefaults);
    const folder = findRun(store, key);
    if (folder === undefined) throw new NotNow(`missing parent run '${key}': criteria look at its weights; run the arm 'dense' first`);
    const { weights: final } = unpack(readStage(folder, 'dense').arrays);
    const given = { spec, context, network, start, final, seed, open };
    for (const [level, density] of spec.densities.entries()) await measureUntrained(given, level, density);
    for (const [level, density] of spec.retrain.entries()) {
      for (const keptAction of spec.kept) {
        for (const prunedAction of spec.pruned) await retrainMasked(given, { level, density, keptAction, prunedAction });
      }
    }
  } finally {
    for (const trainer of Object.values(trainers)) (await trainer).close();
  }
}

function requestOf(spec: MaskActionsSpec, seed: number) {
  const { length, learningRate, validateEvery } = spec;
  return { length, learningRate, seed: deriveSeed(seed, 'order'), evaluations: { validation: validateEvery } };
}

/** The criterion's mask: the asked share of each layer. */
async function maskAt({ spec, start, final, seed }: Given, density: number): Promise<Mask> {
  const kernels = Object.keys(start.mask);
  const scores = await criteria[spec.arm as Exclude<Arm, 'dense'>].score({
    weights: pick(final, kernels),
    initial: pick(start.weights, kernels),
    mask: start.mask,
    random: stream(seed, 'score', spec.arm),
  });
  return prune(start.mask, scores, pruning(density));
}

const pruning = (density: number) => ({ amount: { sparsity: 1 - density }, scope: 'layerwise' }) as const;

/** Weights that the action gives to kept places; what is not masked (biases) is as at the start. */
function startOf({ spec, network, start, seed }: Given, mask: Mask, density: number, action: KeptActionName): Arrays {
  const kernels = Object.keys(start.mask);
  const given = {
    initial: pick(start.weights, kernels),
    mask,
    fresh: pick(initialise(network, deriveSeed(seed, 'reinitialise'), spec.initialiser), kernels),
    random: stream(seed, action, density),
  };
  return { ...start.weights, ...keptActions[action].start(given) };
}

/** The mask on the start itself and on signed constants: a network that learned nothing but which weights to drop. */
async function measureUntrained(given: Given, level: number, density: number): Promise<void> {
  const { spec, context } = given;
  await context.stage(`untrained-${density}`, async (inside) => {
    const trainer = await given.open('plain');
    const mask = await maskAt(given, density);
    for (const action of ['rewind', 'constantSigned'] as const) {
      trainer.load(mask, startOf(given, mask, density, action));
      const [validation, test] = [trainer.evaluate('validation'), trainer.evaluate('test')];
      const values = {
        density: densityOf(mask),
        kept: kept(mask),
        weights: action,
        accuracy: test.accuracy,
        validationAccuracy: validation.accuracy,
      };
      inside.row({ kind: 'point', name: 'untrained', level, values });
    }
    return { arrays: {}, info: {} };
  });
  context.progress({ arm: spec.arm, level, levels: spec.densities.length });
}

interface Retraining {
  readonly level: number;
  readonly density: number;
  readonly keptAction: KeptActionName;
  readonly prunedAction: PrunedActionName;
}

async function retrainMasked(given: Given, { level, density, keptAction, prunedAction }: Retraining): Promise<void> {
  const { spec, context, start, final, seed } = given;
  await context.stage(`retrain-${density}-${keptAction}-${prunedAction}`, async (inside) => {
    const trainer = await given.open(prunedAction === 'zero' ? 'plain' : 'withRest');
    const mask = await maskAt(given, density);
    const rest = prunedAction === 'zero' ? {} : named(prunedRest(prunedActions[prunedAction], mask, start.weights, final));
    const origin = { ...startOf(given, mask, density, keptAction), ...rest };
    trainer.load(mask, origin);
    const before = trainer.state();
    const untrained = trainer.evaluate('test').accuracy;
    const request = { ...requestOf(spec, seed), mask, weights: origin };
    const { weights, summary } = await quietTraining(context, inside, trainer, request, {
      arm: spec.arm,
      level,
      levels: spec.retrain.length,
    });
    const changed = firstDifference(rest, pick(weights, Object.keys(rest)));
    if (changed !== undefined) throw new UserError(`frozen weights of '${changed}' have changed; this is a bug, please report it`);
    const { checks, ...certificate } = certify({
      ...{ level, mask, parentMask: start.mask, origin, trained: weights, maskChecks: summary.maskChecks },
      expectedKept: expectedKept(start.mask, pruning(density), kept(mask)),
      ...{ start: before.weights, startSlots: before.slots },
    });
    const frozen = `${Object.keys(rest).length} parameters unchanged, bit by bit`;
    inside.certificate({ ...certificate, checks: { ...checks, ...(prunedAction !== 'zero' && { 'frozen weights': frozen }) } });
    const { testAtEnd, validationAtEnd, trainAtEnd, testAtEarlyStop, earlyStop } = summary;
    inside.row({
      ...{ kind: 'point', name: 'retrained', level },
      values: {
        ...{ density: densityOf(mask), kept: kept(mask), keptAction, prunedAction, untrained },
        ...{ accuracy: testAtEnd, validationAccuracy: validationAtEnd, trainAccuracy: trainAtEnd, testAtEarlyStop, earlyStop },
      },
    });
    return { arrays: {}, info: {} };
  });
}

/** The rest under the names of its variables. */
const named = (rest: Arrays): Arrays => Object.fromEntries(Object.entries(rest).map(([name, array]) => [restOf(name), array]));

const maskActionsDefaults = schema.parse({}) as MaskActionsSpec;

/**
 * Recursive search and extension: no final architecture is given, each next extension of a ticket is searched for.
 * Zhang 2021, arXiv:2109.03862; scores by gradient: GradMax, Evci et al. 2022, arXiv:2201.05125.
 */
import { z } from 'zod';
import { type Arrays, get, pick, sameShape } from '../../array.js';
import { UserError } from '../../check.js';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { type Candidate, candidates, candidateText, extend, readerOf } from '../../grow/candidates.js';
import type { Network } from '../../grow/growthOperator.js';
import { density, kept, type Mask, maskable } from '../../mask.js';
import type { Architecture } from '../../model/architecture.js';
import { architecture } from '../../model/families/families.js';
import { depth, multiplyAdds, parameterCount } from '../../model/shapes.js';
import { prune } from '../../prune/prune.js';
import { deriveSeed, stream } from '../../random.js';
import { iterations } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { expectedKept } from '../../ticket/expectedKept.js';
import { keptMultiplyAdds } from '../../ticket/keptMultiplyAdds.js';
import type { Ticket } from '../../ticket/ticket.js';
import { ticketHash } from '../../ticket/ticketHash.js';
import { derivatives } from '../../train/derivatives.js';
import { sampledEvidence } from '../../train/sampledEvidence.js';
import { NotNow } from '../exitCode.js';
import type { RunContext } from '../openRun.js';
import { readStage } from '../readRecord.js';
import type { Json, Spec } from '../record.js';
import { runKey } from '../runKey.js';
import type { StageResult } from '../stage.js';
import { findRun, type Store } from '../store.js';
import type { Experiment } from './experiment.js';
import { networkOf } from './networkOf.js';
import { type OneTrainer, oneTrainer } from './oneTrainer.js';
import { quietTraining } from './quietTraining.js';
import {
  fractionOption,
  identity,
  intervalOption,
  learningRateOption,
  optimizerOption,
  sparsityOption,
  stepOption,
  training,
} from './schemas.js';
import { trainStage } from './trainStage.js';
import { stageName } from './stageName.js';
import { plannedSteps } from './plannedSteps.js';

const arms = {
  search: 'extensions are scored by the validation loss after a short training',
  'search-gradient': 'extensions are scored by the norm of the gradient that they have at once (GradMax)',
  'search-plan': 'extensions follow a plan',
  'search-random': 'control: extensions are drawn at random',
  dense: 'control: the found architecture from scratch, dense, at the cost of the whole search',
  pruned: "control: the found architecture from scratch, pruned to the found ticket's density, at the cost of the whole search",
} as const;

type Arm = keyof typeof arms;

/** What each family starts from, and what deepening inserts. */
const families = {
  mlp: { seedModel: 'mlp-16', unit: 'layer' },
  convNet: { seedModel: 'convs-8', unit: 'layer' },
  resnet: { seedModel: 'blocks-8x0', unit: 'block' },
} as const;

const candidateOption = z.discriminatedUnion('operator', [
  z.strictObject({ operator: z.literal('deepen'), layer: z.string().max(80), unit: z.enum(['layer', 'block']) }),
  z.strictObject({ operator: z.enum(['widen', 'gradMax']), layer: z.string().max(80), count: z.int().min(1).max(10_000) }),
]);

const schema = z.strictObject({
  experiment: z.literal('search').default('search'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('search')
    .describe('how extensions are chosen, or a control'),
  ...training,
  initialiser: training.initialiser.default('heNormal'),
  engine: training.engine.default('sparse'),
  family: z
    .enum(Object.keys(families) as [keyof typeof families, ...(keyof typeof families)[]])
    .default('mlp')
    .describe('what grows: its seed has one hidden layer'),
  seedModel: z.string().max(80).nullable().default(null).describe("another network to start from; null: the family's"),
  operators: z
    .array(z.enum(['deepen', 'widen', 'gradMax']))
    .min(1)
    .default(['deepen', 'widen', 'gradMax'])
    .describe('how the network may grow'),
  widenBy: z
    .array(z.number().positive().max(16))
    .min(1)
    .max(8)
    .default([0.5, 1])
    .describe('units to add, as shares of those that are there'),
  noise: fractionOption.default(0.01).describe('standard deviation of noise on the weights of copied units'),
  plan: z
    .array(candidateOption)
    .max(50)
    .nullable()
    .default(null)
    .describe('of search-plan; null: deepen last and double the last layer, in turn'),
  budget: z
    .strictObject({ unit: z.enum(['parameters', 'multiplyAdds']), most: z.int().min(1) })
    .default({ unit: 'parameters', most: 80_000 })
    .describe('what the architecture may hold, or cost for an example, when dense'),
  iterations: z.int().min(0).max(50).default(6).describe('extensions at most'),
  length: stepOption.default('2ep').describe('training of one iteration'),
  trial: intervalOption.default('200it').describe('short training of a candidate'),
  sparsity: sparsityOption.default(0.8).describe('pruned share of each layer after each iteration'),
  patience: z.int().min(1).default(2).describe('iterations without a better validation accuracy after which the search stops'),
  minimumGain: fractionOption.default(0.0005).describe('what counts as better'),
  gradientExamples: z.int().min(1).default(512).describe('images for gradients'),
  optimizer: optimizerOption.default({ name: 'adam' }).describe('how weights change'),
  learningRate: learningRateOption.default({ rate: 0.001 }).describe('learning rate over training'),
  batchSize: z.int().min(1).default(128).describe('images in one update'),
});

export type SearchSpec = z.infer<typeof schema> & Spec;

export const search: Experiment<SearchSpec> = {
  name: 'search',
  summary: 'recursive search and extension: where a ticket grows next is searched, from a seed of one layer',
  source: 'arXiv:2109.03862',
  schema: schema as unknown as z.ZodType<SearchSpec>,
  arms,
  presets: {
    default: { summary: 'a multilayer perceptron on MNIST from 16 hidden units, at most 80,000 parameters', options: {}, replicates: 3 },
    'conv-net': {
      summary: 'a convolutional network on 10,000 images of MNIST from one layer of 8 filters, at most 2 million multiply-adds',
      options: { family: 'convNet', trainLimit: 10_000, budget: { unit: 'multiplyAdds', most: 2_000_000 }, trial: '60it', iterations: 4 },
      replicates: 3,
    },
    resnet: {
      summary: 'a residual network on 10,000 images of CIFAR-10 from one convolution of 8 filters, at most 3 million multiply-adds',
      options: {
        ...{ family: 'resnet', dataset: 'cifar-10', trainLimit: 10_000, budget: { unit: 'multiplyAdds', most: 3_000_000 } },
        ...{ trial: '39it', iterations: 4, widenBy: [0.5] },
      },
      replicates: 3,
    },
    smoke: {
      summary: 'two extensions with little training, to see that everything works',
      options: { iterations: 2, length: '60it', trial: '20it', trainLimit: 2000, widenBy: [1] },
      replicates: 1,
    },
  },
  parents(spec) {
    if (spec.seedModel !== null) networkOf({ ...spec, model: spec.seedModel });
    return isControl(spec.arm) ? [{ ...spec, arm: 'search' }] : [];
  },
  updates(spec) {
    const perEpoch = plannedSteps(spec);
    const trials = spec.arm === 'search' || isControl(spec.arm) ? 8 * iterations(spec.trial, perEpoch) : 0;
    return (spec.iterations + 2) * iterations(spec.length, perEpoch) + spec.iterations * trials;
  },
  run,
};

function isControl(arm: Arm): boolean {
  return arm === 'dense' || arm === 'pruned';
}

async function run(spec: SearchSpec, context: RunContext, store: Store): Promise<void> {
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const trainers = oneTrainer(spec, dataset, context);
  try {
    if (isControl(spec.arm)) await fromScratch(spec, context, store, trainers);
    else await grow(spec, context, dataset, trainers);
  } finally {
    await trainers.close();
  }
}

/** What the stage `found` tells the controls. */
interface Found {
  readonly architecture: Architecture;
  /** Multiply-adds of all that was trained and scored: forward, of kept weights, over all images. */
  readonly cost: number;
}

async function grow(spec: SearchSpec, context: RunContext, dataset: Dataset, trainers: OneTrainer): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const perEpoch = Math.max(1, Math.floor(dataset.train.count / spec.batchSize));
  const model = spec.seedModel ?? families[spec.family].seedModel;
  let ticket = denseTicket(architecture(model, dataset.shape, dataset.classes.length), deriveSeed(seed, 'init'), spec.initialiser);
  if (sizeOf(spec, ticket.architecture) > spec.budget.most)
    throw new UserError(
      `the seed '${model}' has ${sizeOf(spec, ticket.architecture)} ${spec.budget.unit === 'parameters' ? 'parameters' : 'multiply-adds'}, more than the budget of ${spec.budget.most}; raise budget.most or choose a smaller seedModel`,
    );
  if (spec.arm === 'search-plan' && spec.plan !== null) checkPlan(ticket, spec.plan);
  let cost = 0;
  const pay = (t: Network, steps: number): number => (cost += steps * spec.batchSize * keptMultiplyAdds(t.architecture, t.mask));
  const train = async (name: string, level: number, t: Ticket, from: From) => {
    const { weights } = await trainStage(context, () => trainers.open(t.architecture), {
      ...{ name, level, ticket: t, ...from },
      request: requestOf(spec, spec.length, deriveSeed(seed, 'order', name)),
      progress: { arm: spec.arm, level, levels: spec.iterations + 1 },
    });
    pay(t, iterations(spec.length, perEpoch));
    const validation = await accuracyOf(context, trainers, `measure-${name}`, { ...t, weights });
    return { weights, validation };
  };

  let { weights, validation } = await train('train-00', 0, ticket, { expectedKept: maskable(ticket.mask), origin: ticket.weights });
  let best = { iteration: 0, ticket, weights, validation };
  let reason = 'iterations';
  let level = 0;
  while (level < spec.iterations) {
    const next = level + 1;
    const { ticket: pruned } = prunedTicket(spec, ticket, weights);
    const choice = await choose(spec, context, dataset, trainers, seed, pruned, next);
    cost += choice.cost;
    if (choice.candidate === null) {
      reason = choice.reason;
      break;
    }
    const grown = (await extended(spec, dataset, seed, pruned, choice.candidate, next)) as Ticket;
    const from = originOf(pruned, grown, weights);
    ({ weights, validation } = await train(stageName('train', next), next, grown, from));
    ticket = grown;
    level = next;
    if (validation > best.validation + spec.minimumGain) best = { iteration: next, ticket, weights, validation };
    else if (next - best.iteration >= spec.patience) {
      reason = 'validation no longer improves';
      break;
    }
  }

  const { ticket: last, expected } = prunedTicket(spec, best.ticket, best.weights);
  const final = await train('final', level + 1, last, { parentMask: best.ticket.mask, expectedKept: expected, origin: best.weights });
  await context.stage('found', async (inside) => {
    const trainer = await trainers.open(last.architecture);
    trainer.load(last.mask, final.weights);
    const { accuracy } = trainer.evaluate('test');
    const { architecture: found } = last;
    inside.row({
      kind: 'point',
      name: 'search',
      level: level + 1,
      values: {
        ...{ architecture: found.name, iteration: best.iteration, reason, validation: final.validation, test: accuracy, cost },
        ...{ parameters: parameterCount(found), multiplyAdds: multiplyAdds(found), depth: depth(found), density: density(last.mask) },
        ...{ kept: kept(last.mask), layers: JSON.stringify(found.layers) },
      },
    });
    return { arrays: {}, info: { architecture: found as unknown as Json, cost } as never };
  });
}

/** Follows the plan from the untrained seed, which costs nothing, so that a step which the network does not admit is refused at once. */
function checkPlan(seedling: Network, plan: readonly Candidate[]): void {
  let network = seedling;
  for (const [i, candidate] of plan.entries()) {
    try {
      if (candidate.operator === 'gradMax') readerOf(network.architecture, candidate.layer);
      // GradMax units have the shapes of copies.
      const shaped = candidate.operator === 'gradMax' ? { ...candidate, operator: 'widen' as const } : candidate;
      network = extend(network, shaped, stream(0, 'check'));
    } catch (error) {
      if (error instanceof UserError) throw new UserError(`step ${i + 1} of the plan, ${candidateText(candidate)}: ${error.message}`);
      throw error;
    }
  }
}

/** What a level's certificate is held against. */
interface From {
  readonly parentMask?: Mask;
  readonly expectedKept: number;
  readonly origin: Arrays;
}

interface Choice {
  readonly candidate: Candidate | null;
  readonly reason: string;
  readonly cost: number;
}

/** Scores the candidates, each in a stage of its own, and notes all of them with the one that was chosen. */
async function choose(
  spec: SearchSpec,
  context: RunContext,
  dataset: Dataset,
  trainers: OneTrainer,
  seed: number,
  pruned: Ticket,
  iteration: number,
): Promise<Choice> {
  const number = String(iteration).padStart(2, '0');
  const list = spec.arm === 'search-plan' ? planned(spec, pruned.architecture, iteration) : openCandidates(spec, pruned.architecture);
  const tried: { candidate: Candidate; ticket: Ticket; score: number | null; loss: number | null; accuracy: number | null }[] = [];
  let cost = 0;
  for (const [i, candidate] of list.entries()) {
    const grown = await extended(spec, dataset, seed, pruned, candidate, iteration);
    if (grown === undefined || sizeOf(spec, grown.architecture) > spec.budget.most) continue;
    const none = { candidate, ticket: grown, score: null, loss: null, accuracy: null };
    if (spec.arm !== 'search' && spec.arm !== 'search-gradient') {
      tried.push(none);
      continue;
    }
    const { info } = await context.stage(`trial-${number}-${String(i).padStart(2, '0')}`, async (inside): Promise<StageResult> => {
      if (spec.arm === 'search-gradient') return { arrays: {}, info: { score: await gradientNorm(spec, dataset, seed, grown) } };
      const trainer = await trainers.open(grown.architecture);
      const request = { ...requestOf(spec, spec.trial, deriveSeed(seed, 'trial', iteration)), mask: grown.mask, weights: grown.weights };
      const { weights } = await quietTraining(context, inside, trainer, request, {
        arm: spec.arm,
        level: iteration,
        levels: spec.iterations,
      });
      trainer.load(grown.mask, weights);
      const { loss, accuracy } = trainer.evaluate('validation');
      return { arrays: {}, info: { score: -loss, loss, accuracy } };
    });
    const { score = null, loss = null, accuracy = null } = info as { score?: number; loss?: number; accuracy?: number };
    tried.push({ ...none, score, loss, accuracy });
    const perEpoch = Math.max(1, Math.floor(dataset.train.count / spec.batchSize));
    const images = spec.arm === 'search' ? iterations(spec.trial, perEpoch) * spec.batchSize : spec.gradientExamples;
    cost += images * keptMultiplyAdds(grown.architecture, grown.mask);
  }
  const random = stream(seed, 'choice', iteration);
  const chosen =
    tried.length === 0 ? -1 : spec.arm === 'search-random' ? random.integer(tried.length) : bestOf(tried.map(({ score }) => score));
  await context.stage(`choice-${number}`, (inside) => {
    tried.forEach(({ candidate, ticket, score, loss, accuracy }, i) => {
      inside.row({
        kind: 'point',
        name: 'candidate',
        level: iteration,
        values: {
          ...{ operator: candidate.operator, layer: candidate.layer, text: ticket.origin.operator },
          ...{ score, loss, accuracy, chosen: i === chosen, ticket: ticketHash(ticket), parent: ticket.origin.parent },
          ...{ parameters: parameterCount(ticket.architecture), multiplyAdds: multiplyAdds(ticket.architecture) },
          ...{ depth: depth(ticket.architecture), density: density(ticket.mask), kept: kept(ticket.mask) },
        },
      });
    });
    return { arrays: {}, info: {} };
  });
  const none = spec.arm === 'search-plan' ? 'the plan is at its end' : 'no operator finds a place';
  const reason = list.length === 0 ? none : 'no extension fits the budget';
  return { candidate: tried[chosen]?.candidate ?? null, reason, cost };
}

/** The index of the highest score, the first among equals; the first where nothing was scored. */
function bestOf(scores: readonly (number | null)[]): number {
  const value = (i: number): number => scores[i] ?? -Infinity;
  return scores.reduce<number>((best, _, i) => (value(i) > value(best) ? i : best), 0);
}

function openCandidates(spec: SearchSpec, network: Architecture): Candidate[] {
  return candidates(network, { unit: families[spec.family].unit, widenBy: spec.widenBy, operators: spec.operators });
}

/** The plan's next step, alone. Without a plan: deepen at the last place, then double the last layer, in turn. */
function planned(spec: SearchSpec, network: Architecture, iteration: number): Candidate[] {
  if (spec.plan !== null) return spec.plan.slice(iteration - 1, iteration);
  const { unit } = families[spec.family];
  const operator = iteration % 2 === 1 ? 'deepen' : 'widen';
  return candidates(network, { unit, widenBy: [1], operators: [operator] }).slice(-1);
}

/** The extension as a ticket; the same each time it is asked for. Undefined for GradMax units of a layer whose gradients are all 0. */
async function extended(
  spec: SearchSpec,
  dataset: Dataset,
  seed: number,
  pruned: Ticket,
  candidate: Candidate,
  iteration: number,
): Promise<Ticket | undefined> {
  const random = stream(seed, 'extend', iteration, candidateText(candidate));
  const evidence =
    candidate.operator === 'gradMax'
      ? await sampledEvidence({
          ...{ architecture: pruned.architecture, weights: pruned.weights, dataset, random: stream(seed, 'evidence', iteration) },
          ...{ layer: candidate.layer, next: readerOf(pruned.architecture, candidate.layer), loss: spec.loss },
        })
      : undefined;
  if (evidence?.values.every((value) => value === 0)) return undefined;
  const network = extend(pruned, candidate, random, { noise: spec.noise, ...(evidence && { crossCovariance: evidence }) });
  return childTicket(pruned, network, candidateText(asGrown(candidate, pruned, network)), { iteration });
}

/** With the units that were added: GradMax adds no more than its evidence has directions. */
function asGrown(candidate: Candidate, before: Network, after: Network): Candidate {
  if (candidate.operator !== 'gradMax') return candidate;
  const units = (network: Network): number => get(network.weights, `${candidate.layer}/kernel`).shape.at(-1) as number;
  return { ...candidate, count: units(after) - units(before) };
}

/** The norm of the loss's gradient by the kept weights, right after the extension. */
async function gradientNorm(spec: SearchSpec, dataset: Dataset, seed: number, ticket: Ticket): Promise<number> {
  const { gradient } = await derivatives({
    ...{ architecture: ticket.architecture, weights: ticket.weights, mask: ticket.mask, dataset, loss: spec.loss },
    ...{ examples: Math.min(spec.gradientExamples, dataset.train.count), random: stream(seed, 'gradient') },
  });
  let sum = 0;
  for (const [name, { values }] of Object.entries(await gradient())) {
    const { values: bits } = get(ticket.mask, name);
    for (let i = 0; i < values.length; i++) sum += (bits[i] as number) * (values[i] as number) ** 2;
  }
  return Math.sqrt(sum);
}

function prunedTicket(spec: SearchSpec, ticket: Ticket, weights: Arrays): { ticket: Ticket; expected: number } {
  const options = { amount: { sparsity: spec.sparsity }, scope: 'layerwise' } as const;
  const names = Object.keys(ticket.mask);
  const scores = Object.fromEntries(
    Object.entries(pick(weights, names)).map(([name, { shape, values }]) => [name, { shape, values: values.map(Math.abs) }]),
  );
  const mask = prune(ticket.mask, scores, options);
  return {
    ticket: childTicket(ticket, { mask, weights }, 'prune', { sparsity: spec.sparsity }),
    expected: expectedKept(ticket.mask, options, kept(mask)),
  };
}

/** Deepening carries every old array bit by bit; where layers got wider, the grown weights themselves are the origin. */
function originOf(pruned: Ticket, grown: Ticket, trained: Arrays): From {
  const same = Object.entries(pruned.weights).every(([name, { shape }]) => sameShape(get(grown.weights, name).shape, shape));
  if (!same) return { expectedKept: kept(grown.mask), origin: grown.weights };
  const fresh = Object.entries(grown.mask).reduce((sum, [name, { values }]) => sum + (name in pruned.mask ? 0 : values.length), 0);
  return { parentMask: pruned.mask, expectedKept: kept(pruned.mask) + fresh, origin: { ...grown.weights, ...trained } };
}

function sizeOf({ budget }: SearchSpec, network: Architecture): number {
  return budget.unit === 'parameters' ? parameterCount(network) : multiplyAdds(network);
}

function requestOf(spec: SearchSpec, length: string, seed: number) {
  return { length, learningRate: spec.learningRate, seed, evaluations: { validation: length } };
}

/** Validation accuracy of a network, kept in a stage: a resumed search decides as the first one did. */
async function accuracyOf(context: RunContext, trainers: OneTrainer, name: string, network: Network): Promise<number> {
  const { info } = await context.stage(name, async () => {
    const trainer = await trainers.open(network.architecture);
    trainer.load(network.mask, network.weights);
    return { arrays: {}, info: { accuracy: trainer.evaluate('validation').accuracy } };
  });
  return Number(info['accuracy']);
}

/** Controls: what the found architecture reaches without having grown, at the cost of the search. */
async function fromScratch(spec: SearchSpec, context: RunContext, store: Store, trainers: OneTrainer): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const key = runKey(search.parents(spec)[0] as SearchSpec, searchDefaults);
  const folder = findRun(store, key);
  if (folder === undefined)
    throw new NotNow(`missing parent run '${key}': the control '${spec.arm}' trains what it found; run the arm 'search' first`);
  const { architecture: found, cost } = readStage(folder, 'found').info as unknown as Found;
  const dense = denseTicket(found, deriveSeed(seed, 'init'), spec.initialiser);
  const stepsFor = (ticket: Ticket, share: number): number =>
    Math.max(1, Math.floor((share * cost) / (spec.batchSize * keptMultiplyAdds(found, ticket.mask))));
  const open = () => trainers.open(found);
  const stage = (level: number, ticket: Ticket, share: number, from: From) => {
    const steps = stepsFor(ticket, share);
    const every = Math.max(1, Math.ceil(steps / 20));
    return trainStage(context, open, {
      ...{ name: stageName('level', level), level, ticket, ...from },
      request: {
        ...{ length: `${steps}it`, learningRate: spec.learningRate, seed: deriveSeed(seed, 'order', spec.arm, level) },
        evaluations: { validation: `${every}it` },
      },
      progress: { arm: spec.arm, level, levels: spec.arm === 'dense' ? 0 : 1 },
    });
  };
  const share = spec.arm === 'dense' ? 1 : 0.5;
  const { weights } = await stage(0, dense, share, { expectedKept: maskable(dense.mask), origin: dense.weights });
  if (spec.arm === 'dense') return;
  const { ticket: pruned, expected } = prunedTicket(spec, dense, weights);
  const rewound = childTicket(dense, { mask: pruned.mask, weights: dense.weights }, 'prune and rewind', { sparsity: spec.sparsity });
  await stage(1, rewound, share, { parentMask: dense.mask, expectedKept: expected, origin: dense.weights });
}

/** What an empty spec stands for: the part of a spec that its key leaves out. */
const searchDefaults = schema.parse({}) as SearchSpec;

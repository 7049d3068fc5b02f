/**
 * Accuracy over depth and density at once, reached from two sides: small networks that grow, and large ones that are pruned.
 * Growth: Zhang 2021, arXiv:2109.03862; iterative pruning: Frankle & Carbin 2019, arXiv:1803.03635.
 */
import { z } from 'zod';
import { type Arrays, pick } from '../../array.js';
import { invalid } from '../../check.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { deepen } from '../../grow/deepen.js';
import { kept, maskable } from '../../mask.js';
import { architecture } from '../../model/families/families.js';
import { prune } from '../../prune/prune.js';
import { deriveSeed, stream } from '../../random.js';
import { iterations } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import { expectedKept } from '../../ticket/expectedKept.js';
import type { Ticket } from '../../ticket/ticket.js';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import { checkGrown } from './checkGrown.js';
import type { Experiment } from './experiment.js';
import { networkOf } from './networkOf.js';
import { oneTrainer } from './oneTrainer.js';
import { fractionOption, identity, learningRateOption, optimizerOption, stepOption, training } from './schemas.js';
import { trainStage } from './trainStage.js';
import { plannedSteps } from './plannedSteps.js';

const arms = {
  growth: 'one network for each density: trained, pruned to it, trained on, extended by a layer, and again',
  imp: 'one network for each depth: pruned density by density, each time rewound to its start',
} as const;

const schema = z.strictObject({
  experiment: z.literal('surface').default('surface'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [keyof typeof arms, ...(keyof typeof arms)[]])
    .default('growth')
    .describe('the side from which the surface is reached'),
  ...training,
  initialiser: training.initialiser.default('heNormal'),
  model: z
    .string()
    .max(80)
    .regex(/\{depth\}/, 'a name with {depth} in it')
    .default('mlp-128x{depth}')
    .describe('the network of each depth: {depth} is its number of hidden layers or blocks'),
  depths: z.int().min(1).max(30).default(5).describe('hidden layers or blocks: 1 to this many'),
  densities: z.array(fractionOption).min(1).max(30).default([1, 0.5, 0.2, 0.1, 0.05, 0.02]).describe('kept shares of each layer, falling'),
  insertion: z.enum(['identity', 'dirac', 'zeroResidual', 'random']).default('identity').describe('how a new layer starts'),
  length: stepOption.default('2ep').describe('each training: of a cell, and in growth of the network before its pruning'),
  optimizer: optimizerOption.default({ name: 'adam' }).describe('how weights change'),
  learningRate: learningRateOption.default({ rate: 0.001 }).describe('learning rate over training'),
  batchSize: z.int().min(1).default(128).describe('images in one update'),
});

export type SurfaceSpec = z.infer<typeof schema> & Spec;

export const surface: Experiment<SurfaceSpec> = {
  name: 'surface',
  summary: 'accuracy and generalisation gap over depth and density, by growth and by iterative pruning',
  source: 'arXiv:2109.03862',
  schema: schema as unknown as z.ZodType<SurfaceSpec>,
  arms,
  presets: {
    default: { summary: 'MNIST, 1 to 5 hidden layers of 128 units, six densities, 2 epochs a training', options: {}, replicates: 3 },
    'cifar-10': {
      summary: 'CIFAR-10, 10,000 training images: 1 to 4 residual blocks of 8 channels, four densities, 2 epochs a training',
      options: {
        ...{ dataset: 'cifar-10', engine: 'sparse', trainLimit: 10_000, model: 'blocks-8x{depth}', insertion: 'zeroResidual' },
        ...{ depths: 4, densities: [1, 0.5, 0.2, 0.1] },
      },
      replicates: 3,
    },
    smoke: {
      summary: 'two depths and two densities, to see that everything works',
      options: { depths: 2, densities: [0.5, 0.1], length: '60it', trainLimit: 2000 },
      replicates: 1,
    },
  },
  parents(spec) {
    checkSettings(spec);
    return [];
  },
  updates(spec) {
    return trainings(spec) * iterations(spec.length, plannedSteps(spec));
  },
  run,
};

/** Trainings of a run at all depths: growth trains each network grown and again pruned, pruning the dense network and each ticket of it. */
const trainings = ({ arm, depths, densities }: SurfaceSpec): number =>
  depths * (arm === 'growth' ? 2 * densities.length : densities.length + (densities[0] === 1 ? 0 : 1));

/** Asked before anything trains. @throws UserError for densities that do not fall, and for a model that is none */
function checkSettings(spec: SurfaceSpec): void {
  const { densities } = spec;
  if (densities.some((density, i) => density <= 0 || (i > 0 && density >= (densities[i - 1] as number))))
    throw invalid('densities', 'shares above 0, each smaller than the one before', densities.join(', '));
  for (const depth of [1, spec.depths]) networkOf({ ...spec, model: spec.model.replace('{depth}', String(depth)) });
}

async function run(spec: SurfaceSpec, context: RunContext): Promise<void> {
  const { arm, depths, densities } = spec;
  checkSettings(spec);
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const start = (depth: number): Ticket => {
    const network = architecture(spec.model.replace('{depth}', String(depth)), dataset.shape, dataset.classes.length);
    return denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  };
  if (arm === 'growth') checkPlan(spec, start);
  const trainers = oneTrainer(spec, dataset, context);
  let level = -1;
  const trained = async (name: string, ticket: Ticket, parent: Ticket | undefined, expected: number, origin: Arrays): Promise<Arrays> => {
    level++;
    const { weights } = await trainStage(context, () => trainers.open(ticket.architecture), {
      ...{ name, level, ticket, ...(parent && { parentMask: parent.mask }), expectedKept: expected, origin },
      request: {
        length: spec.length,
        learningRate: spec.learningRate,
        seed: deriveSeed(seed, 'order', name),
        evaluations: { validation: spec.length },
      },
      progress: { arm, level, levels: trainings(spec) - 1 },
    });
    return weights;
  };
  const pruned = (ticket: Ticket, weights: Arrays, density: number): { mask: Ticket['mask']; expected: number } => {
    const options = { amount: { sparsity: 1 - density }, scope: 'layerwise' } as const;
    const mask = prune(ticket.mask, magnitudes(pick(weights, Object.keys(ticket.mask))), options);
    return { mask, expected: expectedKept(ticket.mask, options, kept(mask)) };
  };
  const name = (kind: string, depth: number, density: number): string => `depth-${depth}-${kind}-${String(density).slice(0, 12)}`;

  try {
    if (arm === 'growth') {
      const before = new Map<number, { ticket: Ticket; weights: Arrays }>();
      for (let depth = 1; depth <= depths; depth++) {
        for (const density of densities) {
          const last = before.get(density);
          const seedling = last === undefined ? start(depth) : grown(spec, seed, last.ticket, last.weights, depth);
          const origin = last === undefined ? seedling.weights : { ...seedling.weights, ...last.weights };
          const whole = maskable(seedling.mask) - (last === undefined ? 0 : maskable(last.ticket.mask) - kept(last.ticket.mask));
          const weights = await trained(name('grown', depth, density), seedling, last?.ticket, whole, origin);
          const { mask, expected } = pruned(seedling, weights, density);
          const ticket = childTicket(seedling, { mask, weights }, 'prune', { density });
          before.set(density, { ticket, weights: await trained(name('ticket', depth, density), ticket, seedling, expected, weights) });
        }
      }
      return;
    }
    for (let depth = 1; depth <= depths; depth++) {
      const dense = start(depth);
      let ticket = dense;
      let weights = await trained(name('dense', depth, 1), dense, undefined, maskable(dense.mask), dense.weights);
      for (const density of densities.filter((d) => d < 1)) {
        const { mask, expected } = pruned(ticket, weights, density);
        const next = childTicket(ticket, { mask, weights: dense.weights }, 'prune and rewind', { density });
        weights = await trained(name('ticket', depth, density), next, ticket, expected, dense.weights);
        ticket = next;
      }
    }
  } finally {
    await trainers.close();
  }
}

/** Grows the untrained network of depth 1 to the end, so that depths which do not follow from each other are refused at once. */
function checkPlan(spec: SurfaceSpec, start: (depth: number) => Ticket): void {
  let ticket = start(1);
  for (let depth = 2; depth <= spec.depths; depth++) ticket = grown(spec, 0, ticket, ticket.weights, depth);
  checkGrown(ticket.architecture, start(spec.depths).architecture, 'model and insertion');
}

function grown(spec: SurfaceSpec, seed: number, ticket: Ticket, weights: Arrays, depth: number): Ticket {
  const random = stream(seed, 'grow', depth);
  const network = { architecture: ticket.architecture, mask: ticket.mask, weights };
  const unit = spec.insertion === 'dirac' ? ({ unit: 'block' } as const) : {};
  const larger = deepen.grow(network, { init: spec.insertion, initialiser: spec.initialiser, ...unit }, random);
  return childTicket({ ...ticket, weights }, larger, `deepen (${spec.insertion})`, { depth });
}

function magnitudes(weights: Arrays): Arrays {
  return Object.fromEntries(Object.entries(weights).map(([name, { shape, values }]) => [name, { shape, values: values.map(Math.abs) }]));
}

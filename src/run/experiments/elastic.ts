/** Elastic tickets: a ticket of one network stretched or squeezed into another depth. Chen et al. 2021 (NeurIPS), arXiv:2103.16547. */
import { z } from 'zod';
import type { Arrays } from '../../array.js';
import { UserError } from '../../check.js';
import type { Dataset } from '../../dataset/dataset.js';
import { datasets } from '../../dataset/datasets.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { kept } from '../../mask.js';
import { architecture } from '../../model/families/families.js';
import type { Architecture } from '../../model/architecture.js';
import { stagesOf } from '../../model/stages.js';
import { deriveSeed, stream } from '../../random.js';
import { iterations } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { carryArrays } from '../../ticket/elastic/carryArrays.js';
import { certifyTransfer } from '../../ticket/elastic/certifyTransfer.js';
import { elasticMapping } from '../../ticket/elastic/elasticMapping.js';
import { elasticTransfer } from '../../ticket/elastic/elasticTransfer.js';
import { type ElasticMapping, parseMapping, printMapping } from '../../ticket/elastic/mapping.js';
import { parameterSources } from '../../ticket/elastic/parameterSources.js';
import { resolveMapping } from '../../ticket/elastic/resolveMapping.js';
import { randomReinitialise } from '../../ticket/randomReinitialise.js';
import { shuffleMask } from '../../ticket/shuffleMask.js';
import type { Ticket } from '../../ticket/ticket.js';
import { openTrainer, type Trainer } from '../../train/trainer.js';

import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import type { Store } from '../store.js';
import { connectivityStage } from './connectivityStage.js';
import { checkPruning } from './checkPruning.js';
import type { Experiment } from './experiment.js';
import { type ImpSpec, imp } from './imp.js';
import { prunedAtOnce } from './prunedAtOnce.js';
import { readTickets } from './readTickets.js';
import { fractionOption, identity, intervalOption, learningRateOption, optimizerOption, stepOption, training } from './schemas.js';
import { trainStage } from './trainStage.js';
import { trainingOf } from './trainingOf.js';
import { stageName } from './stageName.js';
import { plannedSteps } from './plannedSteps.js';

const arms = {
  imp: 'iterative pruning on the target itself: its tickets, trained once more in another order of the data',
  'elastic-append': "the source's tickets, copied blocks behind the row of the others; where blocks must go, the last ones",
  'elastic-interpolate': "the source's tickets, copied blocks beside their originals; where blocks must go, every other one",
  'permute-copies': 'control: elastic-append with the masks of replicas in random order (permute_copy)',
  reinitialise: 'control: the masks of iterative pruning with fresh weights, trained from the start',
  'shuffle-mask': "control: the paper's random mask: that of iterative pruning in random order inside each layer",
  'one-shot': 'baseline: the largest weights of the rewinding step, in one shot',
  snip: 'baseline: SNIP at the rewinding step (arXiv:1810.02340)',
  grasp: 'baseline: GraSP at the rewinding step, logits divided by 200 as its authors do (arXiv:2002.07376)',
  synflow: 'baseline: SynFlow in 100 rounds, without data (arXiv:2006.05467)',
} as const;

type Arm = keyof typeof arms;

const transfers: readonly string[] = ['elastic-append', 'elastic-interpolate', 'permute-copies'];
/** Arms whose ends are looked at from the ends of iterative pruning. */
const connected: readonly string[] = ['imp', ...transfers];
const blockList = z.array(z.int().min(0).max(999)).min(1).nullable().default(null);

const schema = z
  .strictObject({
    experiment: z.literal('elastic').default('elastic'),
    ...identity,
    arm: z
      .enum(Object.keys(arms) as [Arm, ...Arm[]])
      .default('elastic-append')
      .describe('the method, what it is compared with, or a control'),
    ...training,
    source: z.string().max(80).default('mlp-300x3-100').describe('architecture whose tickets are stretched or squeezed'),
    model: z.string().max(80).default('mlp-300x4-100').describe('target: the architecture that is trained'),
    mapping: z
      .string()
      .max(10_000)
      .nullable()
      .default(null)
      .describe("source:target,target of blocks in each stage, such as '0:0;1:1,2', '|' between stages; null: by the rule"),
    replicated: blockList.describe('ablation: only these blocks of each stage are replicated; null: by the rule'),
    dropped: blockList.describe('ablation: these blocks of each stage are dropped; null: by the rule'),
    optimizer: optimizerOption.default({ name: 'adam' }).describe('how weights change'),
    learningRate: learningRateOption
      .default({ rate: 0.0012, decay: { name: 'steps', at: ['1500it'] } })
      .describe('learning rate over training'),
    batchSize: z.int().min(1).default(64).describe('images in one update'),
    length: stepOption.default('2000it').describe('training of one level, counted from initialisation'),
    validateEvery: intervalOption.default('250it').describe('iterations between measurements on the validation part'),
    levels: z.int().min(1).max(100).default(10).describe('prunings of source and target'),
    at: z.array(z.int().min(1).max(100)).min(1).default([4, 7, 10]).describe('the levels that the arms are trained at'),
    fraction: fractionOption.default(0.2).describe('pruning fraction: share of the remaining weights removed per level'),
    scope: z.enum(['global', 'layerwise']).default('global').describe('whether layers are ranked together'),
    exclude: z.array(z.string()).default(['output/kernel']).describe('parameters that are never pruned'),
    gradientExamples: z.int().min(1).default(1000).describe('images for SNIP and GraSP'),
    rewind: stepOption.default('200it').describe('rewinding step, from which tickets are trained'),
    connectivityPoints: z
      .int()
      .max(1001)
      .refine((points) => points === 0 || points >= 3, 'none (0) or at least 3')
      .default(21)
      .describe('networks measured on the line to the network of iterative pruning, at the last level; 0: none'),
    connectivityImages: z.int().min(1).default(5000).describe('test images that they are measured on'),
  })
  .refine(({ at, levels }) => at.every((level) => level <= levels), { message: "each of 'at' at most 'levels'", path: ['at'] });

export type ElasticSpec = z.infer<typeof schema> & Spec;

/** The schedule of the paper for ResNets on CIFAR-10. */
const cifar = {
  dataset: 'cifar-10',
  initialiser: 'heNormal',
  optimizer: { name: 'sgd', momentum: 0.9 },
  learningRate: { rate: 0.1, decay: { name: 'steps', at: ['80ep', '120ep'] } },
  weightDecay: 0.0001,
  batchSize: 128,
  augmentation: 'cropFlip',
  validateEvery: '1ep',
  exclude: [],
};

/** ResNets of width 4 on a schedule that a laptop can follow. */
const narrow = {
  ...{ ...cifar, engine: 'sparse', batchSize: 32, validateEvery: '600it', length: '600it', rewind: '100it' },
  ...{ learningRate: { rate: 0.05, decay: { name: 'steps', at: ['450it'] } }, levels: 3, at: [1, 3], fraction: 0.5 },
  ...{ connectivityImages: 1000, gradientExamples: 256 },
};

export const elastic: Experiment<ElasticSpec> = {
  name: 'elastic',
  summary: 'one ticket stretched or squeezed into networks of other depths, beside tickets and prunings of their own',
  source: 'arXiv:2103.16547',
  schema: schema as unknown as z.ZodType<ElasticSpec>,
  arms,
  presets: {
    default: {
      summary: 'MLP-3 to MLP-4 on MNIST, 10 levels to 89 % sparsity, 2,000 iterations of 64 images a level, all arms',
      options: { engine: 'sparse' },
      replicates: 3,
    },
    narrow: {
      summary: 'ResNet-14 to ResNet-20 of width 4 on CIFAR-10, 3 levels to 87.5 % sparsity, 600 iterations of 32 images a level',
      options: { ...narrow, source: 'resnet-14-4', model: 'resnet-20-4' },
      replicates: 3,
      // From one block that can be replicated both orders make the same network.
      arms: Object.keys(arms).filter((arm) => arm !== 'elastic-interpolate'),
    },
    paper: {
      summary: 'ResNet-20 to ResNet-32 on CIFAR-10 on the schedule of the paper: 160 epochs, 10 levels to 89.26 % sparsity',
      options: { ...cifar, source: 'resnet-20', model: 'resnet-32', length: '160ep', rewind: '1000it', at: [2, 4, 6, 8, 10] },
      replicates: 3,
    },
    smoke: {
      summary: 'small MLPs for two levels of 300 iterations, to see that everything works',
      options: {
        ...{ source: 'mlp-60x3-30', model: 'mlp-60x4-30', length: '300it', validateEvery: '100it', rewind: '50it' },
        ...{ levels: 2, at: [2], fraction: 0.5, gradientExamples: 200, connectivityImages: 1000 },
      },
      replicates: 1,
    },
  },
  parents(spec) {
    checkedMapping(spec);
    const models = [
      ...(transfers.includes(spec.arm) ? [spec.source] : []),
      ...(!transfers.includes(spec.arm) || spec.connectivityPoints > 0 ? [spec.model] : []),
    ];
    const prunings = [...new Set(models)].map((model) => pruningOf(spec, model));
    prunings.forEach(checkPruning);
    return prunings as unknown as ElasticSpec[];
  },
  updates(spec) {
    const per = plannedSteps(spec);
    return spec.at.length * (iterations(spec.length, per) - (spec.arm === 'reinitialise' ? 0 : iterations(spec.rewind, per)));
  },
  run,
};

/** The run of iterative pruning whose tickets a run reads: an `imp` run like any other, found if it was made before. */
function pruningOf(spec: ElasticSpec, model: string): ImpSpec {
  const { replicate, seed, dataset, trainLimit, initialiser, loss, weightDecay, augmentation, engine } = spec;
  const { optimizer, learningRate, batchSize, length, validateEvery, levels, fraction, scope, exclude, rewind } = spec;
  return imp.schema.parse({
    ...{ experiment: 'imp', arm: 'ticket', replicate, seed, dataset, trainLimit, initialiser, loss, weightDecay, augmentation, engine },
    ...{ model, optimizer, learningRate, batchSize, length, validateEvery, levels, fraction, fractions: {}, scope, exclude, rewind },
  });
}

interface Networks {
  readonly source: Architecture;
  readonly target: Architecture;
  readonly mapping: ElasticMapping;
}

/** Both networks and what is mapped to what. @throws UserError before anything trains where that cannot be */
function checkedMapping(spec: ElasticSpec): Networks {
  const { shape, classes } = datasets[spec.dataset];
  const [source, target] = [spec.source, spec.model].map((name) => architecture(name, shape, classes.length)) as [
    Architecture,
    Architecture,
  ];
  checkAblations(spec, source, target);
  const interpolate = spec.arm === 'elastic-interpolate';
  const mapping =
    spec.mapping !== null
      ? resolveMapping(source, target, parseMapping(spec.mapping))
      : elasticMapping(source, target, {
          stretch: interpolate ? 'interpolate' : 'append',
          squeeze: interpolate ? 'alternating' : 'consecutive',
          ...(spec.replicated && { replicate: spec.replicated }),
          ...(spec.dropped && { drop: spec.dropped }),
        });
  const sources = parameterSources(source, target, mapping);
  if (spec.arm === 'permute-copies' && Object.values(sources).every(({ copy }) => copy === 0))
    throw new UserError(
      `the arm 'permute-copies' has nothing to permute: '${spec.source}' to '${spec.model}' by '${printMapping(mapping)}' replicates no block; leave the arm out with --arms`,
    );
  return { source, target, mapping };
}

/** An ablation that changes nothing would stand in tables as if it did. @throws UserError for one */
function checkAblations({ mapping, replicated, dropped }: ElasticSpec, source: Architecture, target: Architecture): void {
  const ablations = [
    { name: 'replicated', blocks: replicated, does: 'grows', sign: 1 },
    { name: 'dropped', blocks: dropped, does: 'shrinks', sign: -1 },
  ];
  const [from, to] = [stagesOf(source), stagesOf(target)];
  for (const { name, blocks, does, sign } of ablations) {
    if (blocks === null) continue;
    if (mapping !== null) throw new UserError(`'${name}' has no meaning beside 'mapping', which names every block; leave one of them out`);
    if (from.length === to.length && from.every((stage, i) => sign * ((to[i]?.blocks.length ?? 0) - stage.blocks.length) <= 0))
      throw new UserError(`'${name}' has no meaning from '${source.name}' to '${target.name}': no stage ${does}; leave it out`);
  }
}

async function run(spec: ElasticSpec, context: RunContext, store: Store): Promise<void> {
  const { source, target, mapping } = checkedMapping(spec);
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dataset = await loadDataset(spec.dataset, { ...(spec.trainLimit !== null && { limit: spec.trainLimit }) });
  const moves = transfers.includes(spec.arm);
  const read = (network: Architecture) => readTickets(store, pruningOf(spec, network.name), network, dataset, spec.arm);
  const found = read(moves ? source : target);
  let trainer: Promise<Trainer> | undefined;
  const open = (): Promise<Trainer> => {
    trainer ??= openTrainer({ architecture: target, dataset, ...trainingOf(spec, context) });
    return trainer;
  };
  try {
    for (const level of spec.at) {
      const ticket = found.ticket(level);
      const own = moves
        ? await transfer(spec, context, { source, target, mapping }, ticket, found.rewindingPoint, level, seed)
        : await baseline(spec, context, ticket, found.rewindingPoint, level, seed, dataset);
      const { weights } = await trainStage(context, open, {
        name: stageName('train', level),
        level,
        ...own,
        request: {
          length: spec.length,
          // Fresh weights have seen no training: they start at the beginning of the schedule.
          from: spec.arm === 'reinitialise' ? '0it' : spec.rewind,
          learningRate: spec.learningRate,
          seed: deriveSeed(seed, 'order', spec.arm, level),
          evaluations: { validation: spec.validateEvery },
        },
        progress: { arm: spec.arm, level, levels: Math.max(...spec.at) },
      });
      if (spec.connectivityPoints === 0 || level !== Math.max(...spec.at) || !connected.includes(spec.arm)) continue;
      const ends = { from: (moves ? read(target) : found).trained(level), to: weights };
      const { connectivityPoints: points, connectivityImages: images } = spec;
      await connectivityStage(context, open, { name: 'connectivity', level, ...ends, points, images });
    }
  } finally {
    (await trainer)?.close();
  }
}

/** What a level starts from, and what its certificate holds it against. */
interface Start {
  readonly ticket: Ticket;
  readonly expectedKept: number;
  readonly origin: Arrays;
}

async function transfer(
  spec: ElasticSpec,
  context: RunContext,
  { source, target, mapping }: Networks,
  ticket: Ticket,
  rewindingPoint: Arrays,
  level: number,
  seed: number,
): Promise<Start> {
  const permuted = spec.arm === 'permute-copies';
  const moved = elasticTransfer(ticket, target, mapping, {
    weights: rewindingPoint,
    ...(permuted && { permuteCopies: stream(seed, 'permute copies', level) }),
  });
  const sources = parameterSources(source, target, mapping);
  await context.stage(stageName('transfer', level), (inside) => {
    const certificate = certifyTransfer({
      ...{ level, permuted, mapping: printMapping(mapping) },
      source: { architecture: source, mask: ticket.mask, weights: rewindingPoint },
      target: { architecture: target, mask: moved.mask, weights: moved.weights },
    });
    inside.certificate(certificate);
    const { mapping: text, sourceSparsity, sparsity, drift } = certificate;
    const values = {
      source: spec.source,
      mapping: String(text),
      sourceSparsity: Number(sourceSparsity),
      sparsity: Number(sparsity),
      drift: Number(drift),
    };
    inside.row({ kind: 'point', name: 'transfer', level, values });
    return { arrays: {}, info: {} };
  });
  // Counted from the source's masks and the mapping, apart from the mask that was made.
  const expectedKept = Object.values(sources).reduce((sum, { name }) => {
    const mask = ticket.mask[name];
    return sum + (mask === undefined ? 0 : kept({ [name]: mask }));
  }, 0);
  return { ticket: moved, expectedKept, origin: carryArrays(rewindingPoint, sources) };
}

async function baseline(
  spec: ElasticSpec,
  context: RunContext,
  ticket: Ticket,
  rewindingPoint: Arrays,
  level: number,
  seed: number,
  dataset: Dataset,
): Promise<Start> {
  const expectedKept = kept(ticket.mask);
  const same = (own: Ticket): Start => ({ ticket: own, expectedKept, origin: rewindingPoint });
  if (spec.arm === 'imp') return same(ticket);
  if (spec.arm === 'reinitialise') {
    const fresh = randomReinitialise(ticket, deriveSeed(seed, 'reinitialise', level), spec.initialiser);
    return { ticket: fresh, expectedKept, origin: fresh.weights };
  }
  if (spec.arm === 'shuffle-mask') {
    const mask = shuffleMask(ticket.mask, stream(seed, 'shuffle', level));
    return same(childTicket(ticket, { mask, weights: rewindingPoint }, 'shuffle mask', { level }));
  }
  const mask = await prunedAtOnce(context, {
    ...{
      name: stageName('prune', level),
      criterion: spec.arm === 'one-shot' ? 'magnitude' : (spec.arm as 'snip'),
      level,
      exclude: spec.exclude,
      loss: spec.loss,
    },
    ...{ architecture: ticket.architecture, dataset, weights: rewindingPoint, mask: ticket.mask, examples: spec.gradientExamples },
    random: stream(seed, 'score', spec.arm, level),
  });
  return same(childTicket(ticket, { mask, weights: rewindingPoint }, `prune at once by ${spec.arm}`, { level }));
}

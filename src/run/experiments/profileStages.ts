/** The juvenility profile of one ticket: what a young network is said to have, measured before, while and after it trains. */
import { type Arrays, get, size } from '../../array.js';
import type { Dataset } from '../../dataset/dataset.js';
import { kept } from '../../mask.js';
import { deriveSeed, stream } from '../../random.js';
import { effectiveRank } from '../../ticket/effectiveRank.js';
import { barrier, interpolate } from '../../ticket/interpolate.js';
import { randomReinitialise } from '../../ticket/randomReinitialise.js';
import { relativeDistance } from '../../ticket/relativeDistance.js';
import type { Ticket } from '../../ticket/ticket.js';
import { type DerivativesOptions, derivatives } from '../../train/derivatives.js';
import { hiddenActivations, silentUnits } from '../../train/hiddenActivations.js';
import { topEigenvalue } from '../../train/topEigenvalue.js';
import type { TrainRequest } from '../../train/train.js';
import type { RunContext } from '../openRun.js';
import type { OneTrainer } from './oneTrainer.js';
import { quietTraining } from './quietTraining.js';
import { type TrainStage, trainStage } from './trainStage.js';
import type { ProfileSpec } from './profile.js';

export interface ProfileParts {
  readonly spec: ProfileSpec;
  readonly seed: number;
  readonly dataset: Dataset;
  readonly trainers: OneTrainer;
  /** The data set that the ticket is carried to. */
  readonly other: Dataset;
  readonly otherTrainers: OneTrainer;
}

/** Places on the line between two networks. */
const POINTS = 11;
const MOST_ROWS = 2048;

/**
 * Measures a ticket and trains it; the trained weights go on. Stages: `train-NN` (the ticket itself), `twin-NN` (another order of the
 * data), `fresh-NN` (the same mask, fresh weights), `transfer-NN` and `transfer-fresh-NN` (the other data set), `profile-NN`.
 */
export async function profileStages(
  context: RunContext,
  parts: ProfileParts,
  stage: Omit<TrainStage, 'name' | 'request'>,
): Promise<Arrays> {
  const { spec, seed, dataset, trainers } = parts;
  const { ticket, level } = stage;
  const number = String(level).padStart(2, '0');
  const requestOf = (order: string | number, data = dataset): Omit<TrainRequest, 'mask' | 'weights'> => ({
    length: spec.length,
    learningRate: spec.learningRate,
    seed: deriveSeed(seed, 'order', spec.order, order, level),
    evaluations: { validation: data === dataset ? spec.validateEvery : spec.length },
    snapshots: [],
  });
  const open = () => trainers.open(ticket.architecture);
  const { weights } = await trainStage(context, open, { ...stage, name: `train-${number}`, request: requestOf('ticket') });

  const quiet = async (name: string, from: Arrays, order: string, to: 'here' | 'there'): Promise<{ weights: Arrays; test: number }> => {
    const data = to === 'here' ? dataset : parts.other;
    const { arrays, info } = await context.stage(`${name}-${number}`, async (inside) => {
      const trainer = await (to === 'here' ? trainers : parts.otherTrainers).open(ticket.architecture);
      const request = { ...requestOf(order, data), mask: ticket.mask, weights: from };
      const progress = { arm: spec.arm, level, levels: spec.iterations };
      const trained = await quietTraining(context, inside, trainer, request, progress);
      return { arrays: trained.weights, info: { test: trained.summary.testAtEnd } };
    });
    return { weights: arrays as Arrays, test: Number(info['test']) };
  };
  const twin = await quiet('twin', ticket.weights, 'twin', 'here');
  const fresh = randomReinitialise(ticket, deriveSeed(seed, 'fresh', level), spec.initialiser).weights;
  const control = await quiet('fresh', fresh, 'ticket', 'here');
  const transfer = await quiet('transfer', ticket.weights, 'ticket', 'there');
  const transferFresh = await quiet('transfer-fresh', fresh, 'ticket', 'there');

  await context.stage(`profile-${number}`, async (inside) => {
    const trainer = await open();
    const path = Array.from({ length: POINTS }, (_, i) => {
      const alpha = i / (POINTS - 1);
      trainer.load(ticket.mask, interpolate(weights, twin.weights, alpha));
      const { loss, accuracy } = trainer.evaluate('test');
      return { alpha, loss, error: 1 - accuracy };
    });
    for (const values of path) inside.row({ kind: 'point', name: 'barrier', level, values });
    trainer.load(ticket.mask, weights);
    const test = trainer.evaluate('test').accuracy;

    const young = await curvature(parts, ticket, ticket.weights);
    const grown = await curvature(parts, ticket, weights);
    for (const [layer, norm] of Object.entries(young.layers))
      inside.row({ kind: 'point', name: 'gradient', level, values: { layer, norm, atEnd: grown.layers[layer] ?? null } });
    const [before, after] = [await activity(parts, ticket, ticket.weights), await activity(parts, ticket, weights)];
    inside.row({
      kind: 'point',
      name: 'profile',
      level,
      values: {
        kept: kept(ticket.mask),
        stepsPerEpoch: Math.max(1, Math.floor(dataset.train.count / spec.batchSize)),
        gradientNorm: young.gradientNorm,
        gradientFlow: flow(Object.values(young.layers)),
        sharpness: young.sharpness,
        sharpnessAtEnd: grown.sharpness,
        barrier: Math.max(0, barrier(path.map(({ error }) => error))),
        lossBarrier: Math.max(0, barrier(path.map(({ loss }) => loss))),
        effectiveRank: before.rank,
        effectiveRankAtEnd: after.rank,
        deadUnits: before.dead,
        deadUnitsAtEnd: after.dead,
        distance: relativeDistance(ticket.weights, weights, ticket.mask),
        ...{ test, fresh: control.test, twin: twin.test, transfer: transfer.test, transferFresh: transferFresh.test },
        gain: test - control.test,
        transferGain: transfer.test - transferFresh.test,
      },
    });
    return { arrays: {}, info: {} };
  });
  return weights;
}

interface Curvature {
  readonly gradientNorm: number;
  /** Norm by layer, of kept weights. */
  readonly layers: Readonly<Record<string, number>>;
  readonly sharpness: number;
}

async function curvature({ spec, seed, dataset }: ProfileParts, ticket: Ticket, weights: Arrays): Promise<Curvature> {
  const options: DerivativesOptions = {
    ...{ architecture: ticket.architecture, weights, mask: ticket.mask, dataset, loss: spec.loss },
    ...{ examples: Math.min(spec.examples, dataset.train.count), random: stream(seed, 'profile') },
  };
  const { gradient, hessianProduct } = await derivatives(options);
  const layers: Record<string, number> = {};
  for (const [name, { values }] of Object.entries(await gradient())) {
    const bits = get(ticket.mask, name).values;
    layers[name] = Math.sqrt(values.reduce((sum, g, i) => sum + (bits[i] as number) * g * g, 0));
  }
  const top = await topEigenvalue({
    ...{ product: hessianProduct, mask: ticket.mask, random: stream(seed, 'sharpness') },
    ...{ iterations: spec.powerIterations, tolerance: 0.01 },
  });
  return { gradientNorm: Math.hypot(...Object.values(layers)), layers, sharpness: top.value };
}

/** How evenly the gradient flows: least over greatest norm of a layer, in [0, 1]. */
function flow(norms: readonly number[]): number {
  const most = Math.max(...norms);
  return most === 0 ? 0 : Math.min(...norms) / most;
}

/** Effective rank of the last hidden layer's activations, and the share of hidden units that never speak. */
async function activity({ spec, dataset }: ProfileParts, ticket: Ticket, weights: Arrays): Promise<{ rank: number; dead: number }> {
  const found = [...(await hiddenActivations({ architecture: ticket.architecture, weights, dataset, examples: spec.examples })).values()];
  const counts = found.map(silentUnits);
  const units = counts.reduce((sum, count) => sum + count.units, 0);
  const last = found.at(-1);
  if (last === undefined) return { rank: 0, dead: 0 };
  const columns = last.shape.at(-1) as number;
  // Of images, each place is a row; more rows than these take long and change little.
  const rows = Math.min(size(last.shape) / columns, MOST_ROWS);
  return {
    rank: effectiveRank(last.values.subarray(0, rows * columns), rows, columns),
    dead: counts.reduce((sum, count) => sum + count.silent, 0) / Math.max(1, units),
  };
}

/** Tickets in many bases side by side, each with its control. Alabdulmohsin et al. 2021, arXiv:2107.06825. */
import { z } from 'zod';
import { type Arrays, get, type NdArray } from '../../array.js';
import { density } from '../../mask.js';
import { type BasisName, bases } from '../../model/bases/bases.js';
import { kernelAxes } from '../../model/bases/kernelAxes.js';
import { fromBasis } from '../../model/bases/networkBasis.js';
import type { Architecture } from '../../model/architecture.js';
import type { Ticket } from '../../ticket/ticket.js';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import { runKey } from '../runKey.js';
import type { Store } from '../store.js';
import { checkPruning } from './checkPruning.js';
import type { Experiment } from './experiment.js';
import { type ImpSpec, parentFolder, pruningOptions, pruningUpdates, runPruning } from './imp.js';

const CONTROL = '-reinitialise';

/** Each basis and its control; of the random subspace only itself, since fresh weights would be another subspace as random. */
const arms: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(bases).flatMap(([name, { summary }]) => [
    [name, name === 'subspace' ? `control: as many random directions counted from the initial weights (${summary})` : summary],
    ...(name === 'subspace' ? [] : [[`${name}${CONTROL}`, `control: the mask of '${name}' with fresh weights`]]),
  ]),
);

const schema = z.strictObject({
  experiment: z.literal('basis').default('basis'),
  arm: z
    .enum(Object.keys(arms) as [string, ...string[]])
    .default('canonical')
    .describe('a basis, or the control of one'),
  ...pruningOptions,
});

export type BasisSpec = z.infer<typeof schema> & Spec;

/** The density whose first-layer filters are kept for pictures. */
const SHOWN_DENSITY = 0.06;
const SHOWN_FILTERS = 9;

const lenet = {
  ...{ model: 'lenet-300-100', dataset: 'mnist', engine: 'sparse', fraction: 0.5, fractions: { 'output/kernel': 0.25 } },
};

export const basis: Experiment<BasisSpec> = {
  name: 'basis',
  summary: 'tickets in any basis: DCT, wavelets, random rotations, SVD, units and low rank, each beside fresh weights',
  source: 'arXiv:2107.06825',
  schema: schema as unknown as z.ZodType<BasisSpec>,
  arms,
  presets: {
    default: {
      summary: 'LeNet-300-100 on 6,000 images of MNIST to 2 % of the coefficients, 1,000 iterations (10 epochs) a level',
      options: { ...lenet, trainLimit: 6_000, length: '1000it', validateEvery: '50it', levels: 6 },
      replicates: 3,
    },
    'cifar-small': {
      summary: 'LeNet-5 on 10,000 images of CIFAR-10, 500 iterations (3 epochs) a level: weights, DCT and random directions',
      options: {
        ...{
          dataset: 'cifar-10',
          model: 'lenet-5',
          engine: 'sparse',
          trainLimit: 10_000,
          length: '500it',
          validateEvery: '100it',
          levels: 3,
        },
        ...{ learningRate: { rate: 0.001 }, fraction: 0.5, fractions: { 'output/kernel': 0.25 } },
      },
      replicates: 3,
      arms: ['canonical', 'canonical-reinitialise', 'dct', 'dct-reinitialise', 'randomOrthogonal', 'randomOrthogonal-reinitialise'],
    },
    paper: {
      summary: 'LeNet-300-100 on all of MNIST as in the lottery ticket paper: 50,000 iterations, 18 levels of a fifth (days)',
      options: { model: 'lenet-300-100', dataset: 'mnist', engine: 'sparse', length: '50000it' },
      replicates: 5,
    },
    smoke: {
      summary: 'a small network, three bases, two levels, to see that everything works',
      options: {
        ...lenet,
        model: 'mlp-50',
        trainLimit: 5_000,
        length: '200it',
        validateEvery: '50it',
        levels: 2,
        fraction: 0.7,
        fractions: { 'output/kernel': 0.3 },
      },
      replicates: 1,
      arms: ['canonical', 'canonical-reinitialise', 'dct', 'dct-reinitialise', 'randomOrthogonal', 'randomOrthogonal-reinitialise'],
    },
  },
  parents(spec) {
    checkPruning(pruningOf(spec));
    return spec.arm.endsWith(CONTROL) ? [{ ...spec, arm: spec.arm.slice(0, -CONTROL.length) }] : [];
  },
  updates: (spec) => pruningUpdates(pruningOf(spec)),
  run,
};

/** What an arm stands for: iterative pruning in a basis, or the control of one. */
function pruningOf({ arm, ...spec }: BasisSpec): ImpSpec {
  const isControl = arm.endsWith(CONTROL);
  const name = (isControl ? arm.slice(0, -CONTROL.length) : arm) as BasisName;
  return {
    ...spec,
    experiment: 'imp',
    arm: isControl ? 'reinitialise' : 'ticket',
    basis: name,
    // A random subspace is one that no score has chosen.
    criterion: name === 'subspace' ? 'random' : spec.criterion,
  } as ImpSpec;
}

async function run(spec: BasisSpec, context: RunContext, store: Store): Promise<void> {
  const labelled: RunContext = { ...context, progress: (event) => context.progress({ ...event, arm: spec.arm }) };
  const findParent = (): string => parentFolder(store, runKey(basis.parents(spec)[0] as BasisSpec, defaults));
  let shown: { level: number; density: number; ticket: Ticket; trained: Arrays } | undefined;
  const distance = (share: number): number => Math.abs(Math.log(share / SHOWN_DENSITY));
  await runPruning(pruningOf(spec), labelled, findParent, (level, ticket, trained) => {
    const share = density(ticket.mask);
    if (shown === undefined || distance(share) < distance(shown.density)) shown = { level, density: share, ticket, trained };
  });
  if (shown === undefined) return;
  const { level, ticket, trained, density: share } = shown;
  await context.stage('filters', async (inside) => {
    for (const filter of strongestFilters(ticket.architecture, fromBasis(ticket.basis, trained)))
      inside.row({ kind: 'point', name: 'filter', level, values: { density: share, ...filter } });
    return { arrays: {}, info: {} };
  });
}

/**
 * The filters of the first layer with the largest norms, channels averaged: `unit`, `height`, `width`, `scale`, and `pixels`, base64 of
 * signed bytes that stand for byte / 127 * scale.
 */
function strongestFilters(architecture: Architecture, weights: Arrays) {
  const first = kernelAxes(architecture)[0];
  if (first === undefined) return [];
  const kernel: NdArray = get(weights, first.name);
  const units = kernel.shape.at(-1) as number;
  const inputs = kernel.values.length / units;
  const [height = 1, width = 1] = first.axes.filter(({ role }) => role === 'pixels' || role === 'kernels').map(({ size }) => size);
  const channels = inputs / (height * width);
  const at = (input: number, unit: number): number => kernel.values[input * units + unit] as number;
  const norms = Float64Array.from({ length: units }, (_, unit) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += at(i, unit) ** 2;
    return sum;
  });
  const strongest = [...norms.keys()].sort((a, b) => (norms[b] as number) - (norms[a] as number) || a - b).slice(0, SHOWN_FILTERS);
  return strongest.map((unit) => {
    const means = Float64Array.from({ length: height * width }, (_, pixel) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += at(pixel * channels + c, unit);
      return sum / channels;
    });
    const scale = means.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    const bytes = Int8Array.from(means, (w) => (scale === 0 ? 0 : Math.round((127 * w) / scale)));
    return { unit, height, width, scale: Number(scale.toPrecision(6)), pixels: Buffer.from(bytes.buffer).toString('base64') };
  });
}

const defaults = schema.parse({}) as BasisSpec;

/** Options that experiments share, with their ranges and descriptions. */
import { z } from 'zod';
import { datasets } from '../../dataset/datasets.js';
import { bases } from '../../model/bases/bases.js';
import type { AxisRole } from '../../model/bases/kernelAxes.js';
import { initialisers } from '../../model/initialise.js';
import { criteria } from '../../score/criteria.js';
import { augmentations } from '../../train/augment.js';
import { losses } from '../../train/losses.js';

const names = <T extends object>(list: T) => Object.keys(list) as [Extract<keyof T, string>, ...Extract<keyof T, string>[]];
const step = z.string().regex(/^(?=.)(?:\d{1,9}ep)?(?:\d{1,9}it)?$/, "a length such as '500it', '20ep' or '2ep30it'");
const fraction = z.number().min(0).max(1);

/** A length of training, such as '500it', '20ep' or '2ep30it'. */
export const stepOption = step;
/** A length between two measurements or changes: of at least one iteration. */
export const intervalOption = step.regex(/[1-9]/, 'an interval of at least 1 iteration');
export const fractionOption = fraction;
/** A pruned share that leaves something to train. */
export const sparsityOption = fraction.refine((share) => share < 1, 'a sparsity below 1, since at 1 nothing is left');
/** A kept share that leaves something. */
export const densityOption = fraction.refine((share) => share > 0, 'a density above 0, since at 0 nothing is left');

/** A list whose values name parts of a run, so that none may come twice. */
export function distinct<T extends z.ZodType>(value: T): z.ZodArray<T> {
  return z.array(value).refine((list) => new Set(list).size === list.length, 'each value once');
}

export const optimizerOption = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('adam'),
    beta1: fraction.optional(),
    beta2: fraction.optional(),
    epsilon: z.number().positive().optional(),
  }),
  z.strictObject({ name: z.literal('sgd'), momentum: fraction.optional(), nesterov: z.boolean().optional() }),
]);

export const learningRateOption = z.strictObject({
  rate: z.number().positive(),
  warmup: z.strictObject({ length: step, from: z.number().min(0).optional() }).optional(),
  decay: z
    .discriminatedUnion('name', [
      z.strictObject({ name: z.literal('constant') }),
      z.strictObject({ name: z.literal('steps'), at: z.array(step).min(1), factor: fraction.optional() }),
      z.strictObject({ name: z.literal('cosine'), to: z.number().min(0).optional() }),
    ])
    .optional(),
});

/** Options of every experiment. */
export const identity = {
  replicate: z.int().min(1).default(1).describe('1, 2, 3 ...: the same options with other random numbers'),
  seed: z.int().min(0).default(0).describe('root of all random numbers'),
};

/** Options of every experiment that trains a classifier. */
export const training = {
  dataset: z.enum(names(datasets)).default('mnist').describe('data set'),
  trainLimit: z.int().min(1).nullable().default(null).describe('train on this many images only; null: all'),
  initialiser: z.enum(names(initialisers)).default('glorotNormal').describe('how kernels start'),
  loss: z.enum(names(losses)).default('crossEntropy').describe('what training minimises'),
  weightDecay: z.number().min(0).default(0).describe('L2: adds weightDecay * w to each gradient'),
  augmentation: z.enum(names(augmentations)).default('none').describe('what happens to training images'),
  engine: z
    .enum(['auto', 'tensorflow', 'compiled', 'eager', 'sparse'])
    // Not auto, which measures: a default has to give the same bits in every folder, and records of before were made by TensorFlow.
    .default('tensorflow')
    .describe(
      'how steps run: tensorflow compiles where that is possible, sparse computes kept weights only, auto takes the faster of both at each level',
    ),
};

/** The basis that kernels are pruned in. */
export const basisOption = z.enum(names(bases)).default('canonical').describe('basis whose coefficients are trained and pruned');

const roles = ['pixels', 'kernels', 'inputs', 'outputs'] as const satisfies readonly AxisRole[];

export const axesOption = z
  .array(z.enum(roles))
  .nullable()
  .default(null)
  .describe("axes that the basis acts on: pixels, kernels, inputs, outputs; null: the basis's own");

export const criterionOption = z.enum(names(criteria)).default('magnitude').describe('which weights are taken to matter');

/** Malach et al.'s construction on random targets: what the error is, beside what the bound allows. arXiv:2002.00585. */
import { type NdArray, ndArray } from '../../array.js';
import { invalid } from '../../check.js';
import type { Random } from '../../random.js';
import { constructionBound, reluConstruction, runConstruction } from './reluConstruction.js';

export interface ConstructionErrorsOptions {
  /** Units of each layer of the target, inputs first: at least two. */
  readonly sizes: readonly number[];
  /** Random hidden units for each target weight and each sign of its input. */
  readonly count: number;
  readonly choice: 'subset' | 'single';
  /** Inputs at which target and construction are compared, beside plus and minus each unit vector. */
  readonly inputs: number;
  readonly random: Random;
}

export interface ConstructionErrors {
  /** Greatest |construction(x) - target(x)| (Euclidean) over the inputs, all of length 1. */
  readonly error: number;
  /** What it can be at most over all |x| <= 1, by the errors of the weights. */
  readonly bound: number;
  /** Largest error of a target weight. */
  readonly weightError: number;
  /** Random hidden units, and those that were kept. */
  readonly drawn: number;
  readonly kept: number;
  /** Weights of the target. */
  readonly weights: number;
}

/**
 * One random target, one random network, the construction, and both on inputs of length 1, where the error is greatest: with ReLU and
 * no biases both networks are positively homogeneous.
 * @throws UserError for fewer than two sizes, or sizes that are not whole and at least 1
 */
export function constructionErrors({ sizes, count, choice, inputs, random }: ConstructionErrorsOptions): ConstructionErrors {
  const kernels = randomTarget(sizes, random);
  const layers = reluConstruction(kernels, { count, choice, random });
  const d = sizes[0] as number;
  let error = 0;
  const compare = (x: Float64Array): void => {
    const [found, wanted] = [runConstruction(layers, x), runTarget(kernels, x)];
    error = Math.max(error, Math.sqrt(found.reduce((sum, v, i) => sum + (v - (wanted[i] as number)) ** 2, 0)));
  };
  for (let i = 0; i < d; i++) for (const side of [1, -1]) compare(Float64Array.from({ length: d }, (_, k) => (k === i ? side : 0)));
  for (let s = 0; s < inputs; s++) {
    const x = Float64Array.from({ length: d }, () => random.normal());
    const length = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
    compare(x.map((v) => v / length));
  }
  return {
    ...{ error, bound: constructionBound(kernels, layers), weightError: Math.max(...layers.map((layer) => layer.weightError)) },
    ...{ drawn: layers.reduce((sum, layer) => sum + layer.drawn, 0), kept: layers.reduce((sum, layer) => sum + layer.input.length, 0) },
    weights: kernels.reduce((sum, { values }) => sum + values.length, 0),
  };
}

/**
 * Kernels [inputs, outputs] that the theorem is about: |w| <= 1 / sqrt(inputs) for each weight, and a norm of at most 1 (here the
 * Frobenius norm, which is at least the spectral one).
 */
export function randomTarget(sizes: readonly number[], random: Random): NdArray[] {
  if (sizes.length < 2 || sizes.some((n) => !Number.isSafeInteger(n) || n < 1))
    throw invalid('sizes of the target', 'at least two whole numbers of at least 1', sizes.join(', '));
  return sizes.slice(1).map((outputs, l) => {
    const inputs = sizes[l] as number;
    const values = Float64Array.from({ length: inputs * outputs }, () => (2 * random.uniform() - 1) / Math.sqrt(inputs));
    const norm = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
    return ndArray(
      [inputs, outputs],
      values.map((v) => v / Math.max(1, norm)),
    );
  });
}

/** The target itself: ReLU between layers, none at the end. */
function runTarget(kernels: readonly NdArray[], x: Float64Array): Float64Array {
  return kernels.reduce((now, { shape, values }, l) => {
    const [inputs = 0, outputs = 0] = shape;
    return Float64Array.from({ length: outputs }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += (now[i] as number) * (values[i * outputs + j] as number);
      return l === kernels.length - 1 ? sum : Math.max(0, sum);
    });
  }, x);
}

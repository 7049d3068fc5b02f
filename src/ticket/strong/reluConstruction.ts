/**
 * Malach et al.'s construction: a ReLU network found by pruning a random one of twice the depth, with a bound on its error.
 * Malach, Yehudai, Shalev-Shwartz & Shamir 2020, arXiv:2002.00585; with subset sums: Pensia et al. 2020, arXiv:2006.07990.
 */
import type { NdArray } from '../../array.js';
import { checkCount, checkFinite, mismatched } from '../../check.js';
import type { Random } from '../../random.js';
import { subsetMembers, subsetSolver } from './subsetSolver.js';

export interface ConstructionOptions {
  /** Random hidden units for each target weight and each sign of its input. */
  readonly count: number;
  readonly choice: 'subset' | 'single';
  readonly random: Random;
}

/** One target layer as two random ones: y_j = sum over hidden units u of out_u relu(in_u x_input(u)), for those that were kept. */
export interface ConstructedLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** The kept hidden units: which input they read, which output they feed, with what weights. Both weights are uniform in [-1, 1]. */
  readonly input: Int32Array;
  readonly output: Int32Array;
  readonly into: Float64Array;
  readonly from: Float64Array;
  /** Hidden units that were drawn. */
  readonly drawn: number;
  /** Largest error of a target weight on positive, and on negative inputs. */
  readonly weightError: number;
}

/**
 * The construction for a list of kernels [inputs, outputs] (ReLU between layers, none at the end). w x = w max(x, 0) - w max(-x, 0),
 * and a hidden unit with weights a, b adds a b max(x, 0) if a > 0 and |a| b max(-x, 0) if a < 0: so of the positive a those are
 * kept whose products a b add up to w, of the negative ones those whose |a| b add up to -w.
 * @throws UserError for a count that is not 1 to 40, and a weight that is not finite
 */
export function reluConstruction(kernels: readonly NdArray[], options: ConstructionOptions): ConstructedLayer[] {
  checkCount('number of random units', options.count, 1);
  return kernels.map((kernel) => constructLayer(kernel, options));
}

function constructLayer({ shape, values }: NdArray, { count, choice, random }: ConstructionOptions): ConstructedLayer {
  const [inputs, outputs] = shape as [number, number];
  const kept: { input: number; output: number; into: number; from: number }[] = [];
  const solver = choice === 'subset' ? subsetSolver(count) : undefined;
  let weightError = 0;
  values.forEach((target, index) => {
    checkFinite('target weight', target);
    for (const side of [1, -1]) {
      const into = Float64Array.from({ length: count }, () => side * random.uniform());
      const from = Float64Array.from({ length: count }, () => 2 * random.uniform() - 1);
      const products = into.map((a, i) => Math.abs(a) * (from[i] as number));
      const members = chosen(products, side * target, solver);
      let sum = 0;
      members.forEach((member, i) => {
        if (member === 0) return;
        sum += products[i] as number;
        kept.push({ input: Math.floor(index / outputs), output: index % outputs, into: into[i] as number, from: from[i] as number });
      });
      weightError = Math.max(weightError, Math.abs(sum - side * target));
    }
  });
  return {
    ...{ inputs, outputs, drawn: 2 * count * values.length, weightError },
    input: Int32Array.from(kept, (unit) => unit.input),
    output: Int32Array.from(kept, (unit) => unit.output),
    into: Float64Array.from(kept, (unit) => unit.into),
    from: Float64Array.from(kept, (unit) => unit.from),
  };
}

function chosen(products: Float64Array, target: number, solver: ReturnType<typeof subsetSolver> | undefined): Uint8Array {
  if (solver !== undefined) {
    solver.load(products);
    return subsetMembers(solver.nearest(target), products.length);
  }
  const nearest = products.reduce(
    (best, value, i) => (Math.abs(value - target) < Math.abs((products[best] as number) - target) ? i : best),
    0,
  );
  return Uint8Array.from(products, (_, i) => (i === nearest ? 1 : 0));
}

/** The pruned random network on one input. @throws UserError if the input has another length */
export function runConstruction(layers: readonly ConstructedLayer[], x: ArrayLike<number>): Float64Array {
  let now = Float64Array.from(x);
  layers.forEach((layer, depth) => {
    if (now.length !== layer.inputs)
      throw mismatched('input of the construction', `${layer.inputs} numbers`, String(now.length), 'pass one input');
    const next = new Float64Array(layer.outputs);
    for (let u = 0; u < layer.input.length; u++) {
      const hidden = Math.max(0, (layer.into[u] as number) * (now[layer.input[u] as number] as number));
      next[layer.output[u] as number] = (next[layer.output[u] as number] as number) + (layer.from[u] as number) * hidden;
    }
    now = depth === layers.length - 1 ? next : next.map((value) => Math.max(0, value));
  });
  return now;
}

/**
 * A bound on |construction(x) - target(x)| (Euclidean) over all |x| <= 1, from the weight errors. With e_l the error after layer l,
 * d_l its weight error, and s_l a bound on the target's activations there (the product of Frobenius norms):
 * e_l <= |W_l| e_(l-1) + d_l sqrt(inputs outputs) (s_(l-1) + e_(l-1)).
 */
export function constructionBound(kernels: readonly NdArray[], layers: readonly ConstructedLayer[]): number {
  let [error, size] = [0, 1];
  kernels.forEach(({ shape, values }, l) => {
    const [inputs = 0, outputs = 0] = shape;
    const norm = Math.sqrt(values.reduce((sum, w) => sum + w * w, 0));
    const off = (layers[l] as ConstructedLayer).weightError * Math.sqrt(inputs * outputs);
    error = norm * error + off * (size + error);
    size *= norm;
  });
  return error;
}

/** A trained kernel approximated weight by weight by subsets of random coefficients: nothing is trained, only chosen. */
import type { NdArray } from '../../array.js';
import { checkCount, checkFinite, invalid } from '../../check.js';
import type { Random } from '../../random.js';
import { subsetSolver } from './subsetSolver.js';

export interface ApproximationOptions {
  /** Random coefficients for each target weight. */
  readonly count: number;
  /** `weight`: fresh coefficients for each weight. `row`: one list for all weights of an output unit, as in the authors' code. */
  readonly sharing: 'weight' | 'row';
  /** `subset`: the best sum (arXiv:2006.07990). `single`: the best one coefficient, or none (arXiv:2002.00585). */
  readonly choice: 'subset' | 'single';
  /** Coefficients are uniform between these. */
  readonly range: readonly [low: number, high: number];
  /** Target weights of at most this magnitude become 0 at no cost. Default 0: none but 0 itself. */
  readonly threshold?: number;
  readonly random: Random;
}

export interface Approximation {
  /** The sums, shaped like the target. */
  readonly kernel: NdArray;
  /** |sum - target| of each weight. */
  readonly errors: Float64Array;
  /** Coefficients that are in use, of `count` times the target's weights. */
  readonly kept: number;
}

/**
 * The approximation of a kernel, [inputs, units] or [height, width, inputs, filters]; an output unit is an index of the last axis.
 * Cost O(weights * 2^(count/2)).
 * @throws UserError for an empty range, a count that is not 1 to 40, and a weight that is not finite
 */
export function approximateKernel({ shape, values }: NdArray, options: ApproximationOptions): Approximation {
  const { count, sharing, choice, range, threshold = 0, random } = options;
  const [low, high] = range;
  if (!(low < high)) throw invalid('range of coefficients', 'two numbers in ascending order', range.join(' to '));
  checkCount('number of coefficients', count, 1);
  for (const end of range) checkFinite('range of coefficients', end);
  for (const weight of values) checkFinite('weight to approximate', weight);
  const units = shape.at(-1) as number;
  const coefficients = new Float64Array(count);
  const draw = (): void => {
    // Rounded to float32, as the weights of a network are.
    for (let i = 0; i < count; i++) coefficients[i] = Math.fround(low + (high - low) * random.uniform());
  };
  const solver = choice === 'subset' ? subsetSolver(count) : undefined;
  const nearest = (target: number) => solver?.nearest(target) ?? nearestSingle(coefficients, target);
  const [sums, errors] = [new Float32Array(values.length), new Float64Array(values.length)];
  let kept = 0;
  for (let unit = 0; unit < units; unit++) {
    for (let i = unit; i < values.length; i += units) {
      if (sharing === 'weight' || i === unit) {
        draw();
        solver?.load(coefficients);
      }
      const target = values[i] as number;
      const found = Math.abs(target) <= threshold ? { sum: 0, error: Math.abs(target), size: 0 } : nearest(target);
      sums[i] = found.sum;
      errors[i] = found.error;
      kept += found.size;
    }
  }
  return { kernel: { shape, values: sums }, errors, kept };
}

function nearestSingle(values: Float64Array, target: number): { sum: number; error: number; size: number } {
  let [sum, error, size] = [0, Math.abs(target), 0];
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs((values[i] as number) - target);
    if (distance < error) [sum, error, size] = [values[i] as number, distance, 1];
  }
  return { sum, error, size };
}

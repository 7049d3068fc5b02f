/** What is kept or removed as a whole: single weights, units of dense layers, channels of convolutions. */
import type { NdArray } from '../array.js';
import { invalid } from '../check.js';

/**
 * `weight`: each weight alone. `unit`: all incoming weights of a unit, a column of a dense kernel [inputs, units]. `channel`: a
 * filter of a convolution, kernel [height, width, inputs, filters]. Kernels of the other kind are left as they are.
 */
export type Granularity = 'weight' | 'unit' | 'channel';

/** How the scores of a unit or channel become one: their sum, mean, or Euclidean norm, over its kept weights. */
export type Aggregate = 'sum' | 'mean' | 'l2';

/** What can be removed from one parameter: `ids` in rising order, a score each, and how many there would be without a mask. */
export interface Candidates {
  readonly ids: Int32Array;
  readonly scores: Float32Array | Float64Array;
  readonly total: number;
}

/** Whether kernels of that shape have parts of that granularity. */
export function fits(shape: readonly number[], granularity: Granularity): boolean {
  return granularity === 'weight' || shape.length === (granularity === 'unit' ? 2 : 4);
}

/** The kept weights of a parameter, by index. Cost O(n). */
export function weightCandidates(keeps: NdArray<Uint8Array>, scores: NdArray): Candidates {
  const n = keeps.values.length;
  const ids = new Int32Array(n);
  const found = new Float32Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (keeps.values[i] !== 1) continue;
    ids[count] = i;
    found[count++] = scores.values[i] as number;
  }
  return { ids: ids.subarray(0, count), scores: found.subarray(0, count), total: n };
}

/**
 * The groups of a parameter that keep any weight: a group is what shares an index on the last axis. Cost O(n).
 * @throws UserError for the l2 of a negative score, since the square would hide its sign
 */
export function groupCandidates(keeps: NdArray<Uint8Array>, scores: NdArray, aggregate: Aggregate): Candidates {
  const groups = keeps.shape[keeps.shape.length - 1] as number;
  const sums = new Float64Array(groups);
  const counts = new Float64Array(groups);
  for (let i = 0; i < keeps.values.length; i++) {
    if (keeps.values[i] !== 1) continue;
    const group = i % groups;
    const score = scores.values[i] as number;
    if (aggregate === 'l2' && score < 0) throw invalid(`score at ${i}`, "at least 0 for the aggregate 'l2'; use 'sum'", score);
    sums[group] = (sums[group] as number) + (aggregate === 'l2' ? score * score : score);
    counts[group] = (counts[group] as number) + 1;
  }
  const ids = Int32Array.from(counts.keys()).filter((group) => (counts[group] as number) > 0);
  const value = (group: number): number => {
    const sum = sums[group] as number;
    if (aggregate === 'mean') return sum / (counts[group] as number);
    return aggregate === 'l2' ? Math.sqrt(sum) : sum;
  };
  return { ids, scores: Float64Array.from(ids, value), total: groups };
}

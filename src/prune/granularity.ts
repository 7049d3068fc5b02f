/** What is kept or removed as a whole: single weights, units of dense layers, channels of convolutions, components of a basis. */
import { type NdArray, size } from '../array.js';
import { invalid } from '../check.js';

/**
 * `weight`: each weight alone. `unit`: all incoming weights of a unit, a column of a dense kernel [inputs, units]. `channel`: a
 * filter of a convolution, kernel [height, width, inputs, filters]. Kernels of the other kind are left as they are. `output`: units and
 * channels alike. `component`: what shares an index on the shorter side of the kernel as a matrix [inputs of an output, outputs], of two
 * equal ones the outputs; in the basis `lowRank` that is one singular vector.
 */
export type Granularity = 'weight' | 'unit' | 'channel' | 'output' | 'component';

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
  if (granularity === 'unit') return shape.length === 2;
  return granularity !== 'channel' || shape.length === 4;
}

/** Which group each weight of a kernel belongs to, and how many groups there are. */
export interface Grouping {
  readonly groups: number;
  readonly groupOf: (index: number) => number;
}

/** The groups of a kernel: its outputs, or for `component` its inputs where these are fewer. */
export function grouping(shape: readonly number[], granularity: Granularity): Grouping {
  const columns = shape[shape.length - 1] as number;
  const rows = size(shape) / columns;
  if (granularity === 'component' && rows < columns) return { groups: rows, groupOf: (index) => Math.floor(index / columns) };
  return { groups: columns, groupOf: (index) => index % columns };
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
 * The groups of a parameter that keep any weight. Cost O(n).
 * @throws UserError for the l2 of a negative score, since the square would hide its sign
 */
export function groupCandidates(
  keeps: NdArray<Uint8Array>,
  scores: NdArray,
  aggregate: Aggregate,
  { groups, groupOf }: Grouping = grouping(keeps.shape, 'output'),
): Candidates {
  const sums = new Float64Array(groups);
  const counts = new Float64Array(groups);
  for (let i = 0; i < keeps.values.length; i++) {
    if (keeps.values[i] !== 1) continue;
    const group = groupOf(i);
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

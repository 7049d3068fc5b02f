import { type Arrays, checkSameShapes, get, type NdArray } from '../array.js';
import { invalid, lookUp, UserError, unknown } from '../check.js';
import type { Mask } from '../mask.js';
import type { Allocation } from './allocation.js';
import { type Aggregate, type Candidates, fits, type Granularity, grouping, groupCandidates, weightCandidates } from './granularity.js';
import { keepTop } from './keepTop.js';
import { type Amount, pools, type Scope } from './pools.js';

export interface PruneOptions {
  /** How much to remove or keep. */
  readonly amount: Amount;
  /** `global`: all layers are ranked together. `layerwise`: each on its own, and none loses its last part. Default global. */
  readonly scope?: Scope;
  /** How a layerwise total is shared out. Default uniform: the amount holds for each layer by itself. */
  readonly allocation?: Allocation;
  /** What is removed as a whole. Default weight. */
  readonly granularity?: Granularity;
  /** How the scores of a unit or channel become one. Default sum. */
  readonly aggregate?: Aggregate;
  /** Other pruning fractions for single layers, such as { 'output/kernel': 0.1 }; in scope global these are ranked alone. */
  readonly fractions?: Readonly<Record<string, number>>;
  /** Parameters that are left as they are and not counted in the amount. */
  readonly exclude?: readonly string[];
}

/**
 * The mask with the lowest scores removed, exact to the weight; ties go to the weight that comes first. Only kept weights are
 * ranked, counted and removed. Layers are named as in the mask. Cost O(n) expected.
 *
 * A layer ranked on its own (layerwise, or by `fractions`) keeps at least one part, also where the amount says none.
 * With `{ sparsity }` or `{ density }` a layer of uniform allocation that is sparser already stays as it is.
 * With unit, channel or output granularity exclude the output layer, unless whole outputs are meant to go.
 * @throws UserError for scores of other shapes, scores that are not finite, unknown names, and amounts that cannot be had
 */
export function prune(mask: Mask, scores: Arrays, options: PruneOptions): Mask {
  const { amount, scope = 'global', allocation = 'uniform', granularity = 'weight', aggregate = 'sum' } = options;
  const { fractions = {}, exclude = [] } = options;
  checkOptions(scope, allocation, granularity, aggregate);
  checkSameShapes('scores', mask, scores, 'score every parameter of the mask, and no others');
  for (const name of exclude) if (!Object.hasOwn(mask, name)) throw unknown('excluded parameter', name, Object.keys(mask));
  const names = Object.keys(mask).filter((name) => !exclude.includes(name) && fits(get(mask, name).shape, granularity));
  if (names.length === 0)
    throw new UserError(`nothing to prune: no parameter of granularity '${granularity}' is left after the exclusions`);

  const candidates = byName(names, (name) => {
    const found =
      granularity === 'weight'
        ? weightCandidates(get(mask, name), get(scores, name))
        : groupCandidates(get(mask, name), get(scores, name), aggregate, grouping(get(mask, name).shape, granularity));
    checkFinite(name, found);
    return found;
  });
  const layers = byName(names, (name) => ({ total: of(candidates, name).total, left: of(candidates, name).ids.length }));
  const shapes = byName(names, (name) => get(mask, name).shape);
  const smaller: Record<string, NdArray<Uint8Array>> = { ...mask };
  for (const pool of pools(layers, shapes, { amount, scope, allocation, fractions })) {
    const parts = pool.names.map((name) => of(candidates, name));
    const keeps = keepTop(joined(parts), pool.keep);
    let start = 0;
    pool.names.forEach((name, k) => {
      const { ids } = parts[k] as Candidates;
      smaller[name] = without(get(mask, name), ids, keeps.subarray(start, start + ids.length), granularity);
      start += ids.length;
    });
  }
  return smaller;
}

/** A copy of the array with 0 for each part whose entry in `keeps` is 0. */
function without(
  { shape, values }: NdArray<Uint8Array>,
  ids: Int32Array,
  keeps: Uint8Array,
  granularity: Granularity,
): NdArray<Uint8Array> {
  const result = values.slice();
  if (granularity === 'weight') {
    for (let k = 0; k < ids.length; k++) if (keeps[k] === 0) result[ids[k] as number] = 0;
    return { shape, values: result };
  }
  const { groups, groupOf } = grouping(shape, granularity);
  const gone = new Uint8Array(groups);
  for (let k = 0; k < ids.length; k++) if (keeps[k] === 0) gone[ids[k] as number] = 1;
  for (let i = 0; i < result.length; i++) if (gone[groupOf(i)] === 1) result[i] = 0;
  return { shape, values: result };
}

function joined(parts: readonly Candidates[]): Float32Array | Float64Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first.scores;
  const length = parts.reduce((sum, { ids }) => sum + ids.length, 0);
  const all = parts.some(({ scores }) => scores instanceof Float64Array) ? new Float64Array(length) : new Float32Array(length);
  let start = 0;
  for (const { scores } of parts) {
    all.set(scores, start);
    start += scores.length;
  }
  return all;
}

function checkFinite(name: string, { ids, scores }: Candidates): void {
  for (let i = 0; i < scores.length; i++) {
    if (Number.isFinite(scores[i])) continue;
    throw invalid(`score of '${name}' at ${ids[i]}`, 'a finite number (did training diverge?)', scores[i]);
  }
}

function checkOptions(scope: Scope, allocation: Allocation, granularity: Granularity, aggregate: Aggregate): void {
  lookUp('scope', scope, { global: 0, layerwise: 0 });
  lookUp('allocation', allocation, { uniform: 0, er: 0, erk: 0 });
  lookUp('granularity', granularity, { weight: 0, unit: 0, channel: 0, output: 0, component: 0 });
  lookUp('aggregate', aggregate, { sum: 0, mean: 0, l2: 0 });
  if (allocation === 'uniform') return;
  if (scope !== 'layerwise')
    throw new UserError(`invalid allocation '${allocation}' in scope global: it shares a total among layers; use scope layerwise`);
  if (granularity !== 'weight')
    throw new UserError(`invalid allocation '${allocation}' for granularity '${granularity}': it counts weights; use uniform`);
}

function byName<T>(names: readonly string[], f: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, f(name)]));
}

function of<T>(record: Readonly<Record<string, T>>, name: string): T {
  return record[name] as T;
}

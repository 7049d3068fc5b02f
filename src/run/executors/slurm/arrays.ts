/** How tasks become job arrays that wait for each other. */
import type { PoolTask } from '../../pool.js';

/** A task of an array that Slurm has. */
export interface Place {
  readonly array: string;
  readonly index: number;
}

/** An array to submit. Arrays of this submission are named by their number: `#0`. */
export interface ArrayPlan {
  /** Keys by index. */
  readonly tasks: ReadonlyMap<number, string>;
  /** `corr`: task N waits for task N of each array named; `ok`: all tasks wait for all places (an array or `array_index`) named. */
  readonly after: { readonly how: 'corr' | 'ok'; readonly places: readonly string[] } | undefined;
}

/** From so many tasks of one array on, the whole array is waited for. */
const many = 50;

/**
 * Arrays for tasks, each behind those that it waits for. A task whose parents are all task N of their arrays is task N of its own (`aftercorr`);
 * one whose parents stand elsewhere shares an array with those that wait for the same (`afterok`).
 * @param tasks parents first
 * @param queued where parents stand that Slurm has already; parents found nowhere are done
 * @param size indices of an array are less
 */
export function planArrays(tasks: readonly PoolTask[], queued: ReadonlyMap<string, Place>, size: number): ArrayPlan[] {
  const arrays: { tasks: Map<number, string>; after: ArrayPlan['after']; group: string }[] = [];
  const places = new Map<string, Place>(queued);
  const put = (key: string, group: string, after: ArrayPlan['after'], index?: number): void => {
    let number = arrays.findIndex(
      (array) => array.group === group && (index === undefined ? array.tasks.size < size : !array.tasks.has(index)),
    );
    if (number < 0) number = arrays.push({ tasks: new Map(), after, group }) - 1;
    const array = arrays[number] as (typeof arrays)[number];
    const own = index ?? array.tasks.size;
    array.tasks.set(own, key);
    places.set(key, { array: `#${number}`, index: own });
  };
  for (const { key, after = [] } of tasks) {
    const parents = after.flatMap((parent) => places.get(parent) ?? []);
    const first = parents[0];
    const same = first !== undefined && parents.every(({ index }) => index === first.index);
    if (first === undefined) put(key, 'free', undefined);
    else if (same) {
      const names = [...new Set(parents.map(({ array }) => array))].sort();
      put(key, `corr ${names.join()}`, { how: 'corr', places: names }, first.index);
    } else {
      const names = waitFor(parents);
      put(key, `ok ${names.join()}`, { how: 'ok', places: names });
    }
  }
  return arrays.map(({ tasks: own, after }) => ({ tasks: own, after }));
}

function waitFor(parents: readonly Place[]): string[] {
  const byArray = new Map<string, Set<number>>();
  for (const { array, index } of parents) byArray.set(array, (byArray.get(array) ?? new Set()).add(index));
  return [...byArray]
    .flatMap(([array, indices]) => (indices.size > many ? [array] : [...indices].sort((a, b) => a - b).map((index) => `${array}_${index}`)))
    .sort();
}

/**
 * Indices as sbatch reads them.
 * @example indexRanges([0, 1, 2, 5]) // => '0-2,5'
 */
export function indexRanges(indices: readonly number[]): string {
  const sorted = [...indices].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const from = sorted[i] as number;
    while (sorted[i + 1] === (sorted[i] as number) + 1) i++;
    parts.push(from === sorted[i] ? String(from) : `${from}-${sorted[i]}`);
  }
  return parts.join(',');
}

import { checkCount, invalid } from '../check.js';

/**
 * A mask entry for each score: 1 for the `count` largest, 0 for the rest. Exactly `count` are kept; among equal scores the lower
 * indices are. The threshold is found by quickselect with pivots from a fixed sequence: O(n) expected, the same on every run.
 * @throws UserError if a score is NaN, or `count` is not a whole number of at most the number of scores
 * @example [...keepTop([0.1, 0.4, 0.3, 0.2], 2)] // => [0, 1, 1, 0]
 * @example [...keepTop([5, 5, 5], 2)] // => [1, 1, 0]
 */
export function keepTop(scores: ArrayLike<number>, count: number): Uint8Array {
  const n = scores.length;
  checkCount('number of scores to keep', count);
  if (count > n) throw invalid('number of scores to keep', `at most the ${n} there are`, count);
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(scores[i])) throw invalid(`score at ${i}`, 'a number', Number.NaN);
  }
  if (count === 0) return new Uint8Array(n);
  if (count === n) return new Uint8Array(n).fill(1);
  const copy = scores instanceof Float32Array ? scores.slice() : Float64Array.from(scores);
  const threshold = smallest(copy, n - count);
  const keeps = new Uint8Array(n);
  let ties = count;
  for (let i = 0; i < n; i++) {
    if ((scores[i] as number) > threshold) {
      keeps[i] = 1;
      ties--;
    }
  }
  for (let i = 0; ties > 0; i++) {
    if (scores[i] === threshold) {
      keeps[i] = 1;
      ties--;
    }
  }
  return keeps;
}

/** The value that would stand at `index` if the values were sorted upwards; reorders them. */
function smallest(values: Float32Array | Float64Array, index: number): number {
  let low = 0;
  let high = values.length - 1;
  // Pivots from a linear congruential sequence: sorted, reversed or periodic scores are then no worse than others.
  let state = 1;
  const drawn = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return values[low + Math.floor((state / 4294967296) * (high - low + 1))] as number;
  };
  while (low < high) {
    // The value of the same rank in a sample lies close to the one sought, so most of the range drops out at once.
    const sample = Float64Array.from({ length: high - low < 1000 ? 1 : 63 }, drawn).sort();
    const pivot = sample[Math.floor((sample.length * (index - low)) / (high - low + 1))] as number;
    let i = low;
    let j = high;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i > j) break;
      const value = values[i] as number;
      values[i++] = values[j] as number;
      values[j--] = value;
    }
    if (index <= j) high = j;
    else if (index >= i) low = i;
    else break;
  }
  return values[index] as number;
}

/** Picking examples by number. */
import { invalid } from '../check.js';
import type { Examples } from './dataset.js';

/**
 * The examples of the given numbers, in that order, as a copy.
 * @throws UserError if a number is not that of an example
 */
export function selectExamples(examples: Examples, indices: ArrayLike<number>): Examples {
  const each = examples.count === 0 ? 0 : examples.pixels.length / examples.count;
  const pixels = new Uint8Array(indices.length * each);
  const labels = new Uint8Array(indices.length);
  for (let to = 0; to < indices.length; to++) {
    const from = indices[to] as number;
    if (!(from >= 0 && from < examples.count)) throw invalid('number of an example', `0 to ${examples.count - 1}`, from);
    pixels.set(examples.pixels.subarray(from * each, (from + 1) * each), to * each);
    labels[to] = examples.labels[from] as number;
  }
  return { pixels, labels, count: indices.length };
}

/** The order in which an epoch visits the examples. */
import { permutation, stream } from '../random.js';

/**
 * The numbers of `count` examples in the order of that epoch (from 0): a permutation drawn from the stream (seed, 'order', epoch),
 * so any epoch can be had without those before it.
 * @example epochOrder(100, 7, 2).length // => 100
 * @example epochOrder(100, 7, 2).join() === epochOrder(100, 7, 3).join() // => false
 */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  return permutation(count, stream(seed, 'order', epoch));
}

/** Which examples each training step sees. */
import { checkCount } from '../check.js';
import { epochOrder } from './epochOrder.js';
import { epochLength } from './epochLength.js';

export interface BatchOptions {
  /** Examples of the training part. */
  readonly count: number;
  readonly batchSize: number;
  /** Of the order. */
  readonly seed: number;
}

export interface Batches {
  /** floor(count / batchSize): every batch is full. The remainder sits out that epoch, another one in each. */
  readonly stepsPerEpoch: number;
  /** The example numbers of minibatch `step`, counted from 0 over all epochs. Not to be changed. */
  indices(step: number): Int32Array;
}

/**
 * The minibatches of a training: step s is batch s mod stepsPerEpoch of epoch floor(s / stepsPerEpoch).
 * Any step can be asked for; steps of the epoch asked for last cost O(1), another epoch O(count).
 * @throws UserError if the batch is larger than the training part
 * @example batches({ count: 10, batchSize: 3, seed: 0 }).stepsPerEpoch // => 3
 */
export function batches({ count, batchSize, seed }: BatchOptions): Batches {
  const stepsPerEpoch = epochLength(count, batchSize);
  let current = -1;
  let order: Int32Array = new Int32Array(0);
  return {
    stepsPerEpoch,
    indices(step) {
      checkCount('step', step);
      const epoch = Math.floor(step / stepsPerEpoch);
      if (epoch !== current) [current, order] = [epoch, epochOrder(count, seed, epoch)];
      const first = (step % stepsPerEpoch) * batchSize;
      return order.subarray(first, first + batchSize);
    },
  };
}

/**
 * The example numbers of one minibatch. For step after step, ask one `batches(...)` for all.
 * @example batchIndices({ count: 10, batchSize: 3, seed: 0 }, 4).length // => 3
 */
export function batchIndices(options: BatchOptions, step: number): Int32Array {
  return batches(options).indices(step);
}

/** How many updates an epoch has. */
import { checkCount, invalid } from '../check.js';

/**
 * floor(count / batchSize): every batch is full, and the remainder sits out that epoch.
 * @param count examples of the training part
 * @throws UserError if the batch is larger than the training part
 * @example epochLength(10, 3) // => 3
 */
export function epochLength(count: number, batchSize: number): number {
  checkCount('number of training examples', count, 1);
  checkCount('batch size', batchSize, 1);
  if (batchSize > count) throw invalid('batch size', `at most the ${count} training examples`, batchSize);
  return Math.floor(count / batchSize);
}

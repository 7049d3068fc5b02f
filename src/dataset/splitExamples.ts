/** Taking a validation part out of the training part. */
import { checkCount, invalid } from '../check.js';
import type { Random } from '../random.js';
import { permutation } from '../random.js';
import type { Examples } from './dataset.js';
import { selectExamples } from './selectExamples.js';

/**
 * Two disjoint parts that together are all examples, in random order: the first `validation` of a permutation, and the rest.
 * Classes are not balanced.
 * @param limit keeps only the first so many of the rest; it does not change which examples are for validation
 * @throws UserError if `validation` leaves nothing to train on
 */
export function splitExamples(
  examples: Examples,
  validation: number,
  random: Random,
  limit = Infinity,
): { train: Examples; validation: Examples } {
  checkCount('number of validation examples', validation);
  if (limit !== Infinity) checkCount('limit of training examples', limit, 1);
  if (validation >= examples.count) {
    throw invalid('number of validation examples', `less than the ${examples.count} of the training part`, validation);
  }
  const order = permutation(examples.count, random);
  return {
    train: selectExamples(examples, order.subarray(validation, Math.min(examples.count, validation + limit))),
    validation: selectExamples(examples, order.subarray(0, validation)),
  };
}

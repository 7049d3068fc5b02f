/** Whether a batch fits into the training part. Asked of every run of a command: without an epoch nothing trains, whatever the experiment. */
import { datasets } from '../../dataset/datasets.js';
import { epochLength } from '../../dataset/epochLength.js';
import type { Spec } from '../record.js';
import { plannedImages } from './plannedImages.js';

/** @throws UserError if the training images of a spec that names some are fewer than one batch */
export function checkBatch(spec: Spec): void {
  const { dataset, trainLimit, batchSize } = spec as { dataset?: unknown; trainLimit?: unknown; batchSize?: unknown };
  if (typeof dataset !== 'string' || !Object.hasOwn(datasets, dataset) || typeof batchSize !== 'number') return;
  if (trainLimit === null || typeof trainLimit === 'number') epochLength(plannedImages({ dataset, trainLimit }), batchSize);
}

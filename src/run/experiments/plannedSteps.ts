import { plannedImages } from './plannedImages.js';

/**
 * Updates of an epoch, about, for plans and previews; one at least, so that a batch which is too large is told by what trains with it.
 * @example plannedSteps({ dataset: 'mnist', trainLimit: 1000, batchSize: 60 }) // => 16
 */
export function plannedSteps({
  batchSize,
  ...images
}: {
  readonly dataset: string;
  readonly trainLimit: number | null;
  readonly batchSize: number;
}): number {
  return Math.max(1, Math.floor(plannedImages(images) / batchSize));
}

import type { Dataset } from './dataset.js';

/** The data set with pixels as the network sees them in [0, 1], not normalised: mean 0 and deviation 1 in every channel. */
export function unitRange(dataset: Dataset): Dataset {
  return { ...dataset, mean: dataset.mean.map(() => 0), std: dataset.std.map(() => 1) };
}

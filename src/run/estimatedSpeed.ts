import { UserError } from '../check.js';
import { datasets } from '../dataset/datasets.js';
import { architecture } from '../model/families/families.js';
import { multiplyAdds } from '../model/shapes.js';
import type { Spec } from './record.js';

/**
 * Multiply-adds of one worker in a second, forward and backward passes of the dense network together: ResNet-20 in batches of 128 on one
 * core of the machine that the README names reaches 75 thousand million, narrow networks a quarter of it.
 */
const perSecond = 50e9;

/**
 * Updates per second of a run that was never timed, from the multiply-adds of its network alone (three passes for each image of a
 * batch): an order of magnitude, for previews. A network that grows counts at its full size. Undefined where a spec names no network,
 * data set and batch.
 */
export function estimatedSpeed(spec: Spec): number | undefined {
  const { dataset, batchSize } = spec as { dataset?: unknown; batchSize?: unknown };
  const model = spec['model'] ?? spec['fullModel'];
  if (typeof model !== 'string' || typeof dataset !== 'string' || typeof batchSize !== 'number' || !Object.hasOwn(datasets, dataset))
    return undefined;
  try {
    const { shape, classes } = datasets[dataset as keyof typeof datasets];
    return (
      perSecond / (3 * batchSize * multiplyAdds(architecture(model.replace('{depth}', String(spec['depths'])), shape, classes.length)))
    );
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

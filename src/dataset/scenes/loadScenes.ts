/** Scenes from a data set of the list. */
import { invalid } from '../../check.js';
import type { DetectionData } from '../coco/coco.js';
import { type LoadOptions, loadDataset } from '../loadDataset.js';
import { makeScenes, type SceneOptions } from './makeScenes.js';

/** Data sets that scenes can be made of. */
export const sceneSources = ['mnist', 'fashion-mnist'] as const;

export type SceneSource = (typeof sceneSources)[number];

/**
 * `makeScenes` from MNIST or Fashion-MNIST by name, which is fetched if it is not here. About 2 ms a scene.
 * @throws UserError for another source, options out of range, or when the source cannot be had
 */
export async function loadScenes(
  options: SceneOptions & { readonly source?: SceneSource },
  loading: LoadOptions = {},
): Promise<DetectionData> {
  const { source = 'mnist' } = options;
  if (!sceneSources.includes(source)) throw invalid('source of scenes', sceneSources.join(' or '), source);
  return makeScenes(await loadDataset(source, loading), options);
}

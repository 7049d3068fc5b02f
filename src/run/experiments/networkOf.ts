/** The network that a spec names. */
import { datasets } from '../../dataset/datasets.js';
import type { Architecture } from '../../model/architecture.js';
import { architecture } from '../../model/families/families.js';
import { prunable } from '../../model/shapes.js';

/**
 * The architecture by its name, for images and classes of a data set, without loading it: planning asks for it, so that a misspelt name
 * shows before anything runs.
 * @throws UserError for an unknown name, and for images too small for its layers
 */
export function networkOf({ model, dataset }: { readonly model: string; readonly dataset: keyof typeof datasets }): Architecture {
  const { shape, classes } = datasets[dataset];
  const network = architecture(model, shape, classes.length);
  prunable(network);
  return network;
}

import { mismatched } from '../../check.js';
import type { Architecture } from '../../model/architecture.js';
import { parameters } from '../../model/shapes.js';

/**
 * Refuses a plan of growth that does not end at the network that it is to end at: their parameters must have the same names and shapes.
 * @param options to change, for people
 * @throws UserError with both lists of parameters
 */
export function checkGrown(grown: Architecture, full: Architecture, options: string): void {
  const shapes = (a: Architecture): string =>
    parameters(a)
      .map((p) => `${p.name} [${p.shape}]`)
      .join(', ');
  if (shapes(grown) === shapes(full)) return;
  const remedy = `choose ${options} that fit each other`;
  throw mismatched('network after the last growth', `that of '${full.name}': ${shapes(full)}`, shapes(grown), remedy);
}

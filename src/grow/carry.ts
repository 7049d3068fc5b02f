import { type NdArray, sameShape, size } from '../array.js';
import { mismatched } from '../check.js';
import type { Architecture, Parameter } from '../model/architecture.js';
import { parameters } from '../model/shapes.js';
import type { Network } from './growthOperator.js';

/**
 * The network of an edited architecture: parameters that it had already are carried as they are, the others come from `fresh` and,
 * where they can be pruned, are wholly kept. Names stand in the order of the layers.
 * @throws UserError if a carried parameter has another shape in the new architecture
 */
export function carry(network: Network, architecture: Architecture, fresh: (parameter: Parameter) => NdArray): Network {
  const list = parameters(architecture);
  const weights = list.map((p): [string, NdArray] => {
    const old = Object.hasOwn(network.weights, p.name) ? network.weights[p.name] : undefined;
    if (old === undefined) return [p.name, fresh(p)];
    if (!sameShape(old.shape, p.shape)) {
      throw mismatched(`'${p.name}'`, `its shape [${old.shape}]`, `[${p.shape}]`, 'an inserted layer must pass on the shape that it gets');
    }
    return [p.name, old];
  });
  const mask = list
    .filter((p) => p.prunable)
    .map((p): [string, NdArray<Uint8Array>] => [
      p.name,
      (Object.hasOwn(network.mask, p.name) ? network.mask[p.name] : undefined) ?? {
        shape: p.shape,
        values: new Uint8Array(size(p.shape)).fill(1),
      },
    ]);
  return { architecture, weights: Object.fromEntries(weights), mask: Object.fromEntries(mask) };
}

import { type Arrays, checkSameShapes, pick } from '../array.js';
import { mismatched } from '../check.js';
import { parameters } from '../model/shapes.js';
import type { Network } from './growthOperator.js';

/**
 * Throws unless the weights are those of the architecture and the mask has one entry for each prunable parameter.
 * @throws UserError that names the first array that does not fit, or the basis that the kernels are in
 */
export function checkNetwork({ architecture, weights, mask, basis }: Network): void {
  if (basis !== undefined) {
    const remedy = "write it in weights with 'canonicalTicket' (or 'factorise', for lowRank) first";
    throw mismatched(`kernels of '${architecture.name}'`, 'weights', `coefficients in the basis '${basis.name}'`, remedy);
  }
  const list = parameters(architecture);
  const expected: Arrays = Object.fromEntries(list.map(({ name, shape }) => [name, { shape, values: new Float32Array(0) }]));
  const prunable = list.filter((p) => p.prunable).map((p) => p.name);
  checkSameShapes(`weights of '${architecture.name}'`, expected, weights, 'a network has every parameter of its architecture');
  checkSameShapes(`mask of '${architecture.name}'`, pick(expected, prunable), mask, 'a mask has one entry for each kernel');
}

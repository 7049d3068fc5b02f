/** A ticket of low rank as the smaller network that it is: kernels become products of two thin ones. */
import { type Arrays, get, type NdArray, ndArray, pick, size } from '../array.js';
import { mismatched } from '../check.js';
import { denseMask } from '../mask.js';
import type { Layer } from '../model/architecture.js';
import { type Coordinates, toKernel } from '../model/bases/coordinates.js';
import type { Ticket } from './ticket.js';
import { ticketHash } from './ticketHash.js';

/**
 * The same function (to 1e-5) in a larger number of thinner layers: a dense kernel of rank r is a layer `NAME.in` of r units without bias
 * and the layer itself on top, a convolution one with r filters and a 1 x 1 convolution. A kernel whose two factors would hold as
 * many numbers as it has stays one layer. The result has no basis, and its mask keeps all.
 * @throws UserError unless the ticket is in a basis that transforms one side of each kernel, and keeps whole components
 */
export function factorise(ticket: Ticket): Ticket {
  const { architecture, basis } = ticket;
  if (basis === undefined) throw mismatched('ticket to factorise', "one in the basis 'lowRank'", 'no basis', "use 'compact'");
  const weights: Record<string, NdArray> = { ...ticket.weights };
  const split = (layers: readonly Layer[]): Layer[] =>
    layers.flatMap((layer): Layer[] => {
      if (layer.type === 'residual')
        return [{ ...layer, body: split(layer.body), ...(layer.shortcut && { shortcut: split(layer.shortcut) }) }];
      if (layer.type !== 'dense' && layer.type !== 'convolution') return [layer];
      const name = `${layer.name}/kernel`;
      const coordinates = Object.hasOwn(basis.coordinates, name) ? basis.coordinates[name] : undefined;
      if (coordinates === undefined) return [layer];
      const kernel = get(ticket.weights, name);
      const [thin, wide] = factors(name, kernel, get(ticket.mask, name).values, coordinates);
      const rank = wide.shape[0] as number;
      if (size(thin.shape) + size(wide.shape) >= size(kernel.shape)) {
        weights[name] = toKernel(kernel, coordinates);
        return [layer];
      }
      const inner = `${layer.name}.in`;
      if (layer.type === 'dense') {
        weights[`${inner}/kernel`] = thin;
        weights[name] = wide;
        return [{ type: 'dense', name: inner, units: rank, bias: false }, layer];
      }
      weights[`${inner}/kernel`] = ndArray([...kernel.shape.slice(0, 3), rank], thin.values);
      weights[name] = ndArray([1, 1, ...wide.shape], wide.values);
      const { stride: _, padding: __, ...outer } = layer;
      return [
        { ...layer, name: inner, filters: rank, bias: false },
        { ...outer, size: 1 },
      ];
    });
  const factorised = { ...architecture, name: `${architecture.name}~factorised`, layers: split(architecture.layers) };
  const kernels = Object.keys(weights).filter((name) => name.endsWith('/kernel'));
  const mask = denseMask(pick(weights as Arrays, kernels));
  return { architecture: factorised, mask, weights, origin: { parent: ticketHash(ticket), operator: 'factorise', options: {} } };
}

/** [d, r] and [r, n] whose product is the kernel as a matrix. */
function factors(name: string, { values }: NdArray, bits: Uint8Array, { view, matrices, offset }: Coordinates): [NdArray, NdArray] {
  const [rows = 0, columns = 0] = view;
  const [left, right] = matrices;
  const remedy = "use a ticket of the basis 'lowRank'; others are written in weights by 'canonicalTicket'";
  if (view.length !== 2 || (left ? 1 : 0) + (right ? 1 : 0) !== 1 || offset !== undefined)
    throw mismatched(
      `coordinates of '${name}'`,
      'one matrix, on one of two sides',
      `[${view}] with ${matrices.filter(Boolean).length}`,
      remedy,
    );
  const at = (component: number, i: number): number => (left ? component * columns + i : i * columns + component);
  const [count, length] = left ? [rows, columns] : [columns, rows];
  const kept: number[] = [];
  for (let component = 0; component < count; component++) {
    let ones = 0;
    for (let i = 0; i < length; i++) ones += bits[at(component, i)] as number;
    if (ones === length) kept.push(component);
    else if (ones !== 0)
      throw mismatched(`mask of '${name}'`, 'whole components', `${ones} of ${length} coefficients of component ${component}`, remedy);
  }
  // A layer has at least one unit: of a kernel that lost all, the first stays, with zeros.
  const shown = kept.length === 0 ? [0] : kept;
  const matrix = (left ?? right) as NdArray;
  const vector = (component: number, i: number): number => matrix.values[component * count + i] as number;
  const r = shown.length;
  const thin = ndArray([rows, r]);
  const wide = ndArray([r, columns]);
  shown.forEach((component, k) => {
    for (let i = 0; i < rows; i++) thin.values[i * r + k] = left ? vector(component, i) : (values[at(component, i)] as number);
    for (let j = 0; j < columns; j++) wide.values[k * columns + j] = left ? (values[at(component, j)] as number) : vector(component, j);
  });
  return [thin, wide];
}

/** A backbone's ticket in a larger network. Girish et al. 2021, arXiv:2012.04643. */
import { get, sameShape } from '../array.js';
import { mismatched, UserError } from '../check.js';
import { childTicket } from './childTicket.js';
import type { Ticket } from './ticket.js';

/**
 * The target with the masks and values of every array that the source has under the same name and in the same shape; the rest of the
 * target stays as it is. Pruned weights are 0.
 * @param source such as a pruned classifier
 * @param target such as a dense detector with the classifier's layers as its backbone
 * @throws UserError if no array is shared, or a shared one has another shape
 */
export function transferTicket(source: Ticket, target: Ticket): Ticket {
  const shared = Object.keys(target.weights).filter((name) => Object.hasOwn(source.weights, name));
  for (const name of shared) {
    const [a, b] = [get(source.weights, name).shape, get(target.weights, name).shape];
    if (sameShape(a, b)) continue;
    const remedy = 'transfer between networks of one backbone';
    throw mismatched(`'${name}' of '${source.architecture.name}'`, `[${b}] as in '${target.architecture.name}'`, `[${a}]`, remedy);
  }
  if (shared.length === 0) {
    throw new UserError(`nothing to transfer: '${source.architecture.name}' and '${target.architecture.name}' share no parameter`);
  }
  const masks = shared.filter((name) => Object.hasOwn(source.mask, name));
  const from = <T>(names: readonly string[], arrays: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, arrays[name] as T]));
  return childTicket(
    target,
    { mask: { ...target.mask, ...from(masks, source.mask) }, weights: { ...target.weights, ...from(shared, source.weights) } },
    'transfer',
    { source: source.architecture.name, arrays: shared.length },
  );
}

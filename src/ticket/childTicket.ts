import type { Arrays } from '../array.js';
import { applyMask, type Mask } from '../mask.js';
import type { Architecture } from '../model/architecture.js';
import type { Origin, Ticket } from './ticket.js';
import { ticketHash } from './ticketHash.js';

/** A ticket made from another: a smaller mask, a larger architecture, other weights. Pruned weights become 0; the basis stays. */
export function childTicket(
  parent: Ticket,
  { architecture = parent.architecture, mask, weights }: { architecture?: Architecture; mask: Mask; weights: Arrays },
  operator: string,
  options: Origin['options'] = {},
): Ticket {
  return {
    architecture,
    mask,
    weights: applyMask(weights, mask),
    ...(parent.basis && { basis: parent.basis }),
    origin: { parent: ticketHash(parent), operator, options },
  };
}

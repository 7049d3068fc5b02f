import { denseMask } from '../mask.js';
import { fromBasis } from '../model/bases/networkBasis.js';
import { pick } from '../array.js';
import type { Ticket } from './ticket.js';
import { ticketHash } from './ticketHash.js';

/**
 * The same network with its weights in place of coefficients. A sparse ticket of another basis is dense here: its mask keeps all. What has
 * no basis is returned as it is.
 */
export function canonicalTicket(ticket: Ticket): Ticket {
  const { basis, architecture } = ticket;
  if (basis === undefined) return ticket;
  const weights = fromBasis(basis, ticket.weights);
  const mask = denseMask(pick(weights, Object.keys(ticket.mask)));
  return { architecture, mask, weights, origin: { parent: ticketHash(ticket), operator: 'canonical', options: { basis: basis.name } } };
}

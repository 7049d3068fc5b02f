import type { InitialiserName } from '../model/architecture.js';
import { inBasis } from '../model/bases/networkBasis.js';
import { initialise } from '../model/initialise.js';
import { childTicket } from './childTicket.js';
import type { Ticket } from './ticket.js';

/** Control: the same mask with fresh weights. If it trains as well as the ticket, the weights did not matter. In a basis: their coefficients. arXiv:1803.03635 */
export function randomReinitialise(ticket: Ticket, seed: number, initialiser: InitialiserName): Ticket {
  const weights = inBasis(ticket.basis, initialise(ticket.architecture, seed, initialiser));
  return childTicket(ticket, { mask: ticket.mask, weights }, 'reinitialise', { seed, initialiser });
}

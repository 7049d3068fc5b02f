import { pick } from '../array.js';
import { denseMask } from '../mask.js';
import type { Architecture, InitialiserName } from '../model/architecture.js';
import { inBasis, type NetworkBasis } from '../model/bases/networkBasis.js';
import { initialise } from '../model/initialise.js';
import { prunable } from '../model/shapes.js';
import type { Ticket } from './ticket.js';

/**
 * The ticket that keeps every weight of a freshly initialised architecture: where every procedure starts. With a basis it holds the
 * coefficients of the same initial weights.
 */
export function denseTicket(architecture: Architecture, seed: number, initialiser: InitialiserName, basis?: NetworkBasis): Ticket {
  const weights = inBasis(basis, initialise(architecture, seed, initialiser));
  const mask = denseMask(
    pick(
      weights,
      prunable(architecture).map((p) => p.name),
    ),
  );
  return {
    architecture,
    mask,
    weights,
    ...(basis && { basis }),
    origin: { parent: null, operator: 'initialise', options: { initialiser, seed } },
  };
}

import { pick } from '../array.js';
import { denseMask } from '../mask.js';
import type { Architecture, InitialiserName } from '../model/architecture.js';
import { initialise } from '../model/initialise.js';
import { prunable } from '../model/shapes.js';
import type { Ticket } from './ticket.js';

/** The ticket that keeps every weight of a freshly initialised architecture: where every procedure starts. */
export function denseTicket(architecture: Architecture, seed: number, initialiser: InitialiserName): Ticket {
  const weights = initialise(architecture, seed, initialiser);
  const mask = denseMask(
    pick(
      weights,
      prunable(architecture).map((p) => p.name),
    ),
  );
  return { architecture, mask, weights, origin: { parent: null, operator: 'initialise', options: { initialiser, seed } } };
}

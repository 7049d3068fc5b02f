/** A ticket: an architecture, a mask, the weights at the rewinding point, and where it came from. */
import type { Arrays } from '../array.js';
import type { Mask } from '../mask.js';
import type { Architecture } from '../model/architecture.js';
import type { NetworkBasis } from '../model/bases/networkBasis.js';

export interface Ticket {
  readonly architecture: Architecture;
  /** One entry for each prunable parameter. */
  readonly mask: Mask;
  /** Every parameter and statistic at the rewinding point; pruned weights are 0. */
  readonly weights: Arrays;
  /** Where kernels hold coefficients in another basis, which one: mask and weights are then those of the coefficients. */
  readonly basis?: NetworkBasis;
  readonly origin: Origin;
}

/** How a ticket came to be: a node of the lineage. */
export interface Origin {
  /** Hash of the parent ticket, or null for a network that was initialised. */
  readonly parent: string | null;
  /** What made it: `initialise`, `prune`, `rewind`, `deepen`, `reinitialise`, ... */
  readonly operator: string;
  /** The operator's options, as text for people and tables. */
  readonly options: Readonly<Record<string, string | number | boolean | null>>;
}

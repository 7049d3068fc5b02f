/** What a growth operator is: a function from a network to a larger one, and what the step preserves. */
import type { Arrays } from '../array.js';
import type { Mask } from '../mask.js';
import type { Architecture } from '../model/architecture.js';
import type { NetworkBasis } from '../model/bases/networkBasis.js';
import type { Random } from '../random.js';

/** A network in its present state: what growth reads and returns. */
export interface Network {
  readonly architecture: Architecture;
  /** All parameters and statistics by name. */
  readonly weights: Arrays;
  /** One entry for each prunable parameter; new weights are kept (1). */
  readonly mask: Mask;
  /** A network whose kernels hold coefficients in another basis can neither grow nor be made compact as it is. */
  readonly basis?: NetworkBasis;
}

export interface GrowthOperator<Options> {
  readonly name: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** arXiv id or other source. */
  readonly source: string;
  /**
   * `function`: outputs before and after agree to 1e-5 on every input (within the stated conditions);
   * `weights`: old weights are carried bit by bit, the function changes; `mask`: the number of kept weights stays.
   */
  preserves(options: Options): readonly ('function' | 'weights' | 'mask')[];
  /** The larger network. `random` draws new weights. @throws UserError where the architecture has no such place */
  grow(network: Network, options: Options, random: Random): Network;
}

/** What becomes of the weights that a mask keeps, before they are trained again: a mask-1 action of Zhou et al. 2019, arXiv:1905.01067. */
import type { Arrays } from '../../../array.js';
import type { Mask } from '../../../mask.js';
import type { Random } from '../../../random.js';

export interface KeptGiven {
  /** Prunable weights at the start, of the whole network. */
  readonly initial: Arrays;
  readonly mask: Mask;
  /** Another draw from the initialiser, by the same names. */
  readonly fresh: Arrays;
  readonly random: Random;
}

export interface KeptAction {
  /** One sentence for lists and tables. */
  readonly summary: string;
  /** Whether each kept weight starts with the sign that it had. */
  readonly keepsSign: boolean;
  /** Where the kept weights start, by the names of the mask; what stands at pruned places does not matter. Cost O(n). */
  start(given: KeptGiven): Arrays;
}

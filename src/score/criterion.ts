/** What a criterion is: a function from what is known of a trained network to one score for each prunable weight. */
import type { Arrays } from '../array.js';
import type { Mask } from '../mask.js';
import type { Random } from '../random.js';

/** What a criterion may look at. All arrays are by parameter name; gradients are asked for, since they cost a pass over data. */
export interface Evidence {
  /** Weights now (after training), prunable parameters only, pruned ones 0. */
  readonly weights: Arrays;
  /** The same parameters at initialisation (or the rewinding point). */
  readonly initial: Arrays;
  /** The mask so far: scores of pruned weights do not matter. */
  readonly mask: Mask;
  /** A stream for criteria that draw. */
  readonly random: Random;
  /** Derivatives of the network by its weights; see `Derivatives`. Absent where a caller has no network at hand. */
  readonly derivatives?: Derivatives;
}

/** Derivatives that some criteria need, each a pass over the network at `weights * mask`; results are by prunable parameter. */
export interface Derivatives {
  /** dL/dw of the training loss over `examples` images, at the given weights (default: the evidence's). */
  gradient(weights?: Arrays): Promise<Arrays>;
  /** H g, the Hessian of the training loss times the given direction. */
  hessianProduct(direction: Arrays): Promise<Arrays>;
  /**
   * dR/dw where R is the sum of outputs of the network with |weights| for an input of ones, without activation-dependent
   * statistics (SynFlow, arXiv:2006.05467).
   */
  synapticFlow(absoluteWeights: Arrays): Promise<Arrays>;
}

/** Scores by prunable parameter: the larger, the more the weight matters. Finite for every kept weight. */
export interface Criterion {
  /** One sentence for the list that `neoteny` prints. */
  readonly summary: string;
  /** arXiv id or other source. */
  readonly source: string;
  /** Whether `derivatives` must be there. */
  readonly needs: readonly ('initial' | 'derivatives')[];
  score(evidence: Evidence): Promise<Arrays> | Arrays;
}

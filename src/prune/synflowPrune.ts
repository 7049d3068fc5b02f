import { invalid } from '../check.js';
import { density as densityOf, type Mask } from '../mask.js';
import type { Evidence } from '../score/criterion.js';
import { synflow } from '../score/synflow.js';
import { prune } from './prune.js';
import { exponential } from './schedule.js';

export interface SynflowOptions {
  /** Kept share of all weights of the mask that are not excluded, in (0, 1]. */
  readonly density: number;
  /** How many times scores are computed and weights removed. Default 100, as in the paper. */
  readonly rounds?: number;
  /** Parameters that are left as they are. */
  readonly exclude?: readonly string[];
}

/**
 * Iterative synaptic flow pruning, without data: in round k of n the SynFlow scores of the network at its present mask are computed,
 * and all but density^(k / n) of the weights with the highest scores are removed, all layers ranked together. Since each layer's
 * scores sum to the same flow, a layer that grows thin gains score, and no layer dies before the last path does.
 * Tanaka et al. 2020, arXiv:2006.05467. A mask that is sparse at the start goes geometrically from its own density.
 * Cost: one gradient of the network for each round.
 * @throws UserError without derivatives, or if the mask is sparser than the density already
 */
export async function synflowPrune(evidence: Evidence, { density, rounds = 100, exclude = [] }: SynflowOptions): Promise<Mask> {
  const start = densityOf(Object.fromEntries(Object.entries(evidence.mask).filter(([name]) => !exclude.includes(name))));
  if (density > start) throw invalid('density for synflowPrune', `at most ${start}, the density of the mask`, density);
  const share = exponential({ density: density / start, levels: rounds });
  let mask = evidence.mask;
  for (let round = 1; round <= rounds; round++) {
    const scores = await synflow.score({ ...evidence, mask });
    mask = prune(mask, scores, { amount: { density: start * share(round) }, scope: 'global', exclude });
  }
  return mask;
}

/**
 * Dynamic sparse training: sparse from start to end, while connections move. RigL grows by gradient (Evci et al. 2020,
 * arXiv:1911.11134), SET at random (Mocanu et al. 2018, arXiv:1707.04780).
 */
import { type Arrays, get } from '../array.js';
import { UserError } from '../check.js';
import { dropAndGrow } from '../grow/dropAndGrow.js';
import { dropFraction } from '../grow/dropFraction.js';
import type { RegrowChoice } from '../grow/regrow.js';
import type { Mask } from '../mask.js';
import type { Architecture } from '../model/architecture.js';
import type { Random } from '../random.js';
import type { Pause, PausingTraining } from '../train/train.js';
import { carriedSlots } from './carriedSlots.js';

export interface DynamicSparseOptions {
  readonly architecture: Architecture;
  /** How new connections are chosen: `gradient` as in RigL, `random` as in SET. */
  readonly by: RegrowChoice['by'];
  /** Share of each layer's kept weights that the first update moves. RigL: 0.3. */
  readonly share: number;
  /** The iteration from which the mask stays; the share falls to 0 there along half a cosine. */
  readonly end: number;
}

/** The parts that the procedure is made of. */
export interface DynamicSparseParts<Result> {
  /** The training, which yields the network where the mask may change and goes on with what it is given: see `trainInParts`. */
  readonly training: PausingTraining<Result>;
  /** Gradient of the loss by every prunable weight, pruned ones included; asked for only where growth is by gradient. */
  gradients(pause: Pause): Promise<Arrays> | Arrays;
  /** A stream for each iteration, so that a resumed training draws what an undisturbed one does. */
  random(step: number): Random;
}

/** One change of the mask. */
export interface MaskUpdate {
  /** Updates of weights so far. */
  readonly step: number;
  /** Share of the kept weights that were put up for exchange. */
  readonly share: number;
  /** Connections that are new: dropped ones that were chosen again are not. */
  readonly moved: number;
  /** The mask from here on. */
  readonly mask: Mask;
}

/**
 * Yields each change of the mask once it is made, and returns what the training returns. At each pause, in each layer, the share
 * `share / 2 (1 + cos(pi step / end))` of the kept weights with the smallest magnitude goes, and as many connections come: those with the
 * largest |gradient|, or random ones. New weights start at 0 with the optimizer's slots at 0; a weight that was dropped and chosen
 * again at once stays as it is, as in the authors' code. Every layer keeps its number of weights, which is checked at each change.
 */
export async function* dynamicSparseTraining<Result>(
  { architecture, by, share, end }: DynamicSparseOptions,
  { training, gradients, random }: DynamicSparseParts<Result>,
): AsyncGenerator<MaskUpdate, Result> {
  let next = await training.next();
  while (!next.done) {
    const { step, mask, weights, slots } = next.value;
    const fraction = dropFraction(step, end, share);
    const choice = by === 'gradient' ? { by, gradients: await gradients(next.value) } : { by };
    const grown = dropAndGrow.grow({ architecture, weights, mask }, { ...choice, fraction }, random(step));
    // First told, then trained on: a checkpoint of what follows must have it in its rows.
    yield { step, share: fraction, moved: moved(mask, grown.mask, step), mask: grown.mask };
    next = await training.next({ mask: grown.mask, weights: grown.weights, slots: carriedSlots(slots, mask, grown.mask) });
  }
  return next.value;
}

/** How many connections are new. @throws UserError if a layer's number of them changed */
function moved(before: Mask, after: Mask, step: number): number {
  let all = 0;
  for (const [name, { values: is }] of Object.entries(after)) {
    const was = get(before, name).values;
    let [come, gone] = [0, 0];
    for (let i = 0; i < is.length; i++) {
      const change = (is[i] as number) - (was[i] as number);
      if (change > 0) come++;
      else if (change < 0) gone++;
    }
    if (come !== gone)
      throw new UserError(`broken mask: '${name}' lost ${gone} weights and gained ${come} in the mask update at iteration ${step}`);
    all += come;
  }
  return all;
}

/** Pruning at the rewinding step, without training to the end: what elastic tickets are compared with at equal sparsity. */
import { type Arrays, mapEach, pick } from '../../array.js';
import type { Dataset } from '../../dataset/dataset.js';
import { kept, type Mask } from '../../mask.js';
import type { Architecture } from '../../model/architecture.js';
import { prune } from '../../prune/prune.js';
import { synflowPrune } from '../../prune/synflowPrune.js';
import type { Random } from '../../random.js';
import { criteria } from '../../score/criteria.js';
import { derivatives } from '../../train/derivatives.js';
import type { LossName } from '../../train/losses.js';
import type { RunContext } from '../openRun.js';

export interface PrunedAtOnce {
  readonly name: string;
  readonly level: number;
  readonly criterion: 'magnitude' | 'snip' | 'grasp' | 'synflow';
  readonly architecture: Architecture;
  /** Where gradients come from. */
  readonly dataset: Dataset;
  /** Unmasked, at the rewinding step. */
  readonly weights: Arrays;
  /** Says how many weights are to be kept. */
  readonly mask: Mask;
  readonly exclude: readonly string[];
  /** Images for gradients. */
  readonly examples: number;
  readonly loss: LossName;
  readonly random: Random;
}

/**
 * A mask that keeps exactly as many weights as the given one: all layers ranked together, from the dense network, in one shot; SynFlow
 * in its 100 rounds. A stage of its own, since scores take a while.
 */
export async function prunedAtOnce(context: RunContext, options: PrunedAtOnce): Promise<Mask> {
  const { architecture, dataset, weights, mask, exclude, criterion, random } = options;
  const names = Object.keys(mask);
  const dense: Mask = mapEach(mask, ({ shape, values }) => ({ shape, values: new Uint8Array(values.length).fill(1) }));
  const free = names.filter((name) => !exclude.includes(name));
  const { arrays } = await context.stage(options.name, async () => {
    const given =
      criterion === 'magnitude'
        ? undefined
        : await derivatives({
            architecture,
            weights,
            mask: dense,
            dataset,
            examples: Math.min(options.examples, dataset.train.count),
            random,
            loss: options.loss,
            ...(criterion === 'grasp' && { temperature: 200 }),
          });
    const evidence = {
      weights: pick(weights, names),
      initial: pick(weights, names),
      mask: dense,
      random,
      ...(given && { derivatives: given }),
    };
    const keep = kept(pick(mask, free));
    const found =
      criterion === 'synflow'
        ? await synflowPrune(evidence, { density: keep / kept(pick(dense, free)), exclude })
        : prune(dense, await criteria[criterion].score(evidence), { amount: { keep }, scope: 'global', exclude });
    return { arrays: found, info: {} };
  });
  return arrays as Mask;
}

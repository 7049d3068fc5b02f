/** One step of dynamic sparse training: the weakest connections go, as many new ones come. */
import { get, type NdArray } from '../array.js';
import { checkFraction } from '../check.js';
import { applyMask } from '../mask.js';
import { keepTop } from '../prune/keepTop.js';
import { checkNetwork } from './checkNetwork.js';
import type { GrowthOperator } from './growthOperator.js';
import { growIn, growthScores, type RegrowChoice } from './regrow.js';

export interface DropAndGrowOptions extends RegrowChoice {
  /** Share of each layer's kept weights to drop and to grow, rounded down as in RigL. See `dropFraction`. */
  readonly fraction: number;
}

/**
 * In each layer drops the kept weights of smallest magnitude and grows as many pruned ones, from 0; density stays in every layer. A
 * weight that is dropped and chosen again keeps its value, as in the authors' code.
 */
export const dropAndGrow: GrowthOperator<DropAndGrowOptions> = {
  name: 'dropAndGrow',
  summary: 'smallest weights out, as many connections in, in every layer',
  source: 'arXiv:1911.11134; at random: arXiv:1707.04780',
  preserves: () => ['mask'],
  grow(network, options, random) {
    checkNetwork(network);
    checkFraction('fraction to drop and grow', options.fraction);
    const scores = growthScores(network.mask, options, random);
    const mask = Object.fromEntries(
      Object.entries(network.mask).map(([name, { shape, values: bits }]): [string, NdArray<Uint8Array>] => {
        const weights = get(network.weights, name).values;
        const kept: number[] = [];
        for (let i = 0; i < bits.length; i++) if (bits[i] === 1) kept.push(i);
        const n = Math.floor(options.fraction * kept.length);
        const magnitudes = Float32Array.from(kept, (i) => Math.abs(weights[i] as number));
        const stays = keepTop(magnitudes, kept.length - n);
        const strongest = new Uint8Array(bits.length);
        kept.forEach((i, k) => {
          strongest[i] = stays[k] as number;
        });
        return [name, { shape, values: growIn(strongest, get(scores, name).values, n, name) }];
      }),
    );
    return { ...network, mask, weights: applyMask(network.weights, mask) };
  },
};

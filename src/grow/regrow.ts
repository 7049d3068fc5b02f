/** Connections come back: pruned weights are kept again, from 0. */
import { type Arrays, get, mapEach } from '../array.js';
import { checkCount, checkFraction, invalid, lookUp, UserError } from '../check.js';
import { type Mask, maskable } from '../mask.js';
import { keepTop } from '../prune/keepTop.js';
import type { Random } from '../random.js';
import { checkNetwork } from './checkNetwork.js';
import type { GrowthOperator } from './growthOperator.js';

/** How the connections to grow are chosen among the pruned ones. */
export interface RegrowChoice {
  /** `random` as in SET (arXiv:1707.04780), or by the largest |gradient| as in RigL (arXiv:1911.11134). */
  readonly by: 'random' | 'gradient';
  /** Gradient of the loss by each prunable parameter, pruned weights included; for `gradient`. */
  readonly gradients?: Arrays;
}

/** Exactly one of `fraction`, `counts` and `count`. */
export interface RegrowOptions extends RegrowChoice {
  /** Share of each layer's pruned weights, rounded. */
  readonly fraction?: number;
  /** How many weights in each named layer (by parameter). */
  readonly counts?: Readonly<Record<string, number>>;
  /** How many weights in the whole network, the best (or random ones) wherever they are. */
  readonly count?: number;
}

/** Keeps pruned weights again. They start at 0, so the outputs stay to the bit, and learn at once. */
export const regrow: GrowthOperator<RegrowOptions> = {
  name: 'regrow',
  summary: 'pruned connections back from 0, at random or by gradient',
  source: 'arXiv:1911.11134; at random: arXiv:1707.04780',
  preserves: () => ['function', 'weights'],
  grow(network, options, random) {
    checkNetwork(network);
    const { fraction, counts, count } = options;
    if ([fraction, counts, count].filter((given) => given !== undefined).length !== 1) {
      throw new UserError('regrow needs exactly one of fraction, counts and count');
    }
    const scores = growthScores(network.mask, options, random);
    if (count !== undefined) return { ...network, mask: growAnywhere(network.mask, scores, count) };
    if (fraction !== undefined) checkFraction('fraction of the pruned weights to regrow', fraction);
    for (const name of Object.keys(counts ?? {})) get(network.mask, name);
    const mask = mapEach(network.mask, (array, name) => {
      const n = counts?.[name] ?? Math.round((fraction ?? 0) * prunedIn(array.values));
      return { shape: array.shape, values: growIn(array.values, get(scores, name).values, n, name) };
    });
    return { ...network, mask };
  },
};

/** What is grown first: |gradient|, or a random number in [0, 1). Values of kept weights do not matter. */
export function growthScores(mask: Mask, { by, gradients }: RegrowChoice, random: Random): Arrays {
  const rules: Record<RegrowChoice['by'], (name: string, shape: readonly number[], n: number) => Float32Array> = {
    random(_, __, n) {
      const draws = new Float32Array(n);
      for (let i = 0; i < n; i++) draws[i] = random.uniform();
      return draws;
    },
    gradient(name, shape, n) {
      const { values } = get(gradients ?? {}, name);
      if (values.length !== n) throw invalid(`gradient of '${name}'`, `${n} values, shape [${shape}]`, values.length);
      return values.map(Math.abs);
    },
  };
  const rule = lookUp('way to choose connections', by, rules);
  if (by === 'gradient' && gradients === undefined)
    throw new UserError("regrowth by gradient needs `gradients`; pass them, or choose by 'random'");
  return mapEach(mask, ({ shape, values }, name) => ({ shape, values: rule(name, shape, values.length) }));
}

/** The mask entries with the `n` best of the pruned ones set to 1, ties by index. */
export function growIn(bits: Uint8Array, scores: Float32Array, n: number, name: string): Uint8Array {
  checkCount(`number of weights to regrow in '${name}'`, n);
  if (n > prunedIn(bits)) throw invalid(`number of weights to regrow in '${name}'`, `at most the ${prunedIn(bits)} pruned ones`, n);
  // Kept weights are behind all others, whose scores are never negative. Loops, since dynamic sparse training does this every few steps.
  const open = scores.slice();
  for (let i = 0; i < open.length; i++) if (bits[i] === 1) open[i] = -1;
  const grown = keepTop(open, n);
  for (let i = 0; i < grown.length; i++) if (bits[i] === 1) grown[i] = 1;
  return grown;
}

function growAnywhere(mask: Mask, scores: Arrays, count: number): Mask {
  const n = maskable(mask);
  const bits = new Uint8Array(n);
  const all = new Float32Array(n);
  let start = 0;
  for (const [name, { values }] of Object.entries(mask)) {
    bits.set(values, start);
    all.set(get(scores, name).values, start);
    start += values.length;
  }
  const grown = growIn(bits, all, count, 'the network');
  start = 0;
  return mapEach(mask, ({ shape, values }) => {
    start += values.length;
    return { shape, values: grown.slice(start - values.length, start) };
  });
}

function prunedIn(bits: Uint8Array): number {
  let pruned = 0;
  for (let i = 0; i < bits.length; i++) pruned += 1 - (bits[i] as number);
  return pruned;
}

/** How near random sums come to any number: the lemma under strong tickets. Pensia et al. 2020, arXiv:2006.07990; Lueker 1998. */
import { z } from 'zod';
import { deriveSeed, stream } from '../../random.js';
import { coefficientLaws } from '../../ticket/strong/coefficientLaws.js';
import { MOST_VALUES } from '../../ticket/strong/subsetSolver.js';
import { medianRanks, subsetSumErrors } from '../../ticket/strong/subsetSumErrors.js';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import type { Experiment } from './experiment.js';
import { distinct, fractionOption, identity } from './schemas.js';
import { stageName } from './stageName.js';

const arms = {
  uniform: 'the best subset of coefficients that are uniform in [-1, 1]',
  product: 'the same of products of two uniform ones, as two layers of a network give',
  hyperbolic: 'the same of coefficients with density 1/|a|',
  single: 'the best single one of uniform coefficients, as in the first proof of strong tickets',
} as const;

type Arm = keyof typeof arms;

const schema = z.strictObject({
  experiment: z.literal('subsetSums').default('subsetSums'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('uniform')
    .describe('the law of the coefficients, and whether sums are allowed'),
  counts: distinct(z.int().min(1).max(MOST_VALUES))
    .min(1)
    .default([2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24])
    .describe('coefficients for each target'),
  trials: z.int().min(1).max(1_000_000).default(4000).describe('targets for each count, uniform in [-1/2, 1/2]'),
  within: fractionOption.default(0.01).describe('error that counts as near enough'),
});

export type SubsetSumsSpec = z.infer<typeof schema> & Spec;

export const subsetSums: Experiment<SubsetSumsSpec> = {
  name: 'subsetSums',
  summary: 'the error of the best subset of random coefficients by their number, beside the best single one',
  source: 'arXiv:2006.07990',
  schema: schema as unknown as z.ZodType<SubsetSumsSpec>,
  arms,
  presets: {
    default: { summary: '4,000 targets for each of 11 counts up to 24', options: {}, replicates: 3 },
    smoke: {
      summary: '200 targets for 4 counts, to see that everything works',
      options: { counts: [2, 6, 10, 14], trials: 200 },
      replicates: 1,
    },
  },
  parents: () => [],
  updates: (spec) => spec.counts.length * spec.trials,
  run,
};

async function run(spec: SubsetSumsSpec, context: RunContext): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const law = spec.arm === 'single' ? coefficientLaws.uniform : coefficientLaws[spec.arm];
  for (const [i, count] of spec.counts.entries()) {
    await context.stage(stageName('count', count), (inside) => {
      const random = stream(seed, 'subset sums', spec.arm, count);
      const errors = subsetSumErrors({ count, trials: spec.trials, law, choice: spec.arm === 'single' ? 'single' : 'subset', random });
      const [low, high] = medianRanks(spec.trials).map((rank) => errors[rank] as number) as [number, number];
      const at = (p: number): number => errors[Math.round(p * (errors.length - 1))] as number;
      // The median with its 95 % interval, and the middle 95 % of the trials.
      const quantiles = { median: at(0.5), medianLow: low, medianHigh: high, low: at(0.025), high: at(0.975) };
      const near = errors.reduce((sum, error) => sum + (error <= spec.within ? 1 : 0), 0) / errors.length;
      inside.row({ kind: 'point', name: 'subset sum', level: i, values: { count, trials: spec.trials, ...quantiles, near } });
      return { arrays: {}, info: {} };
    });
    context.progress({ arm: spec.arm, share: (i + 1) / spec.counts.length });
  }
}

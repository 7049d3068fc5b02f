/** A ReLU network built by pruning a random one of twice its depth, with a bound on its error. Malach et al. 2020, arXiv:2002.00585. */
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { deriveSeed, stream } from '../../random.js';
import { type ConstructionErrors, constructionErrors } from '../../ticket/strong/constructionErrors.js';
import { MOST_VALUES } from '../../ticket/strong/subsetSolver.js';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import type { Experiment } from './experiment.js';
import { distinct, identity } from './schemas.js';
import { stageName } from './stageName.js';

const arms = {
  sums: 'for each weight and sign of its input, the best subset of random units (Pensia et al.)',
  nearest: 'for each weight and sign of its input, the one nearest random unit (Malach et al.)',
} as const;

type Arm = keyof typeof arms;

const schema = z.strictObject({
  experiment: z.literal('construction').default('construction'),
  ...identity,
  arm: z
    .enum(Object.keys(arms) as [Arm, ...Arm[]])
    .default('sums')
    .describe('which random units stand for a weight'),
  sizes: z.array(z.int().min(1).max(1000)).min(2).default([16, 12, 8, 4]).describe('units of each layer of the target, inputs first'),
  counts: distinct(z.int().min(1).max(MOST_VALUES))
    .min(1)
    .default([2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    .describe('random hidden units for each target weight and sign of its input'),
  targets: z.int().min(1).max(10_000).default(30).describe('random targets for each count'),
  inputs: z.int().min(1).max(1_000_000).default(500).describe('random inputs of length 1 at which each target is compared'),
});

export type ConstructionSpec = z.infer<typeof schema> & Spec;

export const construction: Experiment<ConstructionSpec> = {
  name: 'construction',
  summary: 'random ReLU networks of twice the depth pruned to random targets: the error beside its bound',
  source: 'arXiv:2002.00585',
  schema: schema as unknown as z.ZodType<ConstructionSpec>,
  arms,
  presets: {
    default: { summary: '30 targets 16-12-8-4 for each of 10 counts up to 20', options: {}, replicates: 3 },
    smoke: {
      summary: '3 targets 5-4-2 for 3 counts, to see that everything works',
      options: { sizes: [5, 4, 2], counts: [2, 6, 10], targets: 3, inputs: 100 },
      replicates: 1,
    },
  },
  parents: () => [],
  updates: (spec) => spec.counts.length * spec.targets,
  run,
};

async function run(spec: ConstructionSpec, context: RunContext): Promise<void> {
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const { sizes, inputs, targets } = spec;
  const choice = spec.arm === 'nearest' ? 'single' : 'subset';
  for (const [level, count] of spec.counts.entries()) {
    await context.stage(stageName('count', count), async (inside) => {
      const found: ConstructionErrors[] = [];
      for (let target = 1; target <= targets; target++) {
        // Both arms build the same targets.
        found.push(constructionErrors({ sizes, count, choice, inputs, random: stream(seed, 'construction', count, target) }));
        await setImmediate();
      }
      const sorted = (of: (one: ConstructionErrors) => number): number[] => found.map(of).sort((a, b) => a - b);
      const [errors, bounds, ratios] = [sorted((one) => one.error), sorted((one) => one.bound), sorted((one) => one.error / one.bound)];
      const middle = (list: readonly number[]): number => list[Math.floor((list.length - 1) / 2)] as number;
      const total = (of: (one: ConstructionErrors) => number): number => found.reduce((sum, one) => sum + of(one), 0);
      inside.row({
        ...{ kind: 'point', name: 'construction', level },
        values: {
          ...{
            count,
            targets,
            error: middle(errors),
            maxError: errors.at(-1) as number,
            bound: middle(bounds),
            maxBound: bounds.at(-1) as number,
          },
          // Over 1 the bound would be wrong.
          maxRatio: ratios.at(-1) as number,
          within: found.filter((one) => one.error <= one.bound).length,
          weightError: Math.max(...found.map((one) => one.weightError)),
          ...{
            drawnPerWeight: total((one) => one.drawn) / total((one) => one.weights),
            keptPerWeight: total((one) => one.kept) / total((one) => one.weights),
          },
        },
      });
      return { arrays: {}, info: {} };
    });
    context.progress({ arm: spec.arm, share: (level + 1) / spec.counts.length });
  }
}

/** A sweep as a value: which options of which experiments take which values, in stages. */
import { z } from 'zod';
import { invalid, lookUp, UserError } from '../../check.js';
import { experiments } from '../experiments/experiments.js';
import type { Json } from '../record.js';
import { schemaProblem } from '../schemaProblem.js';

/** Options by name; a dot reaches inside: `learningRate.rate`. */
export type SweepOptions = Readonly<Record<string, Json>>;

/** Runs that are described together: every combination of grid, list entry, replicate and arm is one run. */
export interface SweepStage {
  readonly name: string;
  readonly experiment: string;
  /** Its options come first, its arms and replicates serve where none are given. */
  readonly preset?: string | undefined;
  /** The same in all runs. */
  readonly options: SweepOptions;
  /** For each option the values that it takes; all combinations are run. */
  readonly grid: Readonly<Record<string, readonly Json[]>>;
  /** Sets of options that belong together; each is combined with the grid. */
  readonly list: readonly SweepOptions[];
  readonly arms?: readonly string[] | undefined;
  /** How many, from 1 on, or which. */
  readonly replicates?: number | readonly number[] | undefined;
  /** Stages before this one that must be done first. Tickets that a run reads are waited for in any case. */
  readonly after: readonly SweepOrder[];
}

export interface SweepOrder {
  readonly stage: string;
  /** `all`: every run waits for the whole stage; `each`: the n-th run waits for its n-th. */
  readonly how: 'all' | 'each';
}

export interface Sweep {
  readonly name: string;
  readonly stages: readonly SweepStage[];
}

/** A sweep as it is written: what has a default may be left out, and a sweep of one stage is that stage. */
export type SweepInput = { readonly name?: string } & (
  | { readonly stages: readonly (StageInput & { readonly name?: string })[] }
  | StageInput
);

export interface StageInput extends Partial<Omit<SweepStage, 'experiment' | 'after' | 'name'>> {
  readonly experiment: string;
  readonly after?: string | readonly (string | SweepOrder)[];
}

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'letters, digits and dashes, at most 40');
const json: z.ZodType<Json> = z.json();
const options = z.record(z.string().min(1).max(200), json);
const order = z.union([
  name.transform((stage) => ({ stage, how: 'all' as const })),
  z.strictObject({ stage: name, how: z.enum(['all', 'each']).default('all') }),
]);

const stage = {
  experiment: z.string(),
  preset: z.string().optional(),
  options: options.default({}),
  grid: z.record(z.string().min(1).max(200), z.array(json).min(1)).default({}),
  list: z.array(options).min(1).optional(),
  arms: z.array(z.string()).min(1).optional(),
  replicates: z.union([z.int().min(1).max(100_000), z.array(z.int().min(1)).min(1)]).optional(),
  after: z.union([order.transform((one) => [one]), z.array(order)]).default([]),
};

const severalStages = z.strictObject({
  name: name.default('sweep'),
  stages: z
    .array(z.strictObject({ name: name.optional(), ...stage }))
    .min(1)
    .max(1000),
});
const oneStage = z.strictObject({ name: name.default('sweep'), ...stage });

/**
 * A sweep with all defaults filled in.
 * @throws UserError that names the place, what was expected and what was found
 */
export function readSweep(value: unknown): Sweep {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('sweep', "an object, such as { experiment: 'imp', grid: { levels: [3, 5] } }", value);
  const several = Object.hasOwn(value, 'stages');
  const result = several ? severalStages.safeParse(value) : oneStage.safeParse(value);
  if (!result.success)
    throw new UserError(`invalid sweep: ${schemaProblem(result.error, 'field', Object.keys((several ? severalStages : oneStage).shape))}`);
  const { data } = result;
  const given = 'stages' in data ? data.stages : [{ ...data, name: undefined }];
  const stages = given.map(
    ({ list, ...one }, i): SweepStage => ({
      ...one,
      name: one.name ?? (given.length === 1 ? 'runs' : `stage-${i + 1}`),
      list: list ?? [{}],
    }),
  );
  for (const [i, one] of stages.entries()) checkStage(one, stages.slice(0, i));
  return { name: data.name, stages };
}

/** Set by a field of its own. */
const fields: Readonly<Record<string, string>> = { arm: 'arms', replicate: 'replicates', experiment: 'experiment' };
const refused = new Set(['__proto__', 'constructor', 'prototype', '']);

function checkStage(stage: SweepStage, before: readonly SweepStage[]): void {
  const place = `stage '${stage.name}'`;
  const experiment = lookUp(`experiment of ${place}`, stage.experiment, experiments);
  if (stage.preset !== undefined) lookUp(`preset of ${place}`, stage.preset, experiment.presets);
  for (const arm of stage.arms ?? []) lookUp(`arm of ${place}`, arm, experiment.arms);
  for (const option of [stage.options, stage.grid, ...stage.list].flatMap((part) => Object.keys(part))) {
    const path = option.split('.');
    const field = fields[option];
    if (field !== undefined && Object.hasOwn(fields, option))
      throw new UserError(`invalid option '${option}' in ${place}: it has a field of its own, '${field}'`);
    if (path.some((part) => refused.has(part))) throw invalid(`option in ${place}`, 'the name of an option', option);
  }
  if (before.some(({ name }) => name === stage.name)) throw invalid('names of stages', 'each once', stage.name);
  for (const { stage: name } of stage.after)
    lookUp(`stage in 'after' of ${place} (it must stand before it)`, name, Object.fromEntries(before.map((one) => [one.name, one])));
}

/** From arms and replicates to runs: specs, their keys, and what each must wait for. */
import { checkCount, lookUp, UserError } from '../../check.js';
import type { Json, Spec } from '../record.js';
import { checkBatch } from './checkBatch.js';
import { experiments, readSpec } from './experiments.js';
import { withParents } from './withParents.js';

export interface PlanRequest {
  readonly experiment: string;
  /** Options that differ from the defaults, apart from arm and replicate. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Default: all arms of the experiment. */
  readonly arms?: readonly string[];
  readonly replicates: number;
}

export interface PlannedRun {
  readonly key: string;
  readonly spec: Spec;
  /** Keys of the runs whose tickets it reads; they stand before it in the plan. */
  readonly parents: readonly string[];
  /** Updates of the whole run, about. */
  readonly updates: number;
  /** Whether it was asked for, or is only a parent of one that was. */
  readonly asked: boolean;
}

/**
 * The runs of all arms, replicate by replicate, each behind its parents. Parents that were not asked for are added.
 * @throws UserError for an unknown experiment or arm, options that the experiment refuses, or fewer images than a batch
 */
export function planRuns({ experiment, options = {}, arms, replicates }: PlanRequest): PlannedRun[] {
  const { arms: known } = lookUp('experiment', experiment, experiments);
  checkCount('replicates', replicates, 1);
  const chosen = [...new Set(arms ?? Object.keys(known))];
  if (chosen.length === 0) throw new UserError(`missing arms; known: ${Object.keys(known).join(', ')}`);
  for (const arm of chosen) lookUp(`arm of '${experiment}'`, arm, known);

  const numbers = Array.from({ length: replicates }, (_, i) => i + 1);
  const specs = numbers.flatMap((replicate) => chosen.map((arm) => readSpec({ ...options, experiment, arm, replicate })));
  // Not asked of the combinations of a sweep, of which one that cannot train keeps none of the others from it.
  for (const spec of specs) checkBatch(spec);
  return withParents(specs);
}

/** The arm of a run, or an empty text for an experiment without arms. */
export function armOf(spec: { readonly [option: string]: Json }): string {
  return typeof spec['arm'] === 'string' ? spec['arm'] : '';
}

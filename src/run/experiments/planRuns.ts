/** From arms and replicates to runs: specs, their keys, and what each must wait for. */
import { checkCount, lookUp, UserError } from '../../check.js';
import type { Json, Spec } from '../record.js';
import { experiments, keyOf, readSpec } from './experiments.js';

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
 * @throws UserError for an unknown experiment or arm, or options that the experiment refuses
 */
export function planRuns({ experiment, options = {}, arms, replicates }: PlanRequest): PlannedRun[] {
  const { arms: known, parents, updates } = lookUp('experiment', experiment, experiments);
  checkCount('replicates', replicates, 1);
  const chosen = [...new Set(arms ?? Object.keys(known))];
  if (chosen.length === 0) throw new UserError(`missing arms; known: ${Object.keys(known).join(', ')}`);
  for (const arm of chosen) lookUp(`arm of '${experiment}'`, arm, known);

  const runs = new Map<string, PlannedRun>();
  const add = (spec: Spec, asked: boolean): string => {
    const key = keyOf(spec);
    const there = runs.get(key);
    if (there === undefined) {
      const before = parents(spec).map((parent) => add(parent, false));
      runs.set(key, { key, spec, parents: before, updates: updates(spec), asked });
    } else if (asked && !there.asked) runs.set(key, { ...there, asked });
    return key;
  };
  for (let replicate = 1; replicate <= replicates; replicate++) {
    for (const arm of chosen) add(readSpec({ ...options, experiment, arm, replicate }), true);
  }
  return [...runs.values()];
}

/** The arm of a run, or an empty text for an experiment without arms. */
export function armOf(spec: { readonly [option: string]: Json }): string {
  return typeof spec['arm'] === 'string' ? spec['arm'] : '';
}

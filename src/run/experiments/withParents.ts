/** Runs that were asked for, with those that they need. */
import type { Spec } from '../record.js';
import { lookUp } from '../../check.js';
import { experiments, keyOf } from './experiments.js';
import type { PlannedRun } from './planRuns.js';

/** The runs of some specs, each once, behind its parents. Parents that were not asked for are added. */
export function withParents(specs: readonly Spec[]): PlannedRun[] {
  const runs = new Map<string, PlannedRun>();
  const add = (spec: Spec, asked: boolean): string => {
    const { parents, updates } = lookUp('experiment', spec.experiment, experiments);
    const key = keyOf(spec);
    const there = runs.get(key);
    if (there === undefined) {
      const before = parents(spec).map((parent) => add(parent, false));
      runs.set(key, { key, spec, parents: before, updates: updates(spec), asked });
    } else if (asked && !there.asked) runs.set(key, { ...there, asked });
    return key;
  };
  for (const spec of specs) add(spec, true);
  return [...runs.values()];
}

/** The experiments by name. A new one is one file and one line here. */
import { lookUp, UserError } from '../../check.js';
import type { Json, Spec } from '../record.js';
import { runKey } from '../runKey.js';
import { schemaProblem } from '../schemaProblem.js';
import { adversarial } from './adversarial.js';
import { approximation } from './approximation.js';
import { basis } from './basis.js';
import { boosting } from './boosting.js';
import { elastic } from './elastic.js';
import { construction } from './construction.js';
import { dynamicSparse } from './dynamicSparse.js';
import type { Experiment } from './experiment.js';
import { imp } from './imp.js';
import { juvenile } from './juvenile.js';
import { maskActions } from './maskActions.js';
import { search } from './search.js';
import { profile } from './profile.js';
import { recognition } from './recognition.js';
import { supermask } from './supermask.js';
import { surface } from './surface.js';
import { subsetSums } from './subsetSums.js';

export const experiments: Readonly<Record<string, Experiment>> = {
  juvenile: juvenile as unknown as Experiment,
  imp: imp as unknown as Experiment,
  elastic: elastic as unknown as Experiment,
  dynamicSparse: dynamicSparse as unknown as Experiment,
  basis: basis as unknown as Experiment,
  boosting: boosting as unknown as Experiment,
  adversarial: adversarial as unknown as Experiment,
  subsetSums: subsetSums as unknown as Experiment,
  construction: construction as unknown as Experiment,
  supermask: supermask as unknown as Experiment,
  maskActions: maskActions as unknown as Experiment,
  recognition: recognition as unknown as Experiment,
  approximation: approximation as unknown as Experiment,
  surface: surface as unknown as Experiment,
  search: search as unknown as Experiment,
  profile: profile as unknown as Experiment,
};

/** A spec with every default filled in. @throws UserError that names the wrong option, what was expected and what was found */
export function readSpec(value: unknown): Spec {
  const name = typeof value === 'object' && value !== null && 'experiment' in value ? String(value.experiment) : '';
  const experiment = lookUp('experiment', name, experiments);
  const result = experiment.schema.safeParse(value);
  if (result.success) return experiment.normalise?.(result.data) ?? result.data;
  const options = Object.keys(defaultsOf(name)).filter((option) => option !== 'experiment');
  throw new UserError(`invalid spec of experiment '${name}': ${schemaProblem(result.error, 'option', options)}`);
}

/** The key of a spec: same options, same key. */
export function keyOf(spec: Spec): string {
  return runKey(spec, defaultsOf(spec.experiment));
}

/** What an experiment's empty spec stands for. */
export function defaultsOf(experiment: string): { readonly [option: string]: Json } {
  return lookUp('experiment', experiment, experiments).schema.parse({ experiment });
}

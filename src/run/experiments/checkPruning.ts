/** Whether iterative pruning can go as a spec says. Asked before anything trains: a misspelt layer would show after the dense network. */
import { invalid, UserError, unknown } from '../../check.js';
import { bases } from '../../model/bases/bases.js';
import type { Basis } from '../../model/bases/basis.js';
import { kernelAxes } from '../../model/bases/kernelAxes.js';
import { criteria } from '../../score/criteria.js';
import { iterations } from '../../step.js';
import type { ImpSpec } from './imp.js';
import { plannedImages } from './plannedImages.js';
import { plannedSteps } from './plannedSteps.js';
import { networkOf } from './networkOf.js';

/**
 * Checks the names of `exclude` and `fractions`, the rewinding step, the images for gradients, and that basis and granularity go
 * together.
 * @throws UserError for the first thing that cannot be
 */
export function checkPruning(spec: ImpSpec): void {
  const { granularity }: Basis = bases[spec.basis];
  const names = kernelAxes(networkOf(spec)).map(({ name }) => name);
  if (granularity !== undefined && spec.granularity !== 'weight' && spec.granularity !== granularity)
    throw new UserError(
      `invalid granularity '${spec.granularity}' in the basis '${spec.basis}', which prunes by '${granularity}'; leave it out`,
    );
  const stepsPerEpoch = plannedSteps(spec);
  if (iterations(spec.rewind, stepsPerEpoch) > iterations(spec.length, stepsPerEpoch))
    throw new UserError(`invalid rewinding step ${spec.rewind}: training ends before, at ${spec.length}; rewind to an earlier step`);
  if (spec.levels === 0) return;
  const images = plannedImages(spec);
  if (criteria[spec.criterion].needs.includes('derivatives') && spec.gradientExamples > images)
    throw invalid(`gradientExamples of the criterion '${spec.criterion}'`, `at most the ${images} training images`, spec.gradientExamples);
  for (const name of spec.exclude) if (!names.includes(name)) throw unknown(`excluded parameter of '${spec.model}'`, name, names);
  for (const name of Object.keys(spec.fractions))
    if (!names.includes(name)) throw unknown(`parameter of '${spec.model}' with a fraction of its own`, name, names);
}

/**
 * Lengths of training as text: `'500it'` iterations, `'20ep'` epochs, `'2ep30it'` both.
 * An iteration is one update on one minibatch; an epoch is `stepsPerEpoch` iterations.
 */
import { checkCount, invalid } from './check.js';

/** A length of training, such as `'500it'`, `'20ep'` or `'2ep30it'`. */
export type Step = string;

/**
 * The number of iterations that a step text stands for.
 * @throws UserError if the text is not of that form
 * @example iterations('2ep30it', 100) // => 230
 * @example iterations('500it', 100) // => 500
 */
export function iterations(step: Step, stepsPerEpoch: number): number {
  checkCount('steps per epoch', stepsPerEpoch, 1);
  const match = /^(?:(\d{1,9})ep)?(?:(\d{1,9})it)?$/.exec(step);
  if (match === null || step === '') throw invalid('step', "text such as '500it', '20ep' or '2ep30it'", step);
  return Number(match[1] ?? 0) * stepsPerEpoch + Number(match[2] ?? 0);
}

/**
 * A number of iterations as text, in epochs where it is a whole number of them.
 * @example stepText(200, 100) // => '2ep'
 * @example stepText(230, 100) // => '2ep30it'
 */
export function stepText(count: number, stepsPerEpoch: number): Step {
  checkCount('iterations', count);
  checkCount('steps per epoch', stepsPerEpoch, 1);
  const epochs = Math.floor(count / stepsPerEpoch);
  const rest = count % stepsPerEpoch;
  if (epochs === 0) return `${rest}it`;
  return rest === 0 ? `${epochs}ep` : `${epochs}ep${rest}it`;
}

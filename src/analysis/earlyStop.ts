/** The early-stop iteration: where the validation loss was least, determined after training (Frankle & Carbin, arXiv:1803.03635). */
import type { Evaluation, Row } from '../run/record.js';

export interface EarlyStop {
  /** Iterations of training in the level. */
  readonly step: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  /** Test accuracy at that iteration, if it was evaluated there. */
  readonly testAccuracy: number | undefined;
}

/**
 * The early stop of one level; the first of equal losses; undefined without a validation evaluation. A NaN loss is never the least.
 * @param rows of one run
 */
export function earlyStop(rows: readonly Row[], level: number): EarlyStop | undefined {
  const evaluations = rows.filter((row): row is Evaluation => row.kind === 'evaluation' && row.level === level && row.phase === 'training');
  let best: Evaluation | undefined;
  for (const row of evaluations) {
    if (row.split !== 'validation' || Number.isNaN(row.loss)) continue;
    if (best === undefined || row.loss < best.loss || (row.loss === best.loss && row.step < best.step)) best = row;
  }
  if (best === undefined) return undefined;
  const { step, loss, accuracy } = best;
  const test = evaluations.find((row) => row.split === 'test' && row.step === step);
  return { step, validationLoss: loss, validationAccuracy: accuracy, testAccuracy: test?.accuracy };
}

/** What the recursive grow-and-prune runs say, iteration by iteration: the ground of its table and claims (Zhang 2021, arXiv:2109.03862). */
import type { Evaluation, LevelSummary, RunRecord } from '../run/record.js';

/** One iteration of one run: train, then prune. Accuracies are shares in [0, 1]; undefined where nothing was recorded. */
export interface JuvenileIteration {
  readonly level: number;
  /** Validation accuracy after a fifth of the iteration's training (the first evaluation there), and at its end. */
  readonly early: number | undefined;
  readonly end: number | undefined;
  /** Test accuracy at the end of training, and right after the pruning that follows. */
  readonly test: number | undefined;
  readonly pruned: number | undefined;
  /** Validation accuracy by training step, in order of steps above 0. */
  readonly curve: readonly { readonly step: number; readonly accuracy: number }[];
  /** Kept prunable weights while it trained (new layers whole), and after the pruning that follows. */
  readonly kept: number | undefined;
  readonly keptAfter: number | undefined;
}

export interface JuvenileRun {
  readonly arm: string;
  readonly replicate: number;
  readonly iterations: readonly JuvenileIteration[];
}

/**
 * The juvenile runs among the records, by arm and replicate. Reads evaluations of phase `training` and `pruned`, a pruned one
 * belonging to the level whose training it ends; where there is no validation part, the test part stands in.
 */
export function juvenileRuns(records: readonly RunRecord[]): JuvenileRun[] {
  return records
    .filter(({ spec }) => spec.experiment === 'juvenile' && typeof spec.arm === 'string')
    .map(({ spec, rows }) => {
      const evaluations = rows.filter((row): row is Evaluation => row.kind === 'evaluation');
      const summaries = rows.filter((row): row is LevelSummary => row.kind === 'level');
      const levels = [...new Set(rows.map(({ level }) => level))].sort((a, b) => a - b);
      return {
        arm: spec.arm as string,
        replicate: spec.replicate,
        iterations: levels.map((level) =>
          iteration(
            level,
            evaluations.filter((row) => row.level === level),
            summaries.find((row) => row.level === level),
          ),
        ),
      };
    });
}

function iteration(level: number, evaluations: readonly Evaluation[], summary: LevelSummary | undefined): JuvenileIteration {
  const split = evaluations.some((row) => row.split === 'validation') ? 'validation' : 'test';
  const training = evaluations.filter((row) => row.phase === 'training').sort((a, b) => a.step - b.step);
  const curve = training.filter((row) => row.split === split && row.step > 0).map(({ step, accuracy }) => ({ step, accuracy }));
  const last = curve.at(-1);
  const pruned = evaluations.filter((row) => row.phase === 'pruned');
  return {
    level,
    early: last && curve.find(({ step }) => step >= last.step / 5)?.accuracy,
    end: last?.accuracy,
    test: summary?.testAtEnd ?? training.filter((row) => row.split === 'test').at(-1)?.accuracy,
    pruned: (pruned.find((row) => row.split === 'test') ?? pruned.find((row) => row.split === split))?.accuracy,
    curve,
    kept: summary?.kept,
    keptAfter: pruned.find((row) => row.kept !== undefined)?.kept,
  };
}

/**
 * The first step at which a curve reaches an accuracy, or undefined.
 * @example stepsTo([{ step: 100, accuracy: 0.8 }, { step: 200, accuracy: 0.9 }], 0.85) // => 200
 */
export function stepsTo(curve: readonly { readonly step: number; readonly accuracy: number }[], target: number): number | undefined {
  return curve.find(({ accuracy }) => accuracy >= target)?.step;
}

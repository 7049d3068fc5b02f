/** What a training that is a level of its own writes: measurements as rows, its state in the stage, progress under the stage's name. */
import type { Journal } from '../../train/train.js';
import type { ProgressEvent, RunContext } from '../openRun.js';
import type { StageContext } from '../stage.js';

export interface JournaledStage {
  readonly name: string;
  readonly level: number;
  /** Shown with the progress of this stage. */
  readonly progress?: ProgressEvent;
}

export function stageJournal(context: RunContext, inside: StageContext, { name, level, progress }: JournaledStage): Journal {
  return {
    resume: inside.resume,
    info: inside.info,
    save: (arrays, info) => inside.save(arrays, info as never),
    saveDue: () => inside.saveDue(),
    measured: ({ step, split, loss, accuracy }) =>
      inside.row({ kind: 'evaluation', level, step, split, loss, accuracy, phase: 'training' }),
    progress: ({ step, total, loss, accuracy, stepsPerSecond }) =>
      context.progress({
        ...{ ...progress, stage: name, level, step, steps: total, loss, stepsPerSecond },
        ...(accuracy !== null && { accuracy }),
      }),
  };
}

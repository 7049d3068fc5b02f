/** A training as part of a stage, where a level of its own would say the same twice: resumable, without rows. */
import { type Trained, train, type TrainRequest } from '../../train/train.js';
import type { Trainer } from '../../train/trainer.js';
import type { ProgressEvent, RunContext } from '../openRun.js';
import type { StageContext } from '../stage.js';

/** The trained network; progress is shown under the given event. */
export function quietTraining(
  context: RunContext,
  inside: StageContext,
  trainer: Trainer,
  request: TrainRequest,
  progress: ProgressEvent = {},
): Promise<Trained> {
  return train(trainer, request, {
    resume: inside.resume,
    info: inside.info,
    save: (arrays, info) => inside.save(arrays, info as never),
    saveDue: () => inside.saveDue(),
    measured: () => {},
    progress: ({ step, total, loss, accuracy, stepsPerSecond }) =>
      context.progress({ ...progress, step, steps: total, loss, stepsPerSecond, ...(accuracy !== null && { accuracy }) }),
  });
}

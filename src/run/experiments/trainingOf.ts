import type { TrainerOptions } from '../../train/trainer.js';
import type { RunContext } from '../openRun.js';

type Training = Pick<TrainerOptions, 'optimizer' | 'batchSize' | 'weightDecay' | 'loss' | 'augmentation' | 'engine'>;

/**
 * What a spec says of training, out of all that it says: the part of a trainer's options that experiments pass on as it is.
 * @param context keeps what the engine `auto` chooses with the run
 */
export function trainingOf(
  spec: Training,
  { keepDecision }: Pick<RunContext, 'keepDecision'>,
): Training & Pick<TrainerOptions, 'keepDecision'> {
  const { optimizer, batchSize, weightDecay, loss, augmentation, engine } = spec;
  return { optimizer, batchSize, weightDecay, loss, augmentation, engine, keepDecision };
}

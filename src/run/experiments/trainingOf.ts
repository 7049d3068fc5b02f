import type { TrainerOptions } from '../../train/trainer.js';

type Training = Pick<TrainerOptions, 'optimizer' | 'batchSize' | 'weightDecay' | 'loss' | 'augmentation' | 'engine'>;

/** What a spec says of training, out of all that it says: the part of a trainer's options that experiments pass on as it is. */
export function trainingOf({ optimizer, batchSize, weightDecay, loss, augmentation, engine }: Training): Training {
  return { optimizer, batchSize, weightDecay, loss, augmentation, engine };
}

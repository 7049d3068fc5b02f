/** Trainers of an experiment whose networks change their shape. */
import type { Dataset } from '../../dataset/dataset.js';
import type { Architecture } from '../../model/architecture.js';
import { openTrainer, type Trainer, type TrainerOptions } from '../../train/trainer.js';
import type { RunContext } from '../openRun.js';
import { trainingOf } from './trainingOf.js';

export interface OneTrainer {
  /** The trainer of that architecture; the one before is closed if it was of another. */
  open(network: Architecture): Promise<Trainer>;
  close(): Promise<void>;
}

/** Trainers are opened when something trains, and one at a time: networks of other sizes are other graphs. */
export function oneTrainer(options: Omit<TrainerOptions, 'architecture' | 'dataset'>, dataset: Dataset, context: RunContext): OneTrainer {
  let current: { name: string; trainer: Promise<Trainer> } | undefined;
  const close = async (): Promise<void> => {
    const old = current;
    current = undefined;
    if (old) (await old.trainer).close();
  };
  return {
    close,
    async open(network) {
      const name = JSON.stringify(network);
      if (current?.name !== name) {
        await close();
        current = {
          name,
          trainer: openTrainer({ architecture: network, dataset, ...trainingOf(options, context) }),
        };
      }
      return current.trainer;
    },
  };
}

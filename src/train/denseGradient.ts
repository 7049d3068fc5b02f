/** The gradient of the loss by every weight, pruned ones included: what growth by gradient chooses from. */
import { type Arrays, get, mapEach, pick } from '../array.js';
import { denseMask } from '../mask.js';
import { prunable } from '../model/shapes.js';
import { openTrainer, type TrainerOptions, type Update } from './trainer.js';

export interface DenseGradient {
  /**
   * The gradient on one minibatch, by prunable parameter.
   * @param weights every parameter and statistic; pruned weights are 0
   * @param batch the images, and what names the noise of augmentation and dropout
   */
  at(weights: Arrays, batch: Pick<Update, 'indices' | 'step' | 'seed'>): Arrays;
  /** The engine that computes it. */
  readonly engine: 'compiled' | 'eager' | 'sparse';
  close(): void;
}

/**
 * Opens the training of the same network without a mask. Its gradient is read off one update by plain descent at the rate 1, which takes
 * a weight w to w - g: exact where w is 0, as it is for all pruned weights, and to the rounding of w elsewhere. So any engine gives the
 * gradient in one dense step, in training mode, with the batch's own noise. Weight decay is left out: it is 0 where weights are.
 * @throws UserError as `openTrainer`
 */
export async function openDenseGradient(options: Omit<TrainerOptions, 'optimizer' | 'weightDecay'>): Promise<DenseGradient> {
  const trainer = await openTrainer({ ...options, optimizer: { name: 'sgd' }, weightDecay: 0 });
  const names = prunable(trainer.architecture).map(({ name }) => name);
  return {
    engine: trainer.engine,
    at(weights, batch) {
      const before = pick(weights, names);
      trainer.load(denseMask(before), weights);
      trainer.update([{ ...batch, learningRate: 1 }]);
      const after = trainer.state().weights;
      return mapEach(before, ({ shape, values }, name) => {
        const [gradient, next] = [values.slice(), get(after, name).values];
        for (let i = 0; i < next.length; i++) gradient[i] = (gradient[i] as number) - (next[i] as number);
        return { shape, values: gradient };
      });
    },
    close: () => trainer.close(),
  };
}

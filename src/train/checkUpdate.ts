/** Whether an update can be made: asked by every engine, since a number beyond the training part would name an image to be tested on. */
import { invalid, mismatched } from '../check.js';
import type { Update } from './trainer.js';

/**
 * @param images of the training part
 * @throws UserError unless the batch is full and all of its images are in the training part
 */
export function checkUpdate({ indices }: Update, batchSize: number, images: number): void {
  if (indices.length !== batchSize) throw mismatched('batch', `${batchSize} images`, String(indices.length), 'pass full batches');
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    if (!(index >= 0 && index < images))
      throw invalid(`image number ${i} of a batch, outside the data set's training part`, `0 to ${images - 1}`, index);
  }
}

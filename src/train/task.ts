/** What a network is to learn from its images: what a batch has besides its pixels, what is minimised, what is measured. */
import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { NdArray, Values } from '../array.js';
import { mismatched } from '../check.js';
import type { Dataset, ImageSet, Split } from '../dataset/dataset.js';
import type { Architecture } from '../model/architecture.js';
import { outputShape } from '../model/shapes.js';
import { tf } from '../model/tensorflow.js';
import { type Loss, logLikelihood } from './losses.js';

export type Targets = Readonly<Record<string, Tensor>>;

/** A new task is one file; a trainer that is given none classifies. */
export interface Task {
  /** Arrays over all images, those of the training part first, then validation, then test: first axis the image. */
  readonly targets: Readonly<Record<string, NdArray<Values>>>;
  /** @throws UserError where the network's outputs do not fit */
  check(architecture: Architecture): void;
  /** What an update minimises: a scalar, from the outputs of a batch and the rows of the targets (as float32). */
  loss(outputs: Tensor, targets: Targets): Tensor;
  /** For each image its loss and, in [0, 1], its score: both [batch]. */
  measure(outputs: Tensor, targets: Targets): { loss: Tensor; score: Tensor };
  /** The score of a part as a whole, where it is no mean over images: from the outputs, [count, ...]. Takes the place of `score`. */
  grade?(outputs: Float32Array, split: Split, count: number): number;
  /** Images in one call of an evaluation. Default: by the size of the network, 50 to 1000. */
  readonly evaluationBatch?: number;
}

/** One class for each image; the score is accuracy. */
export function classification(dataset: Dataset, loss: Loss): Task {
  const labelsOf = ({ labels }: Targets): Tensor1D => tf.cast(labels as Tensor, 'int32') as Tensor1D;
  return {
    targets: { labels: perImage(dataset, [], Uint8Array, (part) => dataset[part].labels) },
    check(architecture) {
      const outputs = outputShape(architecture);
      if (outputs.length === 1 && outputs[0] === dataset.classes.length) return;
      const expected = `[${dataset.classes.length}] classes of '${dataset.name}'`;
      throw mismatched(`output of '${architecture.name}'`, expected, `[${outputs}]`, 'change its last layer');
    },
    loss: (logits, targets) => loss({ logits, labels: labelsOf(targets) }),
    measure(logits, targets) {
      const labels = labelsOf(targets);
      const right = tf.equal(tf.cast(tf.argMax(logits, 1), 'int32'), labels);
      return { loss: tf.neg(logLikelihood(logits, labels)), score: tf.cast(right, 'float32') };
    },
  };
}

/** One array over the three parts of a set of images, from an array for each: [images, ...shape]. */
export function perImage<V extends Values>(
  images: ImageSet,
  shape: readonly number[],
  type: new (length: number) => V,
  valuesOf: (split: Split) => V,
): NdArray<V> {
  const each = shape.reduce((product, n) => product * n, 1);
  const splits = ['train', 'validation', 'test'] as const;
  const values = new type(each * splits.reduce((sum, split) => sum + images[split].count, 0));
  let from = 0;
  for (const split of splits) {
    values.set(valuesOf(split).subarray(0, images[split].count * each), from);
    from += images[split].count * each;
  }
  return { shape: [values.length / each, ...shape], values };
}

import type { Arrays, NdArray } from '../array.js';
import { type Dataset, normalise } from '../dataset/dataset.js';
import type { Architecture } from '../model/architecture.js';
import { openTensorflow } from '../model/tensorflow.js';
import { permutation, type Random } from '../random.js';
import { gradMaxEvidence } from './gradMaxEvidence.js';
import type { LossName } from './losses.js';

export interface SampledEvidenceOptions {
  readonly architecture: Architecture;
  readonly weights: Arrays;
  readonly dataset: Dataset;
  /** Images of the training part, at most as many as there are. Default 128. */
  readonly examples?: number;
  /** Draws the images. */
  readonly random: Random;
  /** The layer that is to get units, and the one that reads it. */
  readonly layer: string;
  readonly next: string;
  readonly loss?: LossName;
}

/** The evidence of `gradMaxEvidence` over training images drawn at random. */
export async function sampledEvidence(options: SampledEvidenceOptions): Promise<NdArray> {
  await openTensorflow();
  const { dataset, examples = 128, random, architecture, weights, layer, next, loss } = options;
  const images = permutation(dataset.train.count, random).subarray(0, Math.min(examples, dataset.train.count));
  const each = dataset.shape.reduce((a, b) => a * b, 1);
  const values = new Float32Array(images.length * each);
  images.forEach((image, i) => values.set(normalise(dataset, dataset.train, image, image + 1), i * each));
  return gradMaxEvidence({
    ...{ architecture, weights, layer, next, ...(loss && { loss }) },
    images: { shape: [images.length, ...dataset.shape], values },
    labels: Array.from(images, (image) => dataset.train.labels[image] as number),
  });
}

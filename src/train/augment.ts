/** Augmentations by name: what happens to a training batch before the network sees it. A new one is one function and one line. */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { gather } from '../model/gather.js';
import { tf } from '../model/tensorflow.js';

/** @param x [batch, height, width, channels] @param noise uniform [0, 1) of a shape, new at each step */
export type Augmentation = (x: Tensor4D, noise: (shape: readonly number[]) => Tensor) => Tensor4D;

const PAD = 4;

/**
 * The usual one for CIFAR: 4 pixels of zeros on each side, a random window of the old size, and half of the images mirrored.
 * Zeros are put around the normalised image, as in the field's reference code.
 */
export const cropFlip: Augmentation = (x, noise) => {
  const [batch, height, width, channels] = x.shape;
  const [paddedHeight, paddedWidth] = [height + 2 * PAD, width + 2 * PAD];
  const offset = (): Tensor => tf.cast(tf.floor(tf.mul(noise([batch]), 2 * PAD + 1)), 'int32');
  const [top, left] = [offset(), offset()];
  const mirrored = tf.cast(tf.less(noise([batch]), 0.5), 'int32');
  const padded = tf.pad(x, [
    [0, 0],
    [PAD, PAD],
    [PAD, PAD],
    [0, 0],
  ]);
  // Row and column of each output pixel in the padded image, then its place in the batch laid out flat.
  const rows = tf.add(tf.reshape(top, [batch, 1, 1]), tf.reshape(tf.range(0, height, 1, 'int32'), [1, height, 1]));
  const column = tf.reshape(tf.range(0, width, 1, 'int32'), [1, 1, width]);
  const turn = tf.reshape(mirrored, [batch, 1, 1]);
  const flipped = tf.add(tf.mul(tf.sub(width - 1, tf.mul(column, 2)), turn), column);
  const columns = tf.add(tf.reshape(left, [batch, 1, 1]), flipped);
  const image = tf.reshape(tf.range(0, batch, 1, 'int32'), [batch, 1, 1]);
  const place = tf.add(tf.mul(tf.add(tf.mul(image, paddedHeight), rows), paddedWidth), columns);
  const pixels = tf.reshape(padded, [batch * paddedHeight * paddedWidth, channels]);
  const flat = gather(pixels, tf.reshape(tf.cast(place, 'int32'), [batch * height * width]) as Tensor1D);
  return tf.reshape(flat, [batch, height, width, channels]);
};

export const augmentations = { none: (x) => x, cropFlip } satisfies Record<string, Augmentation>;
export type AugmentationName = keyof typeof augmentations;

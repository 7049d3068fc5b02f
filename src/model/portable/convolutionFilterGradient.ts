import type * as TF from '@tensorflow/tfjs';
import { frame } from './frame.js';

type Four = [number, number, number, number];

/** What TensorFlow.js hands to the kernel Conv2DBackpropFilter. */
export interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'same' | 'valid' | number | TF.backend_util.ExplicitPadding;
  readonly dataFormat?: string;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: Four;
}

/**
 * Gradient of a convolution by its filter, itself a convolution: the input with batch and channels exchanged is convolved with
 * the gradient of the output, which is dilated by the stride.
 *
 * dW[i, j, c, f] = sum over b, y, x of X[b, y*stride + i, x*stride + j, c] dY[b, y, x, f]
 *
 * X is [batch, height, width, channels], dY [batch, out height, out width, filters], the result [size, size, channels, filters].
 */
export function convolutionFilterGradient(
  tf: typeof TF,
  { x, dy }: { readonly x: TF.Tensor4D; readonly dy: TF.Tensor4D },
  { strides, pad, dimRoundingMode, filterShape }: ConvolutionAttributes,
): TF.Tensor4D {
  const shape = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { top, left } = shape.padInfo;
  // With a stride, the last rows of the input may lie under no filter: they are cut off, so that the output is the filter's size.
  const bottom = (shape.outHeight - 1) * shape.strideHeight + shape.filterHeight - shape.inHeight - top;
  const right = (shape.outWidth - 1) * shape.strideWidth + shape.filterWidth - shape.inWidth - left;
  const images = tf.transpose(frame(tf, x, { top, bottom, left, right }), [3, 1, 2, 0]);
  const filters = tf.transpose(dy, [1, 2, 0, 3]);
  const gradient = tf.conv2d(images, filters, 1, 'valid', 'NHWC', [shape.strideHeight, shape.strideWidth]);
  return tf.transpose(gradient, [1, 2, 0, 3]);
}

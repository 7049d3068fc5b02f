import type * as TF from '@tensorflow/tfjs';
import { frame } from './frame.js';

/** What TensorFlow.js hands to the depthwise gradient kernels, but for the shape of the result; it refuses dilation there. */
export interface DepthwiseAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'same' | 'valid' | number | TF.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Gradient of a depthwise convolution by its filter [height, width, channels, multiplier]: for each place (i, j) of the filter,
 * the shifted input times the gradient of the output, summed over batch and place.
 */
export function depthwiseFilterGradient(
  tf: typeof TF,
  { x, dy }: { readonly x: TF.Tensor4D; readonly dy: TF.Tensor4D },
  attributes: DepthwiseAttributes & { readonly filterShape: [number, number, number, number] },
): TF.Tensor4D {
  const { strides, pad, dimRoundingMode, filterShape } = attributes;
  const shape = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode, true);
  const [height, width, channels, multiplier] = filterShape;
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth } = shape;
  const padded = frame(tf, x, shape.padInfo);
  const outputs = tf.reshape(dy, [batchSize * outHeight * outWidth, channels, multiplier]);
  const places: TF.Tensor[] = [];
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const end = [batchSize, i + (outHeight - 1) * strideHeight + 1, j + (outWidth - 1) * strideWidth + 1, channels];
      const seen = tf.stridedSlice(padded, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]);
      places.push(tf.sum(tf.mul(tf.reshape(seen, [batchSize * outHeight * outWidth, channels, 1]), outputs), 0));
    }
  }
  return tf.reshape(tf.stack(places), filterShape);
}

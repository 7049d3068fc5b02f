import type * as TF from '@tensorflow/tfjs';
import type { DepthwiseAttributes } from './depthwiseFilterGradient.js';
import { frame } from './frame.js';
import { spreadOut } from './spreadOut.js';

/**
 * Gradient of a depthwise convolution by its input: the gradient of the output, with zeros between its values where there is a
 * stride, convolved with the turned filter, once for each of the filter's multiplier.
 */
export function depthwiseInputGradient(
  tf: typeof TF,
  { dy, filter }: { readonly dy: TF.Tensor4D; readonly filter: TF.Tensor4D },
  attributes: DepthwiseAttributes & { readonly inputShape: [number, number, number, number] },
): TF.Tensor4D {
  const { strides, pad, dimRoundingMode, inputShape } = attributes;
  const shape = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode, true);
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, inChannels, padInfo } = shape;
  const [height, width, , multiplier] = filter.shape;
  const top = height - 1 - padInfo.top;
  const left = width - 1 - padInfo.left;
  const margins = {
    top,
    left,
    bottom: shape.inHeight + height - 1 - ((outHeight - 1) * strideHeight + 1) - top,
    right: shape.inWidth + width - 1 - ((outWidth - 1) * strideWidth + 1) - left,
  };
  const turned = tf.reverse4d(filter, [0, 1]);
  const outputs = tf.reshape(dy, [batchSize, outHeight, outWidth, inChannels * multiplier]);
  const grouped = tf.reshape(outputs, [-1, inChannels, multiplier]);
  const parts: TF.Tensor4D[] = [];
  for (let m = 0; m < multiplier; m++) {
    const values = tf.reshape(tf.slice(grouped, [0, 0, m], [-1, -1, 1]), [batchSize, outHeight, outWidth, inChannels]) as TF.Tensor4D;
    const spread = frame(tf, spreadOut(tf, values, strideHeight, strideWidth), margins);
    const part = tf.slice4d(turned, [0, 0, 0, m], [height, width, inChannels, 1]);
    parts.push(tf.depthwiseConv2d(spread, part, 1, 'valid'));
  }
  return tf.addN(parts);
}

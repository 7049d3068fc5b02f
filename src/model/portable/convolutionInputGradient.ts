import type * as TF from '@tensorflow/tfjs';
import type { ConvolutionAttributes } from './convolutionFilterGradient.js';
import { frame } from './frame.js';
import { spreadOut } from './spreadOut.js';

/**
 * Gradient of a convolution by its input: the gradient of the output, with zeros between its values where there is a stride,
 * convolved with the turned filter. The kernel of tfjs-backend-wasm 4.22 is right but takes 15 times as long as a convolution.
 *
 * `dy` is [batch, out height, out width, filters], `filter` [size, size, channels, filters], the result [batch, height, width, channels].
 */
export function convolutionInputGradient(
  tf: typeof TF,
  { dy, filter }: { readonly dy: TF.Tensor4D; readonly filter: TF.Tensor4D },
  attributes: Omit<ConvolutionAttributes, 'filterShape'> & { readonly inputShape: [number, number, number, number] },
): TF.Tensor4D {
  const { strides, pad, dimRoundingMode, inputShape } = attributes;
  const shape = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode);
  const { outHeight, outWidth, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = shape;
  const top = filterHeight - 1 - padInfo.top;
  const left = filterWidth - 1 - padInfo.left;
  const margins = {
    top,
    left,
    bottom: shape.inHeight + filterHeight - 1 - ((outHeight - 1) * strideHeight + 1) - top,
    right: shape.inWidth + filterWidth - 1 - ((outWidth - 1) * strideWidth + 1) - left,
  };
  const spread = frame(tf, spreadOut(tf, dy, strideHeight, strideWidth), margins);
  const turned = tf.transpose(tf.reverse4d(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(spread, turned, 1, 'valid');
}

import type * as TF from '@tensorflow/tfjs';

/** What TensorFlow.js hands to the kernel MaxPoolGrad. */
export interface MaxPoolAttributes {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'same' | 'valid' | number | TF.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Gradient of max pooling: the gradient of each output goes to the largest input under its window, the first of equals.
 * The kernel of tfjs-backend-wasm 4.22 loses it where a window has no positive value, since it starts from the smallest
 * positive number.
 */
export function maxPoolGradient(
  tf: typeof TF,
  { dy, input }: { readonly dy: TF.Tensor4D; readonly input: TF.Tensor4D },
  { filterSize, strides, pad, dimRoundingMode }: MaxPoolAttributes,
): TF.Tensor4D {
  const shape = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { batchSize, inHeight, inWidth, outHeight, outWidth, inChannels, filterHeight, filterWidth, padInfo } = shape;
  const x = input.dataSync() as Float32Array;
  const gradient = dy.dataSync() as Float32Array;
  const result = new Float32Array(x.length);
  for (let b = 0; b < batchSize; b++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * shape.strideHeight - padInfo.top;
      const [y0, y1] = [Math.max(0, top), Math.min(inHeight, top + filterHeight)];
      for (let ox = 0; ox < outWidth; ox++) {
        const left = ox * shape.strideWidth - padInfo.left;
        const [x0, x1] = [Math.max(0, left), Math.min(inWidth, left + filterWidth)];
        const out = ((b * outHeight + oy) * outWidth + ox) * inChannels;
        for (let c = 0; c < inChannels; c++) {
          let place = -1;
          let largest = -Infinity;
          for (let iy = y0; iy < y1; iy++) {
            for (let ix = x0, at = ((b * inHeight + iy) * inWidth + x0) * inChannels + c; ix < x1; ix++, at += inChannels) {
              const value = x[at] as number;
              if (value > largest) [largest, place] = [value, at];
            }
          }
          // A window of NaN has no largest value; the NaN shows in the loss.
          if (place >= 0) result[place] = (result[place] as number) + (gradient[out + c] as number);
        }
      }
    }
  }
  return tf.tensor4d(result, input.shape);
}

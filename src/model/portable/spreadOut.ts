import type * as TF from '@tensorflow/tfjs';
import { frame } from './frame.js';

/** Puts `stride - 1` zeros between neighbours: [b, h, w, c] to [b, (h - 1) * strideHeight + 1, (w - 1) * strideWidth + 1, c]. */
export function spreadOut(tf: typeof TF, x: TF.Tensor4D, strideHeight: number, strideWidth: number): TF.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const rows = tf.pad(tf.reshape(x, [batch * height, 1, width * channels]), [
    [0, 0],
    [0, strideHeight - 1],
    [0, 0],
  ]);
  const columns = tf.pad(tf.reshape(rows, [batch * height * strideHeight * width, 1, channels]), [
    [0, 0],
    [0, strideWidth - 1],
    [0, 0],
  ]);
  const wide = tf.reshape(columns, [batch, height * strideHeight, width * strideWidth, channels]) as TF.Tensor4D;
  return frame(tf, wide, { top: 0, left: 0, bottom: 1 - strideHeight, right: 1 - strideWidth });
}

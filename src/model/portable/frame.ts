import type * as TF from '@tensorflow/tfjs';

/** Rows and columns to add at each side of an image; negative ones are cut off. */
export interface Margins {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Pads with zeros or cuts [batch, height, width, channels] by `margins`. */
export function frame(tf: typeof TF, x: TF.Tensor4D, margins: Margins): TF.Tensor4D {
  const cut = (n: number): number => Math.max(0, -n);
  const add = (n: number): number => Math.max(0, n);
  const [batch, height, width, channels] = x.shape;
  const { top, bottom, left, right } = margins;
  const kept = tf.slice4d(
    x,
    [0, cut(top), cut(left), 0],
    [batch, height - cut(top) - cut(bottom), width - cut(left) - cut(right), channels],
  );
  return tf.pad4d(kept, [
    [0, 0],
    [add(top), add(bottom)],
    [add(left), add(right)],
    [0, 0],
  ]);
}

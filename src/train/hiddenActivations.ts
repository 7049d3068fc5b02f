/** What the hidden units of a network say to some images. */
import type { Tensor } from '@tensorflow/tfjs';
import { type Arrays, type NdArray, size } from '../array.js';
import { checkCount } from '../check.js';
import { type Dataset, normalise, type Split } from '../dataset/dataset.js';
import type { Architecture } from '../model/architecture.js';
import { forward } from '../model/forward.js';
import { openTensorflow, tf } from '../model/tensorflow.js';

export interface HiddenActivationsOptions {
  readonly architecture: Architecture;
  /** Every parameter and statistic, pruned weights 0. */
  readonly weights: Arrays;
  readonly dataset: Dataset;
  /** Default train. */
  readonly split?: Split;
  /** The first so many images. Default 512. */
  readonly examples?: number;
}

/**
 * The values after each activation at the top level of the network, in evaluation mode, by the number of its layer: [examples, units],
 * or [examples, height, width, channels].
 */
export async function hiddenActivations(options: HiddenActivationsOptions): Promise<ReadonlyMap<number, NdArray>> {
  await openTensorflow();
  const { architecture, weights, dataset, split = 'train', examples = 512 } = options;
  const count = Math.min(checkCount('examples for activations', examples, 1), dataset[split].count);
  const found = new Map<number, NdArray>();
  const { layers } = architecture;
  tf.tidy(() => {
    const tensors = Object.fromEntries(Object.entries(weights).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
    let x: Tensor = tf.tensor(normalise(dataset, dataset[split], 0, count), [count, ...dataset.shape]);
    layers.forEach((layer, i) => {
      x = forward({ ...architecture, layers: [layer] }, tensors, x);
      if (layer.type === 'activation') found.set(i, { shape: [...x.shape], values: new Float32Array(x.dataSync()) });
    });
  });
  return found;
}

/**
 * How many of the units (last axis) are 0 on all images, and how many there are.
 * @example silentUnits({ shape: [2, 3], values: new Float32Array([0, 1, 0, 0, 0, 2]) }) // => { silent: 1, units: 3 }
 */
export function silentUnits({ shape, values }: NdArray): { silent: number; units: number } {
  const units = shape[shape.length - 1] as number;
  const spoke = new Uint8Array(units);
  for (let i = 0; i < size(shape); i++) if (values[i] !== 0) spoke[i % units] = 1;
  return { silent: units - spoke.reduce((sum, bit) => sum + bit, 0), units };
}

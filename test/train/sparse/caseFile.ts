/** A network, its data and a few updates as one file, for native/test/driver.cpp. */
import { get } from '../../../src/array.js';
import type { Dataset } from '../../../src/dataset/dataset.js';
import type { Mask } from '../../../src/mask.js';
import type { Architecture } from '../../../src/model/architecture.js';
import { initialise } from '../../../src/model/initialise.js';
import { parameters } from '../../../src/model/shapes.js';
import type { AugmentationName } from '../../../src/train/augment.js';
import type { LossName } from '../../../src/train/losses.js';
import { plan } from '../../../src/train/sparse/plan.js';

export interface Case {
  architecture: Architecture;
  dataset: Dataset;
  batchSize: number;
  mask: Mask;
  /** [adam, nesterov, momentum, beta1, beta2, epsilon, weightDecay] */
  optimizer: readonly number[];
  loss: LossName;
  augmentation: AugmentationName;
  updates: number;
}

export function caseFile(c: Case): Uint8Array {
  const numbers = plan(c);
  const weights = initialise(c.architecture, 3, 'heNormal');
  const { train } = c.dataset;
  const whole = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);
  const real = (values: ArrayLike<number>): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
  const ownParameters = parameters(c.architecture).flatMap((p) => {
    const { values } = get(weights, p.name);
    return [whole(values.length, p.prunable ? 1 : 0), real(values), ...(p.prunable ? [get(c.mask, p.name).values] : [])];
  });
  return Buffer.concat([
    whole(numbers.length, ...numbers),
    real(c.optimizer),
    whole(train.count, train.pixels.length / train.count),
    train.pixels,
    train.labels,
    ...ownParameters,
    whole(c.updates, ...Array.from({ length: c.batchSize }, (_, i) => (i * 7) % train.count)),
  ]);
}

/** The gradient of the training loss by every parameter, against central differences of the loss. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import { normalise } from '../../src/dataset/dataset.js';
import type { Architecture } from '../../src/model/architecture.js';
import { forward } from '../../src/model/forward.js';
import { initialise } from '../../src/model/initialise.js';
import { parameters } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { type LossName, losses } from '../../src/train/losses.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';
import { smooth } from '../fixtures/smooth.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

await openTensorflow();
const dataset = tinyDataset();
const COUNT = 24;
const x = tf.tensor4d(normalise(dataset, dataset.train, 0, COUNT), [COUNT, ...dataset.shape]);
const labels = tf.tensor1d([...dataset.train.labels.subarray(0, COUNT)], 'int32');
/** Every fourth value is dropped, the same ones each time. */
const noise = (shape: readonly number[]): Tensor =>
  tf.reshape(
    tf.div(
      tf.mod(
        tf.range(
          0,
          shape.reduce((a, b) => a * b),
        ),
        4,
      ),
      4,
    ),
    [...shape],
  );

for (const [name, architecture] of Object.entries(smallArchitectures)) {
  for (const loss of ['crossEntropy', 'squaredError'] as LossName[]) {
    test(`${name}, ${loss}, smooth`, () => {
      for (const { name: parameter, ratio } of ratios(smooth(architecture), loss, 0.005))
        assert.ok(Math.abs(ratio - 1) < 0.003, `${parameter}: ${ratio}`);
    });
    test(`${name}, ${loss}: steps meet the kinks of ReLU and max pooling, so that single parameters are less exact`, () => {
      const errors = ratios(architecture, loss, 0.0005).map(({ ratio }) => Math.abs(ratio - 1));
      assert.ok(Math.max(...errors) < 0.15, `${errors}`);
      assert.ok((errors.sort((a, b) => a - b)[Math.floor(errors.length / 2)] as number) < 0.01, `${errors}`);
    });
  }
}

/** Rate by differences over |gradient|, for each parameter; `change` is by how much the loss changes over half a step, unless that is long. */
function ratios(architecture: Architecture, loss: LossName, change: number): { name: string; ratio: number }[] {
  const all = Object.fromEntries(
    Object.entries(initialise(architecture, 3, 'heNormal')).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
  );
  const trainable = parameters(architecture).filter((p) => p.trainable);
  const lossOf = (...values: Tensor[]): Tensor => {
    const weights = { ...all, ...Object.fromEntries(trainable.map((p, i) => [p.name, values[i] as Tensor])) };
    return tf.reshape(
      losses[loss]({ logits: forward(architecture, weights, x, { training: true, noise }), labels: labels as Tensor1D }),
      [],
    );
  };
  const values = trainable.map((p) => all[p.name] as Tensor);
  const gradients = tf.grads(lossOf as never)(values);
  return trainable.map((p, i) => {
    const gradient = gradients[i] as Tensor;
    const length = tf.norm(gradient).dataSync()[0] as number;
    // Along the gradient itself the loss changes at the rate |g|. Rounding is about 1e-7 of the loss, far below `change`.
    const at = (distance: number): number => {
      const moved = values.map((value, j) => (i === j ? tf.add(value, tf.mul(gradient, distance / length)) : value));
      return lossOf(...moved).dataSync()[0] as number;
    };
    const step = Math.min(change / length, 0.1);
    const central = (h: number): number => (at(h) - at(-h)) / (2 * h);
    // Richardson: the error of the step's square cancels.
    return { name: p.name, ratio: (4 * central(step) - central(2 * step)) / 3 / length };
  });
}

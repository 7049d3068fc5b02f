/** The gradient by all weights of a pruned network, against automatic differentiation. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get, mapEach, pick } from '../../src/array.js';
import { applyMask, denseMask } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { initialise } from '../../src/model/initialise.js';
import { prunable } from '../../src/model/shapes.js';
import { openTensorflow } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { openDenseGradient } from '../../src/train/denseGradient.js';
import { derivatives } from '../../src/train/derivatives.js';
import { whyNoSparseKernels } from '../../src/train/sparse/kernels.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

const backend = await openTensorflow();
// One batch of all images, so that both ways see the same.
const dataset = tinyDataset({ train: 96 });
const images = Int32Array.from({ length: 96 }, (_, i) => i);
const engines = [
  'eager',
  ...(backend === 'tensorflow' ? (['compiled'] as const) : []),
  ...(whyNoSparseKernels() ? [] : (['sparse'] as const)),
] as const;

for (const name of ['mlp', 'convolution and max pooling', 'BatchNorm and average pooling', 'residual blocks']) {
  const architecture = smallArchitectures[name] as Architecture;
  const names = prunable(architecture).map((p) => p.name);
  const initial = initialise(architecture, 3, 'heNormal');
  const random = stream(1, 'mask', name);
  const mask = mapEach(denseMask(pick(initial, names)), ({ shape, values }) => ({
    shape,
    values: values.map(() => Number(random.uniform() < 0.3)),
  }));
  const weights = applyMask(initial, mask);

  describe(name, () => {
    for (const engine of engines) {
      test(`${engine}: equals automatic differentiation, at pruned weights too`, async () => {
        const { gradient } = await derivatives({ architecture, weights, mask, dataset, examples: 96, random: stream(1, 'sample') });
        const expected = await gradient();
        const opened = await openDenseGradient({ architecture, dataset, batchSize: 96, engine });
        assert.equal(opened.engine, engine);
        const found = opened.at(weights, { indices: images, step: 5, seed: 1 });
        // Nothing is left of the first call.
        assert.deepEqual(opened.at(weights, { indices: images, step: 5, seed: 1 }), found);
        opened.close();
        assert.deepEqual(Object.keys(found), names);
        for (const parameter of names) {
          const [own, other] = [get(found, parameter).values, get(expected, parameter).values];
          const largest = Math.max(...other.map(Math.abs));
          assert.ok(largest > 0);
          const kept = get(mask, parameter).values;
          own.forEach((g, i) => {
            const error = Math.abs(g - (other[i] as number));
            // A kept weight rounds what is taken off it to its own last bits.
            const bound = 2e-4 * largest + (kept[i] === 1 ? 3e-7 : 0);
            assert.ok(error <= bound, `${parameter} at ${i}: ${g}, not ${other[i]}`);
          });
        }
      });
    }
  });
}

import assert from 'node:assert/strict';
import test from 'node:test';
import { type NdArray, ndArray } from '../../../src/array.js';
import { stream } from '../../../src/random.js';
import { constructionBound, reluConstruction, runConstruction } from '../../../src/ticket/strong/reluConstruction.js';

/** Random kernels with the bounds of the theorem: spectral (here Frobenius) norm at most 1. */
function targetOf(seed: number, sizes: readonly number[]): NdArray[] {
  const random = stream(seed, 'target');
  return sizes.slice(1).map((outputs, l) => {
    const inputs = sizes[l] as number;
    const values = Float64Array.from({ length: inputs * outputs }, () => random.normal());
    const norm = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
    return ndArray(
      [inputs, outputs],
      values.map((v) => v / norm),
    );
  });
}

function runTarget(kernels: readonly NdArray[], x: Float64Array): Float64Array {
  return kernels.reduce((now, { shape, values }, l) => {
    const [inputs = 0, outputs = 0] = shape;
    return Float64Array.from({ length: outputs }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += (now[i] as number) * (values[i * outputs + j] as number);
      return l === kernels.length - 1 ? sum : Math.max(0, sum);
    });
  }, x);
}

/** Uniform on the unit sphere, where the error is greatest: both networks are positively homogeneous. */
function worstError(kernels: readonly NdArray[], layers: ReturnType<typeof reluConstruction>, samples: number): number {
  const random = stream(9, 'inputs');
  let worst = 0;
  for (let s = 0; s < samples; s++) {
    const x = Float64Array.from({ length: (kernels[0] as NdArray).shape[0] as number }, () => random.normal());
    const norm = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
    const unit = x.map((v) => v / norm);
    const [found, wanted] = [runConstruction(layers, unit), runTarget(kernels, unit)];
    worst = Math.max(worst, Math.sqrt(found.reduce((sum, v, i) => sum + (v - (wanted[i] as number)) ** 2, 0)));
  }
  return worst;
}

for (const choice of ['subset', 'single'] as const) {
  test(`${choice}: on random targets the error stays below the bound, and falls with the number of units`, () => {
    for (const seed of [1, 2, 3]) {
      const kernels = targetOf(seed, [8, 6, 5, 3]);
      const found = [4, 10, 16].map((count) => {
        const layers = reluConstruction(kernels, { count, choice, random: stream(seed, 'construction', count) });
        const [error, bound] = [worstError(kernels, layers, 300), constructionBound(kernels, layers)];
        assert.ok(error <= bound, `error ${error}, bound ${bound}`);
        return { error, bound };
      });
      const errors = found.map(({ error }) => error);
      assert.ok((errors[0] as number) > (errors[2] as number));
      if (choice === 'subset') assert.ok((found[2]?.bound as number) < (found[0]?.bound as number) / 100);
      // 16 products of a sign's own give subset sums to about 1e-5, while the nearest single one is off by some hundredths.
      assert.equal((errors[2] as number) < 1e-3, choice === 'subset', `${errors}`);
    }
  });
}

test('the construction is a pruned random network: weights in [-1, 1], two hidden units drawn for each candidate', () => {
  const kernels = targetOf(4, [5, 4, 2]);
  const [first, second] = reluConstruction(kernels, { count: 7, choice: 'single', random: stream(1, 'c') });
  assert.deepEqual([first?.drawn, second?.drawn], [2 * 7 * 20, 2 * 7 * 8]);
  // One unit for each sign of each weight.
  assert.deepEqual([first?.into.length, second?.into.length], [40, 16]);
  for (const layer of [first, second]) {
    assert.ok(layer?.into.every((a) => Math.abs(a) <= 1) && layer.from.every((b) => Math.abs(b) <= 1));
    assert.ok(layer?.input.every((i) => i < layer.inputs) && layer.output.every((j) => j < layer.outputs));
  }
  assert.throws(
    () => runConstruction(reluConstruction(kernels, { count: 2, choice: 'single', random: stream(1, 'c') }), [1, 2]),
    /5 numbers/,
  );
  const broken = [ndArray([1, 2], [0.1, Number.NaN])];
  assert.throws(() => reluConstruction(broken, { count: 2, choice: 'single', random: stream(1, 'c') }), /target weight: .*found NaN/);
  assert.throws(() => reluConstruction(kernels, { count: 0, choice: 'single', random: stream(1, 'c') }), /random units.*at least 1/);
});

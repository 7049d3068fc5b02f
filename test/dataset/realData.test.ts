/** The three data sets as they are, from the cache or, on a fresh machine, from their sources. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataStatus } from '../../src/dataset/dataStatus.js';
import type { Dataset } from '../../src/dataset/dataset.js';
import { datasets } from '../../src/dataset/datasets.js';
import { describe } from '../../src/dataset/describe.js';
import { loadDataset } from '../../src/dataset/loadDataset.js';

/** Class counts of training and validation part together. */
function trainingCounts(data: Dataset): number[] {
  const { train, validation } = describe(data).parts;
  return train.perClass.map((n, c) => n + (validation.perClass[c] as number));
}

/** Mean and std by channel of pixel / 255, over training and validation part together. */
function statistics(data: Dataset): { mean: number[]; std: number[] } {
  const channels = data.shape[2];
  const sum = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let n = 0;
  for (const { pixels } of [data.train, data.validation]) {
    for (let i = 0; i < pixels.length; i += channels) {
      for (let c = 0; c < channels; c++) {
        const value = pixels[i + c] as number;
        sum[c] = (sum[c] as number) + value;
        squares[c] = (squares[c] as number) + value * value;
      }
    }
    n += pixels.length / channels;
  }
  const mean = [...sum].map((s) => s / n);
  return { mean: mean.map((m) => m / 255), std: mean.map((m, c) => Math.sqrt((squares[c] as number) / n - m * m) / 255) };
}

/** The constants are given to four digits. */
function assertConstants(data: Dataset): void {
  const { mean, std } = statistics(data);
  mean.forEach((m, c) => assert.ok(Math.abs(m - (data.mean[c] as number)) <= 0.5e-4, `mean of channel ${c}: ${m}`));
  std.forEach((s, c) => assert.ok(Math.abs(s - (data.std[c] as number)) <= 0.5e-4, `std of channel ${c}: ${s}`));
}

test('MNIST', async () => {
  const data = await loadDataset('mnist');
  assert.deepEqual([data.train.count, data.validation.count, data.test.count], [55000, 5000, 10000]);
  assert.equal(data.train.pixels.length, 55000 * 784);
  // Known counts of the digits in the 60,000 and 10,000.
  assert.deepEqual(trainingCounts(data), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  assert.deepEqual(describe(data).parts.test.perClass, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  assert.deepEqual([...data.test.labels.subarray(0, 10)], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  // .1307 and .3081 are the constants that PyTorch's examples use.
  assert.deepEqual([data.mean, data.std], [[0.1307], [0.3081]]);
  assertConstants(data);
});

test('Fashion-MNIST', async () => {
  const data = await loadDataset('fashion-mnist');
  assert.deepEqual([data.train.count, data.validation.count, data.test.count], [55000, 5000, 10000]);
  assert.deepEqual(trainingCounts(data), new Array(10).fill(6000));
  assert.deepEqual(describe(data).parts.test.perClass, new Array(10).fill(1000));
  assert.deepEqual([...data.test.labels.subarray(0, 4)], [9, 2, 1, 1]);
  assertConstants(data);
});

test('CIFAR-10', async () => {
  const data = await loadDataset('cifar-10');
  assert.deepEqual([data.train.count, data.validation.count, data.test.count], [45000, 5000, 10000]);
  assert.equal(data.train.pixels.length, 45000 * 3072);
  assert.deepEqual(trainingCounts(data), new Array(10).fill(5000));
  assert.deepEqual(describe(data).parts.test.perClass, new Array(10).fill(1000));
  // The first test images are a cat, two ships and an airplane; the first pixel of the cat is (158, 112, 49).
  assert.deepEqual([...data.test.labels.subarray(0, 4)], [3, 8, 8, 0]);
  assert.deepEqual([...data.test.pixels.subarray(0, 3)], [158, 112, 49]);
  // The means that the literature uses; they also tell that the channels are red, green, blue.
  assert.deepEqual(data.mean, [0.4914, 0.4822, 0.4465]);
  assertConstants(data);
});

test('a limit, another seed, and later loads', async () => {
  const start = performance.now();
  const a = await loadDataset('mnist', { limit: 1000, validation: 10000 });
  // 0.14 s where it was measured; wide, since tests share the machine.
  assert.ok(performance.now() - start < 3000);
  assert.deepEqual([a.train.count, a.validation.count], [1000, 10000]);
  const b = await loadDataset('mnist', { limit: 1000, validation: 10000, seed: 1 });
  assert.notDeepEqual(a.train.labels, b.train.labels);
});

test('the status says that all are cached, and where they came from', async () => {
  const status = await dataStatus();
  assert.deepEqual(
    status.map((s) => s.name),
    Object.keys(datasets),
  );
  if (process.env['NEOTENY_DATA']) return;
  for (const s of status) {
    assert.ok(s.cached);
    assert.equal(s.bytes, s.bytesComplete);
    assert.ok(s.sources.includes(s.from ?? ''));
  }
});

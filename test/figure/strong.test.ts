/** Figures of strong tickets on tables small enough to work out by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fromRows } from '../../src/analysis/table.js';
import { approximationCurves } from '../../src/figure/approximationCurves.js';
import type { JsonObject } from '../../src/figure/figure.js';
import { subsetSumCurves } from '../../src/figure/subsetSumCurves.js';

const lines = (data: readonly JsonObject[]): JsonObject[] => data.filter((trace) => trace.hoverinfo !== 'skip');

test('subset sums: means over replicates by count, in order, on a logarithmic axis; values that are 0 are left out', () => {
  const points = fromRows([
    ...[10, 2].flatMap((count) => [1, 2].map((replicate) => ({ arm: 'uniform', replicate, count, median: replicate * 10 ** -count }))),
    { arm: 'single', replicate: 1, count: 2, median: 0.3 },
    { arm: 'single', replicate: 1, count: 4, median: 0 },
  ]);
  const { data, layout } = subsetSumCurves(points);
  const [uniform, single] = lines(data);
  assert.deepEqual([uniform?.name, uniform?.x, uniform?.y], ['subset, uniform', [2, 10], [0.015, 1.5e-10]]);
  assert.deepEqual([single?.x, single?.y, (single?.line as JsonObject).dash], [[2], [0.3], 'dash']);
  assert.equal((layout.yaxis as JsonObject).type, 'log');
});

test('approximation: the mean of the targets is a line across', () => {
  const points = fromRows([1, 8].map((count) => ({ arm: 'row', replicate: 1, count, accuracy: count / 10 })));
  const target = fromRows([
    { arm: 'target', testAtEnd: 0.98 },
    { arm: 'target', testAtEnd: 0.96 },
    { arm: 'other', testAtEnd: 0 },
  ]);
  const { data } = approximationCurves(points, { target });
  assert.deepEqual([data[0]?.name, data[0]?.x, data[0]?.y], ['target, mean', [1, 8], [0.97, 0.97]]);
  assert.match(
    String((data[1]?.hovertext as string[])[1]),
    /random coefficients for each weight: 8<br>test accuracy 80.00 %<br>1 replicate/,
  );
  assert.equal(approximationCurves(points).data.length, 1);
});

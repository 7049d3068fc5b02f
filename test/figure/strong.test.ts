/** Figures of strong tickets on tables small enough to work out by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fromRows } from '../../src/analysis/table.js';
import { approximationCurves } from '../../src/figure/approximationCurves.js';
import { approximationDraws } from '../../src/figure/approximationDraws.js';
import { constructionCurves } from '../../src/figure/constructionCurves.js';
import type { JsonObject } from '../../src/figure/figure.js';
import { maskActionCurves } from '../../src/figure/maskActionCurves.js';
import { subsetSumCurves } from '../../src/figure/subsetSumCurves.js';
import { supermaskCurves } from '../../src/figure/supermaskCurves.js';

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

test('constructions: the bound of an arm is dotted in its colour; means over replicates', () => {
  const points = fromRows(
    ['sums', 'nearest'].flatMap((arm) =>
      [1, 2].flatMap((replicate) => [8, 4].map((count) => ({ arm, replicate, count, error: replicate / count, bound: 10 }))),
    ),
  );
  const found = lines(constructionCurves(points).data);
  assert.deepEqual(
    found.map(({ name }) => name),
    ['best subset: measured', 'best subset: bound', 'nearest one: measured', 'nearest one: bound'],
  );
  assert.deepEqual(
    [found[0]?.x, found[0]?.y],
    [
      [4, 8],
      [0.375, 0.1875],
    ],
  );
  const look = found.map(({ line }) => line as JsonObject);
  assert.deepEqual(
    look.map(({ dash }) => dash),
    ['solid', 'dot', 'solid', 'dot'],
  );
  assert.ok(look[0]?.color === look[1]?.color && look[0]?.color !== look[2]?.color);
});

test('draws: every one is a point, the line is their median', () => {
  const points = fromRows(
    [6, 4].flatMap((count) => [0.9, 0.1, 0.4].map((accuracy) => ({ arm: 'row', count, accuracy: accuracy + count / 100 }))),
  );
  const { data } = approximationDraws(points, { reference: { name: '<NumPy>', count: [4], accuracy: [0.5] } });
  assert.equal((data[0]?.x as number[]).length, 6);
  assert.deepEqual(
    [data[1]?.x, data[1]?.y],
    [
      [4, 6],
      [0.44, 0.46],
    ],
  );
  assert.equal(data[2]?.name, '&lt;NumPy&gt;');
});

test('supermasks: masks of thresholds stand at the mean share of their replicates, trained weights are a line', () => {
  const level = (arm: string, replicate: number, density: number, testAtEnd: number) => ({
    arm,
    replicate,
    level: 0,
    density,
    testAtEnd,
    prunable: 100 * replicate,
  });
  const table = fromRows([
    level('bernoulli', 1, 0.49, 0.9),
    level('bernoulli', 2, 0.51, 0.92),
    level('trained', 1, 1, 0.98),
    level('trained', 2, 1, 0.96),
  ]);
  const { data } = supermaskCurves(table);
  assert.deepEqual([data[0]?.name, data[0]?.y], ['trained weights, mean', [0.97, 0.97]]);
  assert.deepEqual([data[1]?.x, data[1]?.y], [[0.5], [0.91]]);
  const byWidth = lines(supermaskCurves(table, { by: 'width' }).data);
  assert.deepEqual(
    byWidth.map(({ name, x }) => [name, x]),
    [
      ['Bernoulli mask', [100, 200]],
      ['trained weights', [100, 200]],
    ],
  );
  assert.equal(supermaskCurves(fromRows([], ['arm', 'level', 'density', 'testAtEnd'])).data.length, 0);
});

test('supermasks: levels of another spec keep their own shares on the same line', () => {
  const level = (key: string, level: number, density: number, testAtEnd: number) => ({ key, arm: 'edge-popup', level, density, testAtEnd });
  const half = [level('supermask-aa-r1', 0, 0.5, 0.5), level('supermask-aa-r2', 0, 0.5, 0.75)];
  const others = [1, 2].flatMap((replicate) => [0.1, 0.7].map((share, i) => level(`supermask-bb-r${replicate}`, i, share, share)));
  const [line] = lines(supermaskCurves(fromRows([...half, ...others])).data);
  assert.deepEqual(
    [line?.x, line?.y],
    [
      [0.1, 0.5, 0.7],
      [0.1, 0.625, 0.7],
    ],
  );
});

test('mask actions: lines by criterion or by action', () => {
  const points = fromRows(
    ['zero', 'freeze'].flatMap((prunedAction) =>
      [0.5, 0.1].map((density) => ({ arm: 'magnitude', replicate: 1, prunedAction, density, accuracy: density })),
    ),
  );
  assert.deepEqual(
    lines(maskActionCurves(points, { group: 'prunedAction' }).data).map(({ name, x }) => [name, x]),
    [
      ['freeze', [0.1, 0.5]],
      ['zero', [0.1, 0.5]],
    ],
  );
  assert.equal((maskActionCurves(points).layout.xaxis as JsonObject).type, 'log');
});

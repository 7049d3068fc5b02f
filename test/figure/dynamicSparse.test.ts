/** The figure and the report of dynamic sparse training. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { dynamicSparseTable } from '../../src/analysis/dynamicSparseTable.js';
import { fromRows } from '../../src/analysis/table.js';
import { accuracyByTime } from '../../src/figure/accuracyByTime.js';
import { dynamicSparseReport } from '../../src/figure/report/dynamicSparseReport.js';
import { htmlReport } from '../../src/figure/report/htmlReport.js';

const row = (arm: string, asked: number, multiple: number, processor: number | null, testAtEnd: number) => ({
  ...{ key: arm, arm, asked, density: asked, multiple, processor, testAtEnd, replicate: 1, steps: 100 * multiple, seconds: processor },
});

test('a panel for each density, points at the mean cost of a length, the dense network in all of them', () => {
  const rows = [
    ...[row('rigl', 0.1, 1, 2, 0.9), row('rigl', 0.1, 1, 4, 0.92), row('rigl', 0.1, 2, 8, 0.95)],
    ...[row('rigl', 0.02, 1, 1, 0.8), row('rigl', 0.02, 2, null, 0.85), row('dense', 1, 1, 20, 0.97)],
  ];
  const { data, layout } = accuracyByTime(fromRows(rows));
  const lines = data.map(({ name, x, y, xaxis }) => ({ name, x, y, xaxis }));
  assert.deepEqual(lines, [
    { name: 'RigL', x: [3, 8], y: [0.91, 0.95], xaxis: 'x' },
    { name: 'dense', x: [20], y: [0.97], xaxis: 'x' },
    { name: 'RigL', x: [1], y: [0.8], xaxis: 'x2' },
    { name: 'dense', x: [20], y: [0.97], xaxis: 'x2' },
  ]);
  assert.deepEqual(
    (layout['annotations'] as { text: string }[]).map(({ text }) => text),
    ['density 0.1', 'density 0.02'],
  );
  // By steps every length is there.
  const bySteps = accuracyByTime(fromRows(rows), { cost: 'steps' });
  assert.deepEqual(bySteps.data[2]?.x, [100, 200]);
});

test('what has no rows yet is an empty figure, and a report that says so', () => {
  assert.deepEqual(accuracyByTime(dynamicSparseTable([])).data, []);
  const report = dynamicSparseReport([]);
  assert.match(htmlReport(report), /Sparse from start to end/);
  assert.match(JSON.stringify(report.sections), /These runs have no timings/);
});

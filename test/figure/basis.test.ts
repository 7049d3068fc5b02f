import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromRows, toRows } from '../../src/analysis/table.js';
import { byCoefficients } from '../../src/figure/byCoefficients.js';
import { filtersByBasis } from '../../src/figure/filtersByBasis.js';
import { fakeBasisLevels, fakeFilters } from '../fixtures/fakeBasis.js';

test('lines stand at what is kept, or at what is stored where a run says so', () => {
  const levels = fakeBasisLevels();
  const lineOf = (figure: ReturnType<typeof byCoefficients>, name: string) =>
    figure.data.find((trace) => trace.name === name && trace.mode === 'lines+markers');
  assert.equal((lineOf(byCoefficients(levels), 'low rank')?.x as number[])[2], 66_550);
  const stored = byCoefficients(levels, { count: 'stored' });
  assert.equal((lineOf(stored, 'low rank')?.x as number[])[2], 1.3 * 66_550);
  assert.equal((lineOf(stored, 'DCT')?.x as number[])[2], 66_550);
  const control = lineOf(stored, 'weights, fresh')?.line as { color: string; dash: string };
  assert.deepEqual([control.color, control.dash], [(lineOf(stored, 'weights')?.line as { color: string }).color, 'dash']);
  const only = byCoefficients(levels, { arms: ['dct'], value: 'earlyStop', band: 'none' });
  assert.deepEqual(
    only.data.map(({ name }) => name),
    ['DCT'],
  );
});

test('filters are read back from their bytes, and bytes that do not fit are refused', () => {
  const points = fakeFilters();
  const figure = filtersByBasis(points, { most: 1 });
  assert.equal(figure.data.length, 5);
  const z = figure.data[1]?.z as number[][];
  assert.deepEqual([z.length, z[0]?.length], [28, 28]);
  // The first filter of the second arm: sin((x + 4 y) / 4) at y = 1, x = 2.
  assert.equal(z[1]?.[2], Number((Math.round(127 * Math.sin(1.5)) / 127).toFixed(2)));
  const broken = fromRows(toRows(points).map((row) => ({ ...row, height: 27 })));
  assert.throws(() => filtersByBasis(broken), /invalid pixels of filter 0: expected 756 bytes, found 784/);
});

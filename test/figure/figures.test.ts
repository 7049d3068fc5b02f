/** Figures on tables small enough to work out by hand. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { fromRows, type TableRow } from '../../src/analysis/table.js';
import { toLevels, toTable } from '../../src/analysis/toTable.js';
import { ndArray } from '../../src/array.js';
import { accuracyByDensity } from '../../src/figure/accuracyByDensity.js';
import { accuracyByIteration } from '../../src/figure/accuracyByIteration.js';
import { curveScale } from '../../src/figure/curveScale.js';
import { depthDensityHeatmap } from '../../src/figure/depthDensityHeatmap.js';
import { earlyStopByDensity } from '../../src/figure/earlyStopByDensity.js';
import { escapeText } from '../../src/figure/escapeText.js';
import type { Figure, JsonObject } from '../../src/figure/figure.js';
import { filters } from '../../src/figure/filters.js';
import { generalisationGap } from '../../src/figure/generalisationGap.js';
import { inputMap } from '../../src/figure/inputMap.js';
import { juvenileCurves } from '../../src/figure/juvenileCurves.js';
import { learningCurves } from '../../src/figure/learningCurves.js';
import { lineage } from '../../src/figure/lineage.js';
import { lossBarrier } from '../../src/figure/lossBarrier.js';
import { maskGrid } from '../../src/figure/maskGrid.js';
import { maskMap } from '../../src/figure/maskMap.js';
import { profileByFactor } from '../../src/figure/profileByFactor.js';
import { pareto } from '../../src/figure/pareto.js';
import { colors, densityAxis, ordinal, styleOf } from '../../src/figure/theme.js';
import { weightHistogram } from '../../src/figure/weightHistogram.js';
import { mask } from '../../src/mask.js';
import { fakeJuvenileRecords } from '../fixtures/fakeRecords.js';

/** Compares with test/figure/snapshots/NAME.json. UPDATE_SNAPSHOTS=1 writes it instead; an absent one fails. */
function checkSnapshot(name: string, figure: Figure): void {
  const file = new URL(`../../../test/figure/snapshots/${name}.json`, import.meta.url);
  if (process.env.UPDATE_SNAPSHOTS === '1') writeFileSync(file, `${JSON.stringify(figure, null, 1)}\n`);
  assert.deepEqual(figure, JSON.parse(readFileSync(file, 'utf8')));
}

const level = (arm: string, replicate: number, n: number, density: number, test: number, earlyStop: number): TableRow => ({
  ...{
    key: `${arm}${replicate}`,
    arm,
    replicate,
    level: n,
    density,
    testAtEarlyStop: test,
    testAtEnd: test,
    trainAtEnd: test + 0.01 * density,
    earlyStop,
  },
  ...{
    depth: 3,
    kept: Math.round(1000 * density),
    ticket: `${arm}${replicate}-${n}`,
    parent: n === 0 ? null : `${arm}${replicate}-${n - 1}`,
    operator: n === 0 ? 'initialise' : 'prune',
  },
});
const levels = fromRows([
  ...[level('reinitialise', 1, 1, 0.5, 0.97, 900), level('reinitialise', 2, 1, 0.5, 0.96, 1100)],
  ...[level('ticket', 1, 0, 1, 0.98, 800), level('ticket', 2, 0, 1, 0.97, 600)],
  ...[level('ticket', 1, 1, 0.5, 0.99, 400), level('ticket', 2, 1, 0.5, 0.98, 200)],
]);

test('accuracyByDensity: mean line, band from least to greatest, dashed control, dotted dense line', () => {
  const figure = accuracyByDensity(levels);
  const [dense, band, ticket, control] = figure.data as [JsonObject, JsonObject, JsonObject, JsonObject];
  assert.deepEqual(dense.y, [0.975, 0.975]);
  assert.equal((dense.line as JsonObject).dash, 'dot');
  assert.deepEqual([ticket.name, ticket.x, ticket.y], ['ticket', [1, 0.5], [0.975, 0.985]]);
  // The band goes along the upper edge and back along the lower one.
  assert.deepEqual(
    [band.x, band.y],
    [
      [1, 0.5, 0.5, 1],
      [0.98, 0.99, 0.98, 0.97],
    ],
  );
  assert.equal(band.legendgroup, ticket.legendgroup);
  assert.deepEqual(
    [control.name, (control.line as JsonObject).dash, (ticket.line as JsonObject).dash],
    ['random reinitialisation', 'dash', 'solid'],
  );
  assert.notEqual((control.marker as JsonObject).symbol, (ticket.marker as JsonObject).symbol);
  assert.equal(
    (ticket.hovertext as string[])[1],
    '<b>ticket</b><br>density 0.5<br>accuracy 0.9850<br>2 replicates: accuracy 0.9800 to accuracy 0.9900',
  );
  const xaxis = figure.layout.xaxis as JsonObject;
  assert.deepEqual([xaxis.type, xaxis.tickvals, xaxis.ticktext], ['log', [1, 0.5], ['1', '0.5']]);
  const [left, right] = xaxis.range as [number, number];
  assert.ok(left > 0 && right < Math.log10(0.5), 'from 1 on the left to little on the right');
  checkSnapshot('accuracyByDensity', figure);
});

test('the interval band is the t interval, and one replicate has none', () => {
  const [, band] = accuracyByDensity(levels, { band: 'interval' }).data as [JsonObject, JsonObject];
  // mean 0.985, sd 0.00707, t(1) = 12.7062: 0.985 + 12.7062 * 0.00707 / sqrt(2) = 0.985 + 0.063531
  assert.ok(Math.abs(((band.y as number[])[1] as number) - 1.048531) < 1e-6);
  const single = accuracyByDensity(levels.filter((d: { replicate: number }) => d.replicate === 1));
  assert.ok(single.data.every((trace) => trace.fill === undefined));
});

test('early stop and generalisation gap by density', () => {
  const ticket = earlyStopByDensity(levels, { band: 'none' }).data.find(({ name }) => name === 'ticket');
  assert.deepEqual(ticket?.y, [700, 300]);
  const gap = generalisationGap(levels, { band: 'none' }).data.find(({ name }) => name === 'ticket');
  assert.deepEqual(
    ((gap?.y ?? []) as number[]).map((value) => value.toFixed(6)),
    ['0.010000', '0.005000'],
  );
});

test('a density axis has plain numbers at 1, 0.5, 0.2 ... down to the least', () => {
  assert.deepEqual(densityAxis([1, 0.019]).ticktext, ['1', '0.5', '0.2', '0.1', '0.05', '0.02']);
  assert.deepEqual(densityAxis([1, 0.0009]).ticktext, ['1', '0.5', '0.2', '0.1', '0.05', '0.02', '0.01', '0.005', '0.002', '0.001']);
});

const curve = (arm: string, replicate: number, n: number, accuracies: readonly number[], pruned: number): TableRow[] => [
  ...accuracies.flatMap((accuracy, i) =>
    ['train', 'validation', 'test'].map(
      (split): TableRow => ({
        key: `${arm}${replicate}`,
        arm,
        replicate,
        level: n,
        step: 100 * (i + 1),
        split,
        phase: 'training',
        accuracy,
        loss: 1 - accuracy,
      }),
    ),
  ),
  {
    key: `${arm}${replicate}`,
    arm,
    replicate,
    level: n,
    step: 100 * accuracies.length,
    split: 'test',
    phase: 'pruned',
    accuracy: pruned,
    loss: 1,
  },
];
const evaluations = fromRows([
  ...[...curve('reset', 1, 0, [0.5, 0.9], 0.2), ...curve('reset', 2, 0, [0.6, 0.92], 0.4)],
  ...[...curve('reset', 1, 1, [0.7, 0.8], 0.8), ...curve('reset', 2, 1, [0.7, 0.84], 0.82)],
]);

test('accuracyByIteration: the end of training above, right after pruning below', () => {
  const figure = accuracyByIteration(evaluations);
  const lines = figure.data.filter((trace) => trace.fill === undefined);
  assert.deepEqual(
    lines.map(({ yaxis, x }) => [yaxis, x]),
    [
      ['y', [0, 1]],
      ['y2', [0, 1]],
    ],
  );
  const near = (found: unknown, expected: readonly number[]) =>
    assert.ok(
      (found as number[]).every((v, i) => Math.abs(v - (expected[i] as number)) < 1e-12),
      `${found}`,
    );
  near(lines[0]?.y, [0.91, 0.82]);
  near(lines[1]?.y, [0.3, 0.81]);
  assert.deepEqual(
    lines.map(({ showlegend }) => showlegend),
    [true, false],
  );
  checkSnapshot('accuracyByIteration', figure);
});

test('juvenileCurves: one panel an arm, one colour an iteration, training dotted', () => {
  const figure = juvenileCurves(toTable(fakeJuvenileRecords(2)));
  const lines = figure.data.filter((trace) => trace.fill === undefined);
  assert.equal(lines.length, 5 * 6 * 2);
  assert.equal(lines.filter(({ showlegend }) => showlegend).length, 6, 'one legend entry an iteration');
  assert.equal(new Set(lines.map(({ line }) => (line as JsonObject).color)).size, 6);
  assert.deepEqual(new Set(lines.map(({ line }) => (line as JsonObject).dash)), new Set(['solid', 'dot']));
  assert.equal((figure.layout.annotations as JsonObject[]).length, 5);
  const ranges = Object.entries(figure.layout)
    .filter(([id]) => id.startsWith('yaxis'))
    .map(([, axis]) => JSON.stringify((axis as JsonObject).range));
  assert.equal(new Set(ranges).size, 1, 'panels share their scale');
});

test('learningCurves by arm, by level and by split', () => {
  assert.deepEqual(learningCurves(evaluations, { band: 'none' }).data[0]?.y, [0.55, 0.91]);
  const byLevel = learningCurves(evaluations, { level: 'all', group: 'level', band: 'none' });
  assert.deepEqual(
    byLevel.data.map(({ name }) => name),
    ['level 0', 'level 1'],
  );
  assert.deepEqual(
    learningCurves(evaluations, { group: 'split', band: 'none' }).data.map(({ name }) => name),
    ['test', 'train', 'validation'],
  );
});

test('depthDensityHeatmap: means in cells, white where nothing ran', () => {
  const rows = [
    { depth: 3, density: 1, testAtEarlyStop: 0.9 },
    { depth: 3, density: 1, testAtEarlyStop: 0.8 },
    { depth: 5, density: 0.512, testAtEarlyStop: 0.7 },
  ];
  const [heat] = depthDensityHeatmap(fromRows(rows)).data as [JsonObject];
  assert.deepEqual(
    [heat.x, heat.y],
    [
      ['1', '0.51'],
      ['3', '5'],
    ],
  );
  const z = heat.z as (number | null)[][];
  assert.ok(Math.abs((z[0]?.[0] as number) - 0.85) < 1e-12);
  assert.deepEqual([z[0]?.[1], z[1]?.[0], z[1]?.[1]], [null, null, 0.7]);
  assert.match((heat.hovertext as string[][])[0]?.[1] ?? '', /no run$/);
});

test('maskMap shows small masks weight by weight and large ones by blocks', () => {
  const small = mask({ 'a/kernel': { shape: [2, 3], values: [1, 0, 0, 0, 1, 1] } });
  const [map] = maskMap(small, 'a/kernel').data as [JsonObject];
  assert.deepEqual(map.z, [
    [1, 0, 0],
    [0, 1, 1],
  ]);
  // 5 x 2 in at most 3 rows: blocks of 2 rows, the last of 1. Kept: 1 1 | 1 0 | 0 1 | 0 0 | 1 0
  const grid = maskGrid({ shape: [5, 2], values: Uint8Array.of(1, 1, 1, 0, 0, 1, 0, 0, 1, 0) }, 3);
  assert.deepEqual([grid.rows, grid.columns, [...grid.values], grid.block], [3, 2, [1, 0.5, 0, 0.5, 1, 0], [2, 1]]);
  assert.throws(() => maskMap(small, 'b'), /missing array 'b'.*a\/kernel/);
});

test('inputMap counts kept weights by pixel over channels', () => {
  // A 1 x 2 image of 2 channels, 2 units: rows pixel0/red, pixel0/green, pixel1/red, pixel1/green.
  const m = mask({ k: { shape: [4, 2], values: [1, 1, 0, 1, 0, 0, 1, 0] } });
  assert.deepEqual(inputMap(m, 'k', [1, 2, 2]).data[0]?.z, [[3, 1]]);
  assert.throws(() => inputMap(m, 'k', [3, 3, 1]), /mismatched mask 'k': expected 9 inputs/);
});

test('filters lays units out as tiles with one scale about zero', () => {
  // Two units over a 1 x 2 image: unit 0 sees (1, -2), unit 1 sees (0.5, 0).
  const [tiles] = filters(ndArray([2, 2], [1, 0.5, -2, 0]), { input: [1, 2, 1] }).data as [JsonObject];
  assert.deepEqual([tiles.z, tiles.zmin, tiles.zmax], [[[1, -2, null, 0.5, 0]], -2, 2]);
  // A convolution of 1 x 1, two input channels, two filters: the mean over channels.
  assert.deepEqual(filters(ndArray([1, 1, 2, 2], [1, 2, 3, 4])).data[0]?.z, [[2, null, 3]]);
  assert.throws(() => filters(ndArray([2, 2], [1, 2, 3, 4])), /mismatched kernel/);
});

test('lineage joins parent and child and survives a ring of parents', () => {
  const [links, roots, pruned] = lineage(levels).data as [JsonObject, JsonObject, JsonObject];
  assert.deepEqual([roots.name, roots.x], ['initialise', [0, 0]]);
  assert.deepEqual([pruned.name, pruned.x], ['prune', [1, 1, 1, 1]]);
  assert.deepEqual(links.x, [0, 1, null, 0, 1, null], 'the parents of the control are not in the table');
  const ring = ['x', 'y'].map((ticket, i) => ({ ...level('ticket', 1, i, 1, 0.9, 1), ticket, parent: ticket === 'x' ? 'y' : 'x' }));
  assert.equal(lineage(fromRows(ring)).data.length > 0, true);
});

test('lossBarrier names each barrier', () => {
  const path = [0, 0.5, 1].map((alpha, i) => ({ name: 'pair', alpha, error: [0.02, 0.5, 0.04][i] as number }));
  assert.equal(lossBarrier(fromRows(path)).data[0]?.name, 'pair (barrier 0.470)');
});

test('pareto draws the frontier that no point beats', () => {
  const [line] = pareto(levels).data as [JsonObject];
  assert.deepEqual([line.x, line.y], [[500], [0.99]]);
});

test('weightHistogram counts kept weights only', () => {
  const weights = { k: ndArray([4], [-1, 0.9, 0.1, 1]) };
  const m = mask({ k: { shape: [4], values: [1, 1, 0, 1] } });
  assert.deepEqual(weightHistogram(weights, m, { bins: 2 }).data[0]?.y, [1, 2]);
});

test('a table without a column, and a table without rows', () => {
  assert.throws(
    () => accuracyByDensity(fromRows([{ arm: 'a', level: 0 }])),
    /missing column 'density' in the table for the figure 'Accuracy by density'/,
  );
  const empty = [
    accuracyByDensity(toLevels([])),
    accuracyByIteration(toTable([])),
    juvenileCurves(toTable([])),
    lineage(toLevels([])),
    depthDensityHeatmap(toLevels([])),
  ];
  for (const { data, layout } of empty) {
    assert.ok(data.every(({ x }) => (x as unknown[]).length === 0));
    assert.deepEqual(JSON.parse(JSON.stringify(layout)), layout, 'no Infinity in the axes');
  }
});

test('styles: known arms keep theirs, unknown ones differ in colour and marker', () => {
  assert.deepEqual(styleOf('ticket', 5), styleOf('ticket', 0));
  const unknown = colors.map((_, i) => styleOf('mine', i));
  assert.equal(new Set(unknown.map(({ color }) => color)).size, colors.length);
  assert.equal(new Set(unknown.map(({ symbol }) => symbol)).size, colors.length);
});

test('names from data are text, never markup', () => {
  const evil = '<script>alert(1)</script>%{y}$x$';
  const hostile = fromRows(levels.objects().map((row) => ({ ...(row as TableRow), arm: evil, key: evil, operator: evil, ticket: evil })));
  const drawn = [
    accuracyByDensity(hostile, { title: evil }),
    lineage(hostile, evil),
    pareto(hostile, { costTitle: evil, valueTitle: evil, title: evil }),
  ];
  for (const figure of drawn) {
    const text = JSON.stringify(figure);
    assert.ok(text.includes(escapeText('<script>')), 'the name is there');
    assert.ok(!text.includes('<script') && !text.includes('%{y}') && !text.includes('$x'), text.slice(0, 300));
  }
});

test('the scale of curves leaves out the start and the worst 3 %, and nothing more', () => {
  const rows = Array.from({ length: 101 }, (_, i) => ({ step: i, accuracy: i === 0 ? 0.1 : i === 1 ? 0.5 : 0.9, loss: i === 1 ? 9 : 1 }));
  // 100 values after step 0: the 3rd percentile is 0.9, so the range is 0.9 with the least margin of 0.001.
  assert.deepEqual(curveScale(rows, 'accuracy'), [0.899, 0.901]);
  assert.deepEqual(curveScale(rows, 'loss'), [0.999, 1.001]);
  assert.deepEqual(curveScale([], 'loss'), [0, 1]);
});

test('colours in order pass through the stops and differ for many levels', () => {
  assert.deepEqual([ordinal(0), ordinal(0.2), ordinal(1), ordinal(7)], ['#440154', '#414487', '#c8b400', '#c8b400']);
  assert.equal(new Set(Array.from({ length: 20 }, (_, i) => ordinal(i / 19))).size, 20);
});

test('profiles by factor: replicates average their tickets, the best factor is on top, the first network is no ticket', () => {
  const row = (arm: string, replicate: number, at: number, gain: number | null): TableRow => ({ arm, replicate, level: at, gain });
  const table = fromRows([
    ...[row('base', 1, 0, 9), row('base', 1, 1, 0.1), row('base', 1, 2, 0.3), row('base', 2, 1, 0.4)],
    ...[row('<b>', 1, 1, 0.5), row('<b>', 1, 2, null), row('none', 1, 1, null)],
  ]);
  const { data, layout } = profileByFactor(table, { values: ['gain'] }) as unknown as {
    data: { x: number[]; y: number[]; error_x: { array: number[] } }[];
    layout: { yaxis: { ticktext: string[] }; shapes: { x0: number }[] };
  };
  const near = (found: readonly number[], expected: readonly number[]): void =>
    found.forEach((value, i) => assert.ok(Math.abs(value - (expected[i] as number)) < 1e-12));
  assert.deepEqual(layout.yaxis.ticktext, ['&lt;b&gt;', 'base', 'none']);
  assert.deepEqual(data[0]?.y, [0, 1]);
  // Base: replicate 1 has (0.1 + 0.3) / 2, replicate 2 has 0.4.
  near(data[0]?.x as number[], [0.5, 0.3]);
  near(data[0]?.error_x.array as number[], [0, 0.1]);
  near([layout.shapes[0]?.x0 as number], [0.3]);
});

/** A value of the levels against their density: the figure of the lottery ticket papers, for any column. */
import { armLabel, sortArms } from '../analysis/arms.js';
import { checkColumns, groupRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { series } from './series.js';
import { type Band, type Summary, summarise } from './summarise.js';
import { axis, densityAxis, layout, styleOf } from './theme.js';

export interface ByDensityOptions {
  /** The band over replicates: `range` (least to greatest), `interval` (95 %), `none`. Default `range`, as in the papers. */
  readonly band?: Band;
  /** The column that tells the lines apart. Default `arm`. */
  readonly group?: string;
  readonly title?: string;
}

export interface ByDensityDrawing extends ByDensityOptions {
  /** The value of a row; undefined leaves it out. */
  readonly value: (row: TableRow) => number | undefined;
  readonly columns: readonly string[];
  readonly title: string;
  /** Title of the y axis, with its unit. */
  readonly yTitle: string;
  /** The value as text with its unit. */
  readonly format: (value: number) => string;
  /** Whether a dotted line marks the mean of level 0 of the first group. */
  readonly denseLine?: boolean;
}

/** The figure. Levels are the points of a line; x is the mean density of a level's replicates. */
export function byDensity(levels: Table, drawing: ByDensityDrawing): Figure {
  const { value, group = 'arm', band = 'range', denseLine = false } = drawing;
  checkColumns(`the figure '${drawing.title}'`, levels, [group, 'level', 'density', ...drawing.columns]);
  const rows = toRows(levels).filter((row) => value(row) !== undefined);
  const names = sortArms(rows.map((row) => String(row[group])));
  const hover = { x: (x: number) => `density ${Number(x.toPrecision(3))}`, y: drawing.format };
  const points = names.map((name) =>
    pointsOf(
      rows.filter((row) => String(row[group]) === name),
      value,
    ),
  );
  const data = names.flatMap((name, i) => series(points[i] ?? [], { name: armLabel(name), style: styleOf(name, i), band, hover }));
  const dense = denseLine ? points.flat().find(({ level }) => level === 0) : undefined;
  const densities = points.flat().map(({ x }) => x);
  return {
    data: dense === undefined ? data : [denseTrace(dense.summary, densities, drawing.format), ...data],
    layout: layout(escapeText(drawing.title), { xaxis: densityAxis(densities), yaxis: axis(escapeText(drawing.yTitle)) }),
  };
}

function pointsOf(rows: readonly TableRow[], value: (row: TableRow) => number | undefined) {
  return groupRows(rows, ['level'])
    .flatMap((group) => {
      const [summary, density] = [summarise(group.map(value)), summarise(group.map((row) => row.density))];
      return summary === undefined || density === undefined || density.mean <= 0
        ? []
        : [{ level: Number(group[0]?.level), x: density.mean, summary }];
    })
    .sort((a, b) => a.level - b.level);
}

function denseTrace({ mean }: Summary, densities: readonly number[], format: (value: number) => string): JsonObject {
  const least = Math.min(0.5, ...densities);
  return {
    ...{ type: 'scatter', mode: 'lines', name: 'dense, mean', x: [1.12, least / 1.15], y: [mean, mean] },
    ...{ line: { color: '#666666', dash: 'dot', width: 1.5 }, hoverinfo: 'text', hovertext: `dense, mean<br>${escapeText(format(mean))}` },
  };
}

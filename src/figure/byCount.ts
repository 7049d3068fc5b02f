/** A value against a number that was varied, one line an arm: what the figures of strong tickets have in common. */
import { armLabel, sortArms } from '../analysis/arms.js';
import { mean } from '../analysis/confidence.js';
import { checkColumns, groupRows, type Table, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, layout, styleOf } from './theme.js';

export interface ByCountDrawing {
  /** The column on the x axis. */
  readonly count: string;
  readonly countTitle: string;
  /** The column on the y axis. */
  readonly value: string;
  /** Title of the y axis, with its unit. */
  readonly valueTitle: string;
  readonly format: (value: number) => string;
  readonly title: string;
  /** The band over replicates. Default `range`. */
  readonly band?: Band;
  /** The column that tells the lines apart. Default `arm`. */
  readonly group?: string;
  /** The column by which rows are replicates of one point, which then stands at their mean count. Default: the count itself. */
  readonly point?: string;
  /** Whether the y axis is logarithmic, for values above 0. Default false. */
  readonly log?: boolean;
  /** Whether the x axis is logarithmic. Default false. */
  readonly logCount?: boolean;
  /** A dotted line across, such as the accuracy of the target. */
  readonly line?: { readonly name: string; readonly value: number };
}

/** The figure. Rows of one arm and count are replicates; points stand in the order of counts. */
export function byCount(points: Table, drawing: ByCountDrawing): Figure {
  const { count, value, group = 'arm', point = count, band = 'range', log = false, logCount = false, line, format } = drawing;
  checkColumns(`the figure '${drawing.title}'`, points, [group, count, value, point]);
  const rows = toRows(points).filter(
    (row) => typeof row[value] === 'number' && typeof row[count] === 'number' && (!log || (row[value] as number) > 0),
  );
  const hover = { x: (x: number) => `${drawing.countTitle.split(' (')[0]}: ${Number(x.toPrecision(6))}`, y: format };
  const data = sortArms(rows.map((row) => String(row[group]))).flatMap((name, i) => {
    const own = groupRows(
      rows.filter((row) => String(row[group]) === name),
      [point],
    ).flatMap((same) => {
      const summary = summarise(same.map((row) => row[value]));
      return summary === undefined ? [] : [{ x: mean(same.map((row) => Number(row[count]))), summary }];
    });
    own.sort((a, b) => a.x - b.x);
    return series(own, { name: armLabel(name), style: styleOf(name, i), band, hover });
  });
  const counts = rows.map((row) => Number(row[count]));
  return {
    data: line === undefined || counts.length === 0 ? data : [across(line, counts, format), ...data],
    layout: layout(escapeText(drawing.title), {
      xaxis: axis(escapeText(drawing.countTitle), logCount ? logTicks(data) : {}),
      yaxis: axis(escapeText(drawing.valueTitle), log ? { type: 'log', exponentformat: 'power', dtick: 1 } : {}),
    }),
  };
}

/** A few settings are their own ticks; more get those of the axis. */
function logTicks(data: readonly JsonObject[]): JsonObject {
  const places = [...new Set(data.flatMap(({ x }) => (Array.isArray(x) ? x.map(Number) : [])))].sort((a, b) => a - b);
  if (places.length === 0 || places.length > 8) return { type: 'log' };
  const text = (x: number): string => (x < 1000 ? String(Number(x.toPrecision(3))) : `${Number((x / 1000).toPrecision(3))}k`);
  return { type: 'log', tickvals: places, ticktext: places.map(text) };
}

function across(
  { name, value }: { name: string; value: number },
  counts: readonly number[],
  format: (value: number) => string,
): JsonObject {
  const text = escapeText(name);
  return {
    ...{ type: 'scatter', mode: 'lines', name: text, x: [Math.min(...counts), Math.max(...counts)], y: [value, value] },
    ...{ line: { color: '#666666', dash: 'dot', width: 1.5 }, hoverinfo: 'text', hovertext: `${text}<br>${escapeText(format(value))}` },
  };
}

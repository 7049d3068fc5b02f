/** A value against a number that was varied, one line an arm: what the figures of strong tickets have in common. */
import { armLabel, sortArms } from '../analysis/arms.js';
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
  /** Whether the y axis is logarithmic, for values above 0. Default false. */
  readonly log?: boolean;
  /** Whether the x axis is logarithmic. Default false. */
  readonly logCount?: boolean;
  /** A dotted line across, such as the accuracy of the target. */
  readonly line?: { readonly name: string; readonly value: number };
}

/** The figure. Rows of one arm and count are replicates; points stand in the order of counts. */
export function byCount(points: Table, drawing: ByCountDrawing): Figure {
  const { count, value, group = 'arm', band = 'range', log = false, logCount = false, line, format } = drawing;
  checkColumns(`the figure '${drawing.title}'`, points, [group, count, value]);
  const rows = toRows(points).filter((row) => typeof row[value] === 'number' && (!log || (row[value] as number) > 0));
  const hover = { x: (x: number) => `${drawing.countTitle.split(' (')[0]}: ${x}`, y: format };
  const data = sortArms(rows.map((row) => String(row[group]))).flatMap((name, i) => {
    const own = groupRows(
      rows.filter((row) => String(row[group]) === name),
      [count],
    ).flatMap((same) => {
      const summary = summarise(same.map((row) => row[value]));
      return summary === undefined ? [] : [{ x: Number(same[0]?.[count]), summary }];
    });
    own.sort((a, b) => a.x - b.x);
    return series(own, { name: armLabel(name), style: styleOf(name, i), band, hover });
  });
  const counts = rows.map((row) => Number(row[count]));
  return {
    data: line === undefined || counts.length === 0 ? data : [across(line, counts, format), ...data],
    layout: layout(escapeText(drawing.title), {
      xaxis: axis(escapeText(drawing.countTitle), logCount ? { type: 'log' } : {}),
      yaxis: axis(escapeText(drawing.valueTitle), log ? { type: 'log', exponentformat: 'power', dtick: 1 } : {}),
    }),
  };
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

/** A line with its band: the mean over replicates, and how far they spread. */
import type { Band, Summary } from './summarise.js';
import { escapeText } from './escapeText.js';
import type { JsonObject } from './figure.js';
import { type Style, translucent } from './theme.js';

export interface SeriesOptions {
  /** Name in the legend, plain text. */
  readonly name: string;
  readonly style: Style;
  /** Which spread the band shows: `range` least to greatest replicate, `interval` the 95 % t-interval, `none`. */
  readonly band: Band;
  /** What a point says under the mouse: names and formats of x and y, plain text. */
  readonly hover: { readonly x: (value: number) => string; readonly y: (value: number) => string };
  /** Axes of Plotly, such as `x2`. Default the first. */
  readonly xaxis?: string;
  readonly yaxis?: string;
  /** Traces of one group are switched together. Default the name. */
  readonly group?: string;
  readonly showlegend?: boolean;
  /** `lines`, `markers` or both. Default both. */
  readonly mode?: string;
  /** Line width in pixels. Default 2. */
  readonly width?: number;
}

/** The traces of a series: its band, if it has a spread, then its line. Points are drawn in the order of x given. */
export function series(points: readonly { readonly x: number; readonly summary: Summary }[], options: SeriesOptions): JsonObject[] {
  const { name, style, band, hover, group = name, showlegend = true, mode = 'lines+markers', width = 2 } = options;
  const axes = { ...(options.xaxis && { xaxis: options.xaxis }), ...(options.yaxis && { yaxis: options.yaxis }) };
  const text = escapeText(name);
  const line: JsonObject = {
    ...{ type: 'scatter', mode, name: text, legendgroup: escapeText(group), showlegend, ...axes },
    ...{ x: points.map(({ x }) => x), y: points.map(({ summary }) => summary.mean) },
    line: { color: style.color, dash: style.dash, width },
    marker: { color: style.color, symbol: style.symbol, size: 7 },
    hoverinfo: 'text',
    hovertext: points.map(
      ({ x, summary }) => `<b>${text}</b><br>${escapeText(hover.x(x))}<br>${escapeText(hover.y(summary.mean))}${spread(summary, hover.y)}`,
    ),
  };
  const wide = band === 'none' ? [] : points.filter(({ summary }) => summary.n > 1);
  if (wide.length < 2) return [line];
  const edge = (side: 0 | 1) =>
    wide.map(({ summary }) => (band === 'range' ? [summary.min, summary.max] : [summary.low, summary.high])[side] as number);
  const x = wide.map((point) => point.x);
  const shade: JsonObject = {
    ...{ type: 'scatter', mode: 'lines', name: text, legendgroup: escapeText(group), showlegend: false, ...axes },
    ...{ x: [...x, ...[...x].reverse()], y: [...edge(1), ...edge(0).reverse()] },
    ...{ fill: 'toself', fillcolor: translucent(style.color, 0.16), line: { width: 0, color: style.color }, hoverinfo: 'skip' },
  };
  return [shade, line];
}

function spread({ n, min, max }: Summary, format: (value: number) => string): string {
  return n === 1 ? '<br>1 replicate' : `<br>${n} replicates: ${escapeText(format(min))} to ${escapeText(format(max))}`;
}

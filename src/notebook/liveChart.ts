/** Curves that grow under the cell while a network trains, and become an interactive figure at the end. */
import { escapeText } from '../figure/escapeText.js';
import type { Figure } from '../figure/figure.js';
import { axis, colors, layout } from '../figure/theme.js';
import { type Curve, type CurvesOptions, curvesSvg } from './curvesSvg.js';
import { figureBundle } from './figureBundle.js';
import { type LiveDisplay, liveDisplay } from './liveDisplay.js';

export interface LiveChart {
  /** Adds a point to the curve of that name. Redrawn at most twice a second. */
  add(name: string, x: number, y: number): void;
  /** Puts a figure in the chart's place: `figure`, or else the curves themselves. */
  finish(figure?: Figure): Promise<void>;
}

export interface LiveChartOptions extends CurvesOptions {
  /** A clock in milliseconds. */
  readonly now?: () => number;
  /** Where to draw; default: under the running cell. Outside a notebook nothing is drawn. */
  readonly place?: LiveDisplay | undefined;
}

/** Milliseconds between two drawings. */
const interval = 500;

/**
 * Opens a chart. While it grows it is an SVG picture, because JupyterLab keeps the first drawing of an interactive figure;
 * `finish` replaces it, in the same place, by the interactive one.
 */
export function liveChart(options: LiveChartOptions = {}): LiveChart {
  const { now = () => performance.now() } = options;
  const place = 'place' in options ? options.place : liveDisplay();
  const curves = new Map<string, { name: string; x: number[]; y: number[] }>();
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    add: (name, x, y) => {
      let curve = curves.get(name);
      if (curve === undefined) curves.set(name, (curve = { name, x: [], y: [] }));
      curve.x.push(x);
      curve.y.push(y);
      if (place === undefined || now() - drawn < interval) return;
      drawn = now();
      place.set({ 'image/svg+xml': curvesSvg([...curves.values()], options), 'text/plain': describeCurves([...curves.values()]) });
    },
    finish: async (figure) => {
      if (place === undefined) return;
      place.set(await figureBundle(figure ?? curvesFigure([...curves.values()], options)));
    },
  };
}

function describeCurves(curves: readonly Curve[]): string {
  return curves.map(({ name, x, y }) => `${name}: ${y[y.length - 1]} at ${x[x.length - 1]}`).join('\n');
}

function curvesFigure(
  curves: readonly Curve[],
  { title = '', xTitle = '', yTitle = '', width = 640, height = 360 }: CurvesOptions,
): Figure {
  const data = curves.map(({ name, x, y }, i) => ({
    ...{ type: 'scatter', mode: x.length > 30 ? 'lines' : 'lines+markers', name: escapeText(name), x, y },
    ...{ line: { color: colors[i % colors.length] as string, width: 2 }, showlegend: true },
  }));
  return { data, layout: layout(escapeText(title), { width, height, xaxis: axis(escapeText(xTitle)), yaxis: axis(escapeText(yTitle)) }) };
}

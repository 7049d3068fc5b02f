/** How the kept weights of each parameter are spread. */
import type { Arrays } from '../array.js';
import { get } from '../array.js';
import { checkCount } from '../check.js';
import type { Mask } from '../mask.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { axis, layout, styleOf } from './theme.js';

export interface WeightHistogramOptions {
  /** Number of bins over the common range of all parameters. Default 60. */
  readonly bins?: number;
  readonly title?: string;
}

/** Counts of kept weights in equal bins, one step line a parameter of the mask, on a log axis. */
export function weightHistogram(weights: Arrays, mask: Mask, { bins = 60, title = 'Kept weights' }: WeightHistogramOptions = {}): Figure {
  checkCount('bins', bins, 1);
  const kept = Object.entries(mask).map(
    ([name, { values }]) => [name, get(weights, name).values.filter((_, i) => values[i] === 1)] as const,
  );
  const top = kept.reduce((most, [, values]) => values.reduce((m, v) => Math.max(m, Math.abs(v)), most), 0) || 1;
  const centres = Array.from({ length: bins }, (_, i) => Number((top * ((2 * i + 1) / bins - 1)).toPrecision(5)));
  return {
    data: kept.map(([name, values], i) => {
      const counts = new Array<number>(bins).fill(0);
      for (const v of values) {
        const bin = Math.min(bins - 1, Math.floor(((v / top + 1) / 2) * bins));
        counts[bin] = (counts[bin] as number) + 1;
      }
      const { color } = styleOf(name, i);
      const text = escapeText(name);
      return {
        ...{ type: 'scatter', mode: 'lines', name: text, line: { color, shape: 'hvh', width: 1.5, dash: i < 7 ? 'solid' : 'dash' } },
        // A log axis has no place for 0: an empty bin is a gap.
        ...{ x: centres, y: counts.map((count) => count || null), hoverinfo: 'text' },
        hovertext: centres.map((centre, bin) => `<b>${text}</b><br>weight about ${centre}<br>${counts[bin]} kept weights`),
      };
    }),
    layout: layout(escapeText(title), {
      xaxis: axis('weight'),
      yaxis: axis('kept weights (count per bin)', { type: 'log', dtick: 1, exponentformat: 'power' }),
    }),
  };
}

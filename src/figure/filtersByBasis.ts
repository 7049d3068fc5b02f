/** First-layer filters of tickets in several bases, side by side: what does a sparse filter look like in each? */
import { armLabel, sortArms } from '../analysis/arms.js';
import { checkColumns, type Table, type TableRow, toRows } from '../analysis/table.js';
import { invalid } from '../check.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { gridDomains } from './panels.js';
import { axis, diverging, layout } from './theme.js';

export interface FiltersByBasisOptions {
  /** Default: the first replicate in the table. */
  readonly replicate?: number;
  /** Filters a basis, from the strongest. Default 4: a notebook holds them all. */
  readonly most?: number;
  readonly title?: string;
}

const COLUMNS = 4;
const PANEL = 190;

/**
 * A panel for each arm with its strongest filters as tiles; blue negative, white zero, orange positive, each filter on its own scale.
 * @param points from `toPoints(records, 'filter')` of runs of the experiment `basis`
 * @throws UserError if a filter's pixels are not what its size says
 */
export function filtersByBasis(points: Table, { replicate, most = 4, title = 'First-layer filters' }: FiltersByBasisOptions = {}): Figure {
  checkColumns(`the figure '${title}'`, points, ['arm', 'replicate', 'density', 'unit', 'height', 'width', 'pixels']);
  const all = toRows(points);
  const chosen = replicate ?? Math.min(...all.map((row) => Number(row['replicate'])));
  const rows = all.filter((row) => row['replicate'] === chosen);
  const arms = sortArms(rows.map((row) => String(row['arm'])));
  const columns = Math.min(COLUMNS, Math.max(1, arms.length));
  const lines = Math.ceil(arms.length / columns);
  const panels = gridDomains(arms.length, columns, { left: 0.03, top: 0.14 / Math.max(1, lines - 1) });
  const axes: Record<string, JsonObject> = {};
  const annotations: JsonObject[] = [];
  const data = arms.map((arm, i): JsonObject => {
    const [id, panel] = [i === 0 ? '' : String(i + 1), panels[i] as (typeof panels)[number]];
    const own = rows.filter((row) => row['arm'] === arm).slice(0, most);
    const hidden = { visible: false, showgrid: false, constrain: 'domain' };
    axes[`xaxis${id}`] = axis('', { ...hidden, domain: [...panel.x], anchor: `y${id}` });
    axes[`yaxis${id}`] = axis('', { ...hidden, domain: [...panel.y], anchor: `x${id}`, autorange: 'reversed', scaleanchor: `x${id}` });
    annotations.push({
      ...{ text: escapeText(`${armLabel(arm)} (${Number(own[0]?.['density']).toPrecision(2)})`), showarrow: false, font: { size: 12 } },
      ...{ x: (panel.x[0] + panel.x[1]) / 2, y: panel.y[1], xref: 'paper', yref: 'paper', xanchor: 'center', yanchor: 'bottom' },
    });
    return {
      ...{ type: 'heatmap', z: tiles(own), zmin: -1, zmax: 1, xaxis: `x${id}`, yaxis: `y${id}` },
      ...{ colorscale: diverging.map((stop) => [...stop]), hoverongaps: false, showscale: i === 0 },
      ...{
        colorbar: { title: { text: 'weight, share of the largest of its filter', side: 'right' }, thickness: 12 },
        hovertemplate: '%{z:.2f} of the largest weight<extra></extra>',
      },
    };
  });
  const height = 90 + lines * (PANEL + 22);
  return {
    data,
    layout: layout(escapeText(title), {
      ...{ width: 90 + columns * PANEL + 70, height, plot_bgcolor: '#bbbbbb', margin: { l: 16, r: 16, t: 66, b: 16 } },
      ...axes,
      annotations,
    }),
  };
}

/** Filters as one picture, with a line of gaps between; values to two digits. */
function tiles(rows: readonly TableRow[]): (number | null)[][] {
  const [height, width] = [Number(rows[0]?.['height'] ?? 1), Number(rows[0]?.['width'] ?? 1)];
  const columns = Math.ceil(Math.sqrt(rows.length));
  const canvas = Array.from({ length: Math.ceil(rows.length / columns) * (height + 1) - 1 }, () =>
    new Array<number | null>(columns * (width + 1) - 1).fill(null),
  );
  rows.forEach((row, k) => {
    const bytes = new Int8Array(Buffer.from(String(row['pixels']), 'base64'));
    if (bytes.length !== height * width) throw invalid(`pixels of filter ${row['unit']}`, `${height * width} bytes`, bytes.length);
    const [top, left] = [Math.floor(k / columns) * (height + 1), (k % columns) * (width + 1)];
    for (let i = 0; i < bytes.length; i++)
      (canvas[top + Math.floor(i / width)] as (number | null)[])[left + (i % width)] = Number(((bytes[i] as number) / 127).toFixed(2));
  });
  return canvas;
}

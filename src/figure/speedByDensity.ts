/** What a ticket's density buys in speed, engine by engine. */
import { checkColumns, type Table, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { gridDomains } from './panels.js';
import { axis, densityAxis, layout, type Style, styleOf } from './theme.js';

export interface SpeedByDensityOptions {
  /** What the rate counts. Default `steps per second`. */
  readonly rateTitle?: string;
  readonly title?: string;
}

/** Lines that nobody measured: what a perfect engine, or the machine, would reach. */
const dashes: Readonly<Record<string, 'dash' | 'dot'>> = { ideal: 'dash', roofline: 'dot' };
const colorOf = (name: string, i: number): Style => (name in dashes ? { ...styleOf('dense', i), symbol: 'line-ns' } : styleOf(name, i));

/**
 * Rate against density on two log axes, a panel for each network, a line for each engine with its range over rounds. The engines
 * `ideal` (dense time x density) and `roofline` (the machine's multiply-adds per second) are dashed and dotted.
 * @param speeds one row for each network, engine and density: `network`, `engine`, `density`, `rate`, `low`, `high`
 */
export function speedByDensity(speeds: Table, options: SpeedByDensityOptions = {}): Figure {
  const { rateTitle = 'steps per second', title = 'Training speed by density' } = options;
  checkColumns('speedByDensity', speeds, ['network', 'engine', 'density', 'rate', 'low', 'high']);
  const rows = toRows(speeds);
  const networks = [...new Set(rows.map((row) => String(row.network)))];
  const engines = [...new Set(rows.map((row) => String(row.engine)))];
  const has = (network: string, engine: string): boolean => rows.some((row) => row.network === network && row.engine === engine);
  const grid = gridDomains(networks.length, Math.max(1, networks.length), { left: 0.08, top: 0 });
  const data = networks.flatMap((network, panel) =>
    engines.flatMap((engine, i): JsonObject[] => {
      const points = rows
        .filter((row) => row.network === network && row.engine === engine)
        .sort((a, b) => Number(b.density) - Number(a.density));
      if (points.length === 0) return [];
      const numbers = (column: 'density' | 'rate' | 'low' | 'high'): number[] => points.map((row) => Number(row[column]));
      const [rate, low, high] = [numbers('rate'), numbers('low'), numbers('high')];
      const { color, symbol } = colorOf(engine, i);
      const measured = !(engine in dashes);
      return [
        {
          ...{
            type: 'scatter',
            mode: measured ? 'lines+markers' : 'lines',
            name: escapeText(engine),
            legendgroup: engine,
            showlegend: !networks.slice(0, panel).some((before) => has(before, engine)),
          },
          ...{ x: numbers('density'), y: rate, xaxis: `x${panel === 0 ? '' : panel + 1}`, yaxis: `y${panel === 0 ? '' : panel + 1}` },
          line: { color, dash: dashes[engine] ?? 'solid', width: measured ? 2 : 1.5 },
          marker: { color, symbol: measured ? symbol : 'circle' },
          ...(measured && {
            error_y: {
              ...{ type: 'data', symmetric: false, thickness: 1, width: 3 },
              array: high.map((v, k) => v - (rate[k] as number)),
              arrayminus: low.map((v, k) => (rate[k] as number) - v),
            },
          }),
          hovertext: points.map(
            (row, k) => `${escapeText(engine)} at density ${row.density}: ${(rate[k] as number).toPrecision(3)} ${rateTitle}`,
          ),
          hoverinfo: 'text',
        },
      ];
    }),
  );
  const densities = rows.map((row) => Number(row.density));
  const axes = Object.fromEntries(
    grid.flatMap(({ x }, panel) => {
      const n = panel === 0 ? '' : String(panel + 1);
      return [
        [`xaxis${n}`, { ...densityAxis(densities, 'density'), domain: [...x], anchor: `y${n}` }],
        [`yaxis${n}`, axis(rateTitle, { type: 'log', anchor: `x${n}`, dtick: 'D2' })],
      ];
    }),
  );
  return {
    data,
    layout: layout(escapeText(title), {
      ...{ width: 1000, height: 460, margin: { l: 64, r: 16, t: 72, b: 56 }, ...axes },
      annotations: grid.map(({ x }, panel) => ({
        ...{ text: escapeText(networks[panel] as string), showarrow: false, xref: 'paper', yref: 'paper', font: { size: 13 } },
        ...{ x: (x[0] + x[1]) / 2, y: 1, xanchor: 'center', yanchor: 'bottom', yshift: 6 },
      })),
    }),
  };
}

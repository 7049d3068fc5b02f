/** How all figures look: colours that colour-blind readers tell apart, markers that differ too, controls dashed, white ground. */
import { isControl } from '../analysis/arms.js';
import type { JsonObject } from './figure.js';
import type { Json } from '../run/record.js';

export interface Style {
  readonly color: string;
  readonly dash: 'solid' | 'dash' | 'dot';
  /** A marker of Plotly. */
  readonly symbol: string;
}

/** Okabe & Ito's colours (jfly.uni-koeln.de/color), without the yellow, which white paper swallows. */
export const colors: readonly string[] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'];

const symbols = ['circle', 'square', 'triangle-up', 'diamond', 'triangle-down', 'cross', 'x'];

const known: Readonly<Record<string, readonly [color: string, symbol: string]>> = {
  ticket: ['#0072B2', 'circle'],
  dense: ['#000000', 'x'],
  reinitialise: ['#D55E00', 'square'],
  'shuffle-mask': ['#009E73', 'triangle-up'],
  'random-mask': ['#CC79A7', 'diamond'],
  imp: ['#000000', 'circle'],
  'elastic-append': ['#0072B2', 'circle'],
  'elastic-interpolate': ['#56B4E9', 'diamond'],
  'permute-copies': ['#0072B2', 'cross'],
  rigl: ['#0072B2', 'circle'],
  set: ['#009E73', 'triangle-up'],
  static: ['#CC79A7', 'diamond'],
  gradual: ['#E69F00', 'triangle-down'],
  pruning: ['#D55E00', 'square'],
  'one-shot': ['#E69F00', 'triangle-down'],
  snip: ['#CC79A7', 'diamond'],
  grasp: ['#8B6914', 'x'],
  synflow: ['#666666', 'triangle-up'],
  reset: ['#D55E00', 'square'],
  'grow-identity': ['#0072B2', 'circle'],
  'grow-random': ['#56B4E9', 'diamond'],
  'grow-zero': ['#E69F00', 'cross'],
  'keep-deep': ['#009E73', 'triangle-up'],
  'keep-shallow': ['#CC79A7', 'triangle-down'],
  canonical: ['#000000', 'circle'],
  dct: ['#0072B2', 'square'],
  haar: ['#56B4E9', 'triangle-up'],
  hadamard: ['#E69F00', 'diamond'],
  randomOrthogonal: ['#CC79A7', 'triangle-down'],
  svd: ['#009E73', 'cross'],
  units: ['#D55E00', 'square'],
  lowRank: ['#009E73', 'diamond'],
  subspace: ['#888888', 'x'],
  direct: ['#0072B2', 'circle'],
  transfer: ['#E69F00', 'diamond'],
  'mask-transfer': ['#CC79A7', 'triangle-down'],
};

/** The style of an arm: always the same for those this project knows, else by its place in the figure. */
export function styleOf(arm: string, index: number): Style {
  const dash = isControl(arm) ? 'dash' : 'solid';
  // The control of a basis has the colour of its basis.
  const base = arm.replace(/-reinitialise$/, '');
  const own = Object.hasOwn(known, base) ? known[base] : undefined;
  if (own !== undefined) return { color: own[0], symbol: own[1], dash };
  return { color: colors[index % colors.length] as string, symbol: symbols[index % symbols.length] as string, dash };
}

/** Colours in order, dark to light, for iterations or levels: viridis without its pale end. @param place in [0, 1] */
export function ordinal(place: number): string {
  const stops = ['#440154', '#414487', '#2a788e', '#22a884', '#7ad151', '#c8b400'];
  const position = Math.min(1, Math.max(0, place)) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(position));
  const channel = (color: string, i: number): number => Number.parseInt(color.slice(2 * i + 1, 2 * i + 3), 16);
  const mixed = [0, 1, 2].map((i) => {
    const [a, b] = [channel(stops[below] as string, i), channel(stops[below + 1] as string, i)];
    return Math.round(a + (b - a) * (position - below));
  });
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** Low to high for heat maps, readable in grey: viridis. */
export const sequential = 'Viridis';

/** Negative to positive, white at 0: blue to vermillion. */
export const diverging: readonly (readonly [number, string])[] = [
  [0, '#0072B2'],
  [0.5, '#ffffff'],
  [1, '#D55E00'],
];

/** `#0072B2` with an opacity in [0, 1]. @example translucent('#0072B2', 0.2) // => 'rgba(0,114,178,0.2)' */
export function translucent(color: string, opacity: number): string {
  const part = (at: number): number => Number.parseInt(color.slice(at, at + 2), 16);
  return `rgba(${part(1)},${part(3)},${part(5)},${opacity})`;
}

const fontFamily = "Arial, 'Helvetica Neue', 'DejaVu Sans', sans-serif";

/** An axis with a title that says what is measured and in what unit. `title` is markup: escape what comes from data. */
export function axis(title: string, more: JsonObject = {}): JsonObject {
  return {
    title: { text: title, standoff: 8, font: { size: 13 } },
    ...{
      automargin: true,
      zeroline: false,
      gridcolor: '#e8e8e8',
      linecolor: '#444444',
      showline: true,
      ticks: 'outside',
      tickcolor: '#444444',
    },
    ...more,
  };
}

/**
 * Density from 1 down, on a log axis, with plain numbers at 1, 0.5, 0.2, 0.1, ...
 * @param densities in (0, 1]
 */
export function densityAxis(densities: readonly number[], title = 'density (kept share of the prunable weights)'): JsonObject {
  const least = Math.min(0.5, ...densities.filter((d) => d > 0));
  const ticks = [1];
  for (let power = 1; 10 ** -power >= least / 10; power++) ticks.push(5 / 10 ** power, 2 / 10 ** power, 1 / 10 ** power);
  const shown = ticks.filter((tick) => tick >= least / 1.2).map((tick) => Number(tick.toPrecision(1)));
  return axis(title, { type: 'log', range: [Math.log10(1.12), Math.log10(least / 1.15)], tickvals: shown, ticktext: shown.map(String) });
}

/** A layout with the common look. `title` is markup: escape what comes from data. */
export function layout(title: string, more: { readonly [name: string]: Json | undefined } = {}): JsonObject {
  const own = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)) as JsonObject;
  return {
    title: {
      text: title,
      x: 0,
      xref: 'paper',
      xanchor: 'left',
      y: 1,
      yref: 'container',
      yanchor: 'top',
      pad: { t: 14 },
      font: { size: 15 },
    },
    font: { family: fontFamily, size: 13, color: '#222222' },
    ...{ width: 700, height: 450, paper_bgcolor: '#ffffff', plot_bgcolor: '#ffffff', colorway: [...colors] },
    margin: { l: 64, r: 24, t: 48, b: 56 },
    legend: {
      orientation: 'h',
      x: 0,
      xanchor: 'left',
      y: 0,
      yref: 'container',
      yanchor: 'bottom',
      font: { size: 12 },
      traceorder: 'normal',
    },
    hovermode: 'closest',
    hoverlabel: { align: 'left', bgcolor: '#ffffff', bordercolor: '#444444', font: { color: '#222222', size: 12 } },
    ...own,
  };
}

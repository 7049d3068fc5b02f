/** Curves as a small SVG picture, quick enough to be drawn while a network trains. */
import escapeHtml from 'escape-html';

export interface Curve {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface CurvesOptions {
  readonly title?: string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** Pixels. Default 640 and 320. */
  readonly width?: number;
  readonly height?: number;
}

/** Okabe and Ito's colours, which the colour-blind can tell apart; black is kept for the axes. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#999999'];
const margin = { left: 64, right: 140, top: 30, bottom: 44 };
/** Points drawn of a curve: more cannot be told apart at this size. */
const most = 600;

/**
 * A line per curve, axes with round numbers, a legend. Points that are not finite break their line.
 * Titles and names are escaped.
 */
export function curvesSvg(curves: readonly Curve[], options: CurvesOptions = {}): string {
  const { title = '', xTitle = '', yTitle = '', width = 640, height = 320 } = options;
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const [x0, x1] = range(curves.map(({ x }) => x));
  const [y0, y1] = range(curves.map(({ y }) => y));
  const px = (value: number): number => margin.left + ((value - x0) / (x1 - x0)) * (right - margin.left);
  const py = (value: number): number => bottom - ((value - y0) / (y1 - y0)) * (bottom - margin.top);
  const text = (x: number, y: number, anchor: string, content: string, more = ''): string =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${more}>${escapeHtml(content)}</text>`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text((margin.left + right) / 2, 18, 'middle', title, ' font-size="14"'),
  ];
  for (const tick of roundTicks(x0, x1, 6)) {
    parts.push(
      `<path d="M${px(tick).toFixed(1)} ${margin.top}V${bottom}" stroke="#e5e5e5"/>`,
      text(px(tick), bottom + 16, 'middle', String(tick)),
    );
  }
  for (const tick of roundTicks(y0, y1, 5)) {
    parts.push(
      `<path d="M${margin.left} ${py(tick).toFixed(1)}H${right}" stroke="#e5e5e5"/>`,
      text(margin.left - 6, py(tick) + 4, 'end', String(tick)),
    );
  }
  parts.push(`<path d="M${margin.left} ${margin.top}V${bottom}H${right}" fill="none" stroke="black"/>`);
  parts.push(text((margin.left + right) / 2, height - 8, 'middle', xTitle));
  parts.push(text(14, (margin.top + bottom) / 2, 'middle', yTitle, ` transform="rotate(-90 14 ${(margin.top + bottom) / 2})"`));
  curves.forEach((curve, i) => {
    const colour = colours[i % colours.length] as string;
    parts.push(`<path d="${pathOf(curve, px, py)}" fill="none" stroke="${colour}" stroke-width="1.8"/>`);
    const y = margin.top + 10 + 18 * i;
    parts.push(`<path d="M${right + 10} ${y - 4}h18" stroke="${colour}" stroke-width="3"/>`, text(right + 34, y, 'start', curve.name));
  });
  return [...parts, '</svg>'].join('\n');
}

function pathOf({ x, y }: Curve, px: (value: number) => number, py: (value: number) => number): string {
  const stride = Math.max(1, Math.ceil(x.length / most));
  let path = '';
  let pen = 'M';
  let one = '';
  for (let i = 0; i < x.length; i++) {
    if (i % stride !== 0 && i !== x.length - 1) continue;
    const [a, b] = [x[i] as number, y[i] as number];
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      pen = 'M';
      continue;
    }
    one = `${px(a).toFixed(1)} ${py(b).toFixed(1)}`;
    path += `${pen}${one}`;
    pen = 'L';
  }
  return path === `M${one}` ? `${path}h0.1` : path; // one point shows as a dot
}

/** Least and greatest finite value, or a range around the only one. */
function range(lists: readonly (readonly number[])[]): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const list of lists) {
    for (const value of list) {
      if (!Number.isFinite(value)) continue;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
  }
  if (least > greatest) return [0, 1];
  return least === greatest ? [least - 0.5, greatest + 0.5] : [least, greatest];
}

/**
 * Multiples of 1, 2 or 5 times a power of ten within [from, to], about `count` of them.
 *
 * @example roundTicks(0, 1, 5) // => [0, 0.2, 0.4, 0.6, 0.8, 1]
 */
export function roundTicks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) as number);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)) + 0);
}

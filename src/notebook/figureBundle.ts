/** A figure as one output for every kind of reader: interactive, a picture, text. */
import type { Figure } from '../figure/figure.js';
import type { MimeBundle } from './display.js';
import { smallPng } from './smallPng.js';

/** Pixels across that a cell shows on a small screen; JupyterLab cuts off what is beyond. */
const widest = 820;

/** Whether `value` looks like Plotly's `{ data, layout }`. */
export function isFigure(value: unknown): value is Figure {
  if (typeof value !== 'object' || value === null) return false;
  const { data, layout } = value as Partial<Figure>;
  return (
    Array.isArray(data) &&
    data.every((trace) => typeof trace === 'object' && trace !== null) &&
    typeof layout === 'object' &&
    layout !== null
  );
}

/**
 * Plotly's JSON, a PNG and a line of text. No HTML: readers that strip scripts would prefer it and show nothing.
 * The PNG is at scale 1, because JupyterLab shows it at its natural size until the mouse is over it.
 */
export async function figureBundle(figure: Figure): Promise<MimeBundle> {
  const plain = plainJson(figure);
  // A cell that draws nothing should not load a drawing library.
  const [{ figurePng }, { pictureSize }] = await Promise.all([import('../figure/figurePng.js'), import('../figure/figureSvg.js')]);
  const { width, height } = pictureSize(plain, {});
  const size = { width: Math.min(width, widest), height };
  const png = await smallPng(await figurePng(plain, { ...size, scale: 1 }));
  return {
    'application/vnd.plotly.v1+json': { data: plain.data, layout: { ...plain.layout, ...size } },
    'image/png': png.toString('base64'),
    'text/plain': describeFigure(plain),
  };
}

function describeFigure({ data, layout }: Figure): string {
  const given = layout['title'] as string | { text?: string } | undefined;
  const title = typeof given === 'string' ? given : given?.text;
  return `Figure${title ? `: ${title.replaceAll(/<[^>]*>/g, ' ')}` : ''} (${data.length} ${data.length === 1 ? 'trace' : 'traces'})`;
}

/**
 * A figure made by hand in a cell may hold typed arrays, which JSON would turn into objects with numbered fields. Fractions are kept
 * to six figures: no eye sees more, and a notebook with all seventeen is twice as large.
 */
function plainJson({ data, layout }: Figure): Figure {
  const plain = (_key: string, item: unknown): unknown => {
    if (ArrayBuffer.isView(item)) return Array.from(item as unknown as ArrayLike<number>);
    return typeof item === 'number' && !Number.isInteger(item) && Number.isFinite(item) ? Number(item.toPrecision(6)) : item;
  };
  return JSON.parse(JSON.stringify({ data, layout }, plain)) as Figure;
}

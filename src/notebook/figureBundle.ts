/** A figure as one output for every kind of reader: interactive, a picture, text. */
import type { MimeBundle } from './display.js';

/** What Plotly draws. */
export interface FigureLike {
  readonly data: readonly object[];
  readonly layout: object;
}

/** Where a figure says nothing about its size, in pixels. */
const defaultSize = { width: 700, height: 450 };

/** Whether `value` looks like Plotly's `{ data, layout }`. */
export function isFigure(value: unknown): value is FigureLike {
  if (typeof value !== 'object' || value === null) return false;
  const { data, layout } = value as Partial<FigureLike>;
  return Array.isArray(data) && data.every((trace) => typeof trace === 'object' && trace !== null) && typeof layout === 'object' && layout !== null;
}

/**
 * Plotly's JSON, a PNG and a line of text. No HTML: readers that strip scripts would prefer it and show nothing.
 * The PNG is at scale 1, because JupyterLab shows it at its natural size until the mouse is over it.
 */
export async function figureBundle(figure: FigureLike): Promise<MimeBundle> {
  const { data, layout } = plainJson({ data: figure.data, layout: figure.layout }) as { data: object[]; layout: Layout };
  const { figurePng } = await import('../figure/png.js'); // a cell that draws nothing should not load a drawing library
  const width = layout.width ?? defaultSize.width;
  const height = layout.height ?? defaultSize.height;
  const png = await figurePng(figure, { width, height, scale: 1 });
  return {
    'application/vnd.plotly.v1+json': { data, layout: { ...layout, width, height }, config: { responsive: false } },
    'image/png': Buffer.from(png).toString('base64'),
    'text/plain': describeFigure(data, layout),
  };
}

interface Layout {
  readonly width?: number;
  readonly height?: number;
  readonly title?: string | { readonly text?: string };
}

function describeFigure(data: readonly object[], layout: Layout): string {
  const title = typeof layout.title === 'string' ? layout.title : layout.title?.text;
  return `Figure${title === undefined ? '' : `: ${title.replaceAll(/<[^>]*>/g, ' ')}`} (${data.length} ${data.length === 1 ? 'trace' : 'traces'})`;
}

/** JSON would turn typed arrays into objects with numbered fields. */
function plainJson(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (_key, item: unknown) => (ArrayBuffer.isView(item) ? Array.from(item as unknown as ArrayLike<number>) : item)));
}

/** A figure as SVG text, drawn by Plotly without a browser. */
import { checkCount, invalid } from '../check.js';
import { plotlyWindow } from './picture/plotlyWindow.js';

/** A figure with whatever Plotly takes in it: its JSON is drawn. */
export interface Drawable {
  readonly data: readonly object[];
  readonly layout: object;
}

export interface SvgOptions {
  /** Width in pixels. Default: that of the layout, else 700. */
  readonly width?: number;
  /** Height in pixels. Default: that of the layout, else 450. */
  readonly height?: number;
}

/**
 * The figure as SVG. The same figure gives the same text. The first call loads Plotly (about a second).
 * @throws UserError if a size is no whole number of pixels from 1 to 10000
 */
export async function figureSvg(figure: Drawable, options: SvgOptions = {}): Promise<string> {
  const { width, height } = pictureSize(figure, options);
  const svg = await (await plotlyWindow()).toSvg(figureJson(figure), width, height);
  // resvg does not read quoted references: colour bars would be black.
  return svg.replace(/url\((?:'|&quot;|")#([\w-]+)(?:'|&quot;|")\)/g, 'url(#$1)');
}

/** The figure as JSON text; typed arrays become lists. */
export function figureJson({ data, layout }: Drawable): string {
  return JSON.stringify({ data, layout }, (_, value: unknown) =>
    ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as unknown as ArrayLike<number>) : value,
  );
}

/** The size in pixels at which a figure is drawn: asked for, or of its layout, or 700 x 450. */
export function pictureSize({ layout }: Drawable, options: SvgOptions): { width: number; height: number } {
  const own = layout as { width?: unknown; height?: unknown };
  const size = (name: string, value: number): number => {
    if (checkCount(name, value, 1) > 10000) throw invalid(name, 'at most 10000 pixels', value);
    return value;
  };
  return {
    width: size('figure width', options.width ?? Number(own.width ?? 700)),
    height: size('figure height', options.height ?? Number(own.height ?? 450)),
  };
}

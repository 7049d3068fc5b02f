/** A figure as a PNG file, by resvg or exactly by Chromium. */
import { Resvg } from '@resvg/resvg-js';
import { invalid } from '../check.js';
import { type Drawable, figureJson, figureSvg, pictureSize, type SvgOptions } from './figureSvg.js';
import { browserPng } from './picture/browserPng.js';
import { fonts } from './picture/fonts.js';

export interface PngOptions extends SvgOptions {
  /** Pixels of the picture for each pixel of the figure: 2 for screens of high resolution, 4 for print. Default 1. */
  readonly scale?: number;
  /** `resvg` needs nothing else; `browser` is exact, and needs Chromium. Default `resvg`. */
  readonly engine?: 'resvg' | 'browser';
}

/**
 * The figure as a PNG file of `scale * width` by `scale * height` pixels.
 * @throws UserError if the scale is outside (0, 10], a size is invalid, or the browser is asked for and absent
 */
export async function figurePng(figure: Drawable, options: PngOptions = {}): Promise<Uint8Array> {
  const { scale = 1, engine = 'resvg' } = options;
  if (!(scale > 0 && scale <= 10)) throw invalid('picture scale', 'a number in (0, 10]', scale);
  const size = pictureSize(figure, options);
  if (engine === 'browser') return browserPng(figureJson(figure), { ...size, scale });
  return svgPng(await figureSvg(figure, size), scale);
}

/** SVG text as a PNG file, `scale` pixels for each of the SVG's. */
export function svgPng(svg: string, scale = 1): Uint8Array {
  // resvg knows the older name only; without it the cells of a heat map run into one another.
  const sharp = svg.replaceAll('image-rendering: pixelated', 'image-rendering: optimizeSpeed');
  return new Resvg(sharp, { font: fonts(), fitTo: { mode: 'zoom', value: scale }, background: 'white' }).render().asPng();
}

/** The masks of a ticket side by side, as one small picture: what a notebook shows of a mask. */
import escapeHtml from 'escape-html';
import type { Mask } from '../mask.js';
import { densityByName } from '../mask.js';
import { type Grid, asMatrix, maskGrid } from './maskGrid.js';
import { encodePng } from './picture/encodePng.js';
import { printable } from './picture/textWidth.js';

export interface MaskPictureOptions {
  /** Side of the largest tile in pixels. Default 120. */
  readonly tile?: number;
  /** Tiles in a row. Default 5. */
  readonly columns?: number;
}

/**
 * SVG with one tile for each parameter of the mask: inputs down, outputs across, dark where weights are kept; below it the name,
 * shape and density. Blocks of large masks are shaded by their kept share, on the scale of the tile.
 */
export function maskPicture(mask: Mask, { tile = 120, columns = 5 }: MaskPictureOptions = {}): string {
  const densities = densityByName(mask);
  const entries = Object.entries(mask).filter(([, { values }]) => values.length > 0);
  const [across, cellWidth, cellHeight] = [Math.min(columns, Math.max(1, entries.length)), Math.max(tile, 130) + 20, tile + 62];
  const tiles = entries.map(([name, array], i) => {
    const [height, width] = asMatrix(array);
    const longest = Math.max(height, width);
    const [w, h] = [Math.max(4, (tile * width) / longest), Math.max(4, (tile * height) / longest)].map((v) => Number(v.toFixed(1)));
    const [x, y] = [10 + (i % across) * cellWidth, 10 + Math.floor(i / across) * cellHeight];
    const text = (line: number, words: string, style = ''): string =>
      `<text x="${x}" y="${y + tile + 16 + 15 * line}"${style}>${escapeHtml(printable(words))}</text>`;
    const short = name.length > 20 ? `${name.slice(0, 19)}…` : name;
    return [
      `<g><title>${escapeHtml(printable(name))}</title>`,
      `<image x="${x}" y="${y}" width="${w}" height="${h}" preserveAspectRatio="none" style="image-rendering: pixelated" href="${pixels(maskGrid(array, 160))}"/>`,
      `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="#888"/>`,
      text(0, short, ' font-weight="bold"'),
      text(1, array.shape.join(' × ')),
      `${text(2, `density ${Number((densities[name] ?? 1).toPrecision(3))}`)}</g>`,
    ].join('');
  });
  const [width, height] = [across * cellWidth + 10, Math.ceil(entries.length / across) * cellHeight + 4];
  const frame = `xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.max(20, height)}" viewBox="0 0 ${width} ${Math.max(20, height)}"`;
  return `<svg ${frame} font-family="Arial, 'DejaVu Sans', sans-serif" font-size="11" fill="#222">${tiles.join('')}</svg>`;
}

/** A grid as a PNG address: white pruned, dark blue the densest cell. */
function pixels({ rows, columns, values }: Grid): string {
  const top = values.reduce((most, v) => Math.max(most, v), 0) || 1;
  const rgba = new Uint8Array(4 * rows * columns);
  values.forEach((value, i) => {
    const share = value / top;
    rgba.set(
      [0xf7, 0xf7, 0xf7].map((from, c) => Math.round(from + share * (([0x08, 0x30, 0x6b][c] as number) - from))),
      4 * i,
    );
    rgba[4 * i + 3] = 255;
  });
  return `data:image/png;base64,${Buffer.from(encodePng(rgba, columns, rows)).toString('base64')}`;
}

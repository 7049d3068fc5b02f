/** A drawing for an output of HTML. */
import escapeHtml from 'escape-html';
import { smallPng } from '../smallPng.js';

/**
 * SVG as an HTML picture of the same size, twice as fine for screens of high resolution. It is a PNG, because SVG is not shown in
 * notebooks that the reader has not said to trust.
 */
export async function pictureHtml(svg: string, description: string): Promise<string> {
  // A cell that draws nothing should not load a drawing library.
  const { svgPng } = await import('../../figure/figurePng.js');
  const png = await smallPng(svgPng(svg, 2));
  const width = png.readUInt32BE(16) / 2; // of the header, which every PNG begins with
  return `<img src="data:image/png;base64,${png.toString('base64')}" width="${Math.round(width)}" alt="${escapeHtml(description)}">`;
}

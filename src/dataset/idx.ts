/** The IDX format of MNIST and its relatives. */
import type { NdArray } from '../array.js';
import { invalid } from '../check.js';

const UNSIGNED_BYTE = 0x08;

/**
 * An IDX file of unsigned bytes: two zero bytes, the type (8), the number of dimensions, each dimension as a big-endian
 * uint32, then the values in row-major order.
 * @param name stands in messages
 * @throws UserError if the header is not that of an IDX file of bytes, or the length is not what the header says
 * @example readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 6), 'labels').shape // => [2]
 */
export function readIdx(bytes: Uint8Array, name: string): NdArray<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rank = bytes[3] ?? 0;
  const start = 4 + 4 * rank;
  if (bytes.length < 4 || view.getUint16(0) !== 0 || bytes[2] !== UNSIGNED_BYTE || rank === 0) {
    const found = Buffer.from(bytes.subarray(0, 4)).toString('hex') || 'an empty file';
    throw invalid(`IDX file '${name}'`, 'the first bytes 0000 08 and at least one dimension', found);
  }
  if (bytes.length < start) throw invalid(`IDX file '${name}'`, `a header of ${start} bytes`, `${bytes.length} bytes in all`);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  // 2^32 to the power of 255 is beyond a double; as Infinity it still differs from the length.
  const expected = start + shape.reduce((product, n) => product * n, 1);
  if (bytes.length !== expected) {
    throw invalid(`IDX file '${name}' of shape [${shape}]`, `${expected} bytes`, `${bytes.length} bytes`);
  }
  return { shape, values: bytes.subarray(start) };
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCifarBinary } from '../../src/dataset/cifarBinary.js';

test('planes become pixels: red, green, blue of the first pixel come first', () => {
  // Two images of 2 x 2: label, 4 red, 4 green, 4 blue.
  const bytes = Uint8Array.of(3, 1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24, 9, 5, 6, 7, 8, 15, 16, 17, 18, 25, 26, 27, 28);
  const { pixels, labels } = decodeCifarBinary(bytes, 'batch', 4);
  assert.deepEqual([...labels], [3, 9]);
  assert.deepEqual([...pixels], [1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24, 5, 15, 25, 6, 16, 26, 7, 17, 27, 8, 18, 28]);
});

test('a batch that is empty, cut short, too long or has a wrong label is refused by name', () => {
  const refused = (bytes: Uint8Array, message: RegExp): void =>
    assert.throws(() => decodeCifarBinary(bytes, 'data_batch_1.bin'), { name: 'UserError', message });
  refused(new Uint8Array(0), /data_batch_1\.bin.*records of 3073 bytes, found '0 bytes'/);
  refused(new Uint8Array(3072), /found '3072 bytes'/);
  refused(new Uint8Array(2 * 3073 + 1), /found '6147 bytes'/);
  const wrong = new Uint8Array(2 * 3073);
  wrong[3073] = 10;
  refused(wrong, /label 1 of .*data_batch_1\.bin.*found 10/);
});

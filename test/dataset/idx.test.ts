import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIdx } from '../../src/dataset/idx.js';

// The layout is that of the MNIST page: 00 00, type, rank, big-endian sizes, values.
test('an IDX file gives its shape and values', () => {
  const { shape, values } = readIdx(Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 8, 7, 6, 5, 4), 'x');
  assert.deepEqual(shape, [1, 2, 3]);
  assert.deepEqual([...values], [9, 8, 7, 6, 5, 4]);
});

test('sizes are big-endian and of four bytes', () => {
  const bytes = new Uint8Array(8 + 0x0102);
  bytes.set([0, 0, 8, 1, 0, 0, 1, 2]);
  assert.deepEqual(readIdx(bytes, 'x').shape, [0x0102]);
});

test('a file that starts inside a larger buffer is read from its own start', () => {
  const whole = Uint8Array.of(255, 0, 0, 8, 1, 0, 0, 0, 1, 42);
  assert.deepEqual([...readIdx(whole.subarray(1), 'x').values], [42]);
});

const malformed: [string, number[], RegExp][] = [
  ['empty', [], /IDX file 'x'.*an empty file/],
  ['a wrong magic', [0x89, 0x50, 8, 1, 0, 0, 0, 1, 5], /found '89500801'/],
  ['32-bit values', [0, 0, 0x0c, 1, 0, 0, 0, 1, 5], /found '00000c01'/],
  ['no dimension', [0, 0, 8, 0, 5], /at least one dimension/],
  ['a header cut short', [0, 0, 8, 3, 0, 0, 0, 1], /a header of 16 bytes, found '8 bytes/],
  ['values cut short', [0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3], /expected 12 bytes, found '11 bytes'/],
  ['trailing bytes', [0, 0, 8, 1, 0, 0, 0, 2, 1, 2, 3], /expected 10 bytes, found '11 bytes'/],
  ['huge sizes', [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1], /\[4294967295,4294967295\].*found '13 bytes'/],
];
for (const [what, bytes, message] of malformed) {
  test(`${what} is refused`, () => {
    assert.throws(() => readIdx(Uint8Array.from(bytes), 'x'), { name: 'UserError', message });
  });
}

test('sizes beyond any number are refused', () => {
  const bytes = new Uint8Array(4 + 4 * 255).fill(255);
  bytes.set([0, 0, 8, 255]);
  assert.throws(() => readIdx(bytes, 'x'), { name: 'UserError', message: /expected Infinity bytes/ });
});

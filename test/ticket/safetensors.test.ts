import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ndArray } from '../../src/array.js';
import { UserError } from '../../src/check.js';
import { packBits, unpackBits } from '../../src/ticket/packBits.js';
import { decodeTensors, encodeTensors } from '../../src/ticket/safetensors.js';

/** A file put together by hand from the format's description. */
function file(header: string, data: readonly number[], length = BigInt(Buffer.byteLength(header))): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length);
  return Buffer.concat([head, Buffer.from(header), Uint8Array.from(data)]);
}
const entry = (dtype: string, shape: readonly number[], offsets: readonly number[]) =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

test('reads bytes written by hand: [1, -2] as float32, 258 as int32, three bytes', () => {
  const header = `{"__metadata__":{"note":"ü"},"a":${entry('F32', [2], [0, 8])},"b":${entry('I32', [], [8, 12])},"c":${entry('U8', [3, 1], [12, 15])}}`;
  // 1.0 is 3f800000 and -2.0 c0000000 in IEEE 754; 258 is 0x0102.
  const { arrays, metadata } = decodeTensors(file(header, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 2, 1, 0, 0, 7, 8, 9]));
  assert.deepEqual(metadata, { note: 'ü' });
  assert.deepEqual(arrays, {
    a: { shape: [2], values: Float32Array.of(1, -2) },
    b: { shape: [], values: Int32Array.of(258) },
    c: { shape: [3, 1], values: Uint8Array.of(7, 8, 9) },
  });
});

test('writes the bytes of the format', () => {
  const bytes = encodeTensors({ u: { shape: [1], values: Uint8Array.of(9) }, f: ndArray([1], [1]) }, { k: 'v' });
  const header = `{"__metadata__":{"k":"v"},"u":${entry('U8', [1], [4, 5])},"f":${entry('F32', [1], [0, 4])}}`;
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  assert.deepEqual(Buffer.from(bytes), file(padded, [0, 0, 0x80, 0x3f, 9]));
});

test('what is written is read again, bit by bit and in order', () => {
  const values = fc.oneof(fc.float32Array({ maxLength: 20 }), fc.int32Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }));
  const names = fc.string({ maxLength: 8 }).filter((name) => name !== '__proto__' && name !== '__metadata__');
  fc.assert(
    fc.property(fc.dictionary(names, values, { noNullPrototype: true }), fc.dictionary(names, fc.string()), (raw, metadata) => {
      fc.pre(!Object.hasOwn(metadata, 'packed'));
      const arrays = Object.fromEntries(Object.entries(raw).map(([name, v]) => [name, { shape: [v.length], values: v }]));
      const decoded = decodeTensors(encodeTensors(arrays, metadata));
      assert.deepEqual(decoded.arrays, arrays);
      assert.deepEqual(Object.keys(decoded.arrays), Object.keys(arrays));
      assert.deepEqual(decoded.metadata, { ...metadata });
    }),
  );
});

test('values need no alignment in the bytes that are read', () => {
  const bytes = encodeTensors({ a: ndArray([2], [3, 4]) });
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  assert.deepEqual(decodeTensors(shifted.subarray(1)).arrays['a']?.values, Float32Array.of(3, 4));
});

test('bits are packed lowest first', () => {
  // 1 + 4 + 128 = 133; the ninth bit alone in its byte.
  assert.deepEqual(packBits(Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 1, 1)), Uint8Array.of(133, 1));
  assert.throws(() => packBits(Uint8Array.of(2)), /bit 0.*0 or 1.*2/);
  assert.throws(() => unpackBits(Uint8Array.of(8), 3), /packed bits/);
  assert.throws(() => unpackBits(Uint8Array.of(0, 0), 3), /1 bytes for 3 bits/);
});

test('packed arrays take an eighth and come back', () => {
  const bits = Uint8Array.from({ length: 1001 }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const arrays = { m: { shape: [7, 143], values: bits }, w: ndArray([1], [0.5]) };
  const bytes = encodeTensors(arrays, { a: 'b' }, ['m']);
  assert.ok(bytes.length < 126 + 4 + 300);
  assert.deepEqual(decodeTensors(bytes), { arrays, metadata: { a: 'b' } });
  assert.throws(() => encodeTensors(arrays, {}, ['w']), /packed array 'w'/);
  assert.throws(() => encodeTensors(arrays, {}, ['x']), /unknown array to pack/);
});

const sound = entry('U8', [2], [0, 2]);
const hostile: Record<string, Uint8Array> = {
  'seven bytes': new Uint8Array(7),
  'a header longer than the file': file('{}', [], 3n),
  'a header of 2^63 bytes': file('{}', [], 1n << 63n),
  'a header of 2^64 - 1 bytes': file('{}', [], (1n << 64n) - 1n),
  'a header cut short': file(`{"a":${sound}}`, [1, 2], 9n),
  'a header that is no object': file('[]', []),
  'a header that begins with a space': file(' {}', []),
  'a header that is not UTF-8': Buffer.concat([file('{"', [], 4n), Uint8Array.of(0xff, 0xfe)]),
  'a name that is there twice': file(`{"a":${sound},"a":${sound}}`, [1, 2]),
  'the name __proto__': file(`{"__proto__":${sound}}`, [1, 2]),
  '__proto__ in the metadata': file(`{"__metadata__":{"__proto__":"x"},"a":${sound}}`, [1, 2]),
  'metadata that is no text': file(`{"__metadata__":{"k":1},"a":${sound}}`, [1, 2]),
  'metadata that is null': file(`{"__metadata__":null,"a":${sound}}`, [1, 2]),
  'an entry that is a number': file('{"a":1}', []),
  'an entry with another field': file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}', []),
  'an unknown item type': file(`{"a":${entry('F64', [1], [0, 8])}}`, [0, 0, 0, 0, 0, 0, 0, 0]),
  'an item type named like a method': file(`{"a":${entry('toString', [0], [0, 0])}}`, []),
  'an item type that is a number': file('{"a":{"dtype":8,"shape":[0],"data_offsets":[0,0]}}', []),
  'a negative size': file(`{"a":${entry('U8', [-1, -2], [0, 2])}}`, [1, 2]),
  'a size of one half': file(`{"a":${entry('U8', [0.5, 4], [0, 2])}}`, [1, 2]),
  'a size beyond 2^53': file(`{"a":${entry('U8', [1e300], [0, 2])}}`, [1, 2]),
  'a shape that is a text': file('{"a":{"dtype":"U8","shape":"2","data_offsets":[0,2]}}', [1, 2]),
  'a shape that does not fit its bytes': file(`{"a":${entry('U8', [3], [0, 2])}}`, [1, 2]),
  'offsets in reverse': file(`{"a":${entry('U8', [2], [2, 0])}}`, [1, 2]),
  'offsets beyond the end': file(`{"a":${entry('U8', [3], [0, 3])}}`, [1, 2]),
  'three offsets': file(`{"a":${entry('U8', [2], [0, 2, 2])}}`, [1, 2]),
  'no offsets': file('{"a":{"dtype":"U8","shape":[2]}}', [1, 2]),
  'arrays that overlap': file(`{"a":${sound},"b":${entry('U8', [2], [1, 3])}}`, [1, 2, 3]),
  'two arrays in one place': file(`{"a":${sound},"b":${sound}}`, [1, 2]),
  'a gap': file(`{"a":${entry('U8', [1], [0, 1])},"b":${entry('U8', [1], [2, 3])}}`, [1, 2, 3]),
  'bytes behind the last array': file(`{"a":${sound}}`, [1, 2, 3]),
  'a packed array that is not there': file(`{"__metadata__":{"packed":"{\\"b\\":[2]}"},"a":${sound}}`, [1, 2]),
  'a packed shape of 10^15 bits': file(`{"__metadata__":{"packed":"{\\"a\\":[1000000000000000]}"},"a":${sound}}`, [1, 2]),
  'a packed shape that is no list': file(`{"__metadata__":{"packed":"{\\"a\\":9}"},"a":${sound}}`, [1, 2]),
  'a packed note that is not JSON': file(`{"__metadata__":{"packed":"a"},"a":${sound}}`, [1, 2]),
};
for (const [what, bytes] of Object.entries(hostile)) {
  test(`refuses ${what}`, () => assert.throws(() => decodeTensors(bytes), UserError));
}

test('no altered or shortened file ends in anything but a UserError', () => {
  const bytes = encodeTensors({ w: ndArray([2, 2], [1, 2, 3, 4]), m: { shape: [9], values: new Uint8Array(9) } }, { k: 'v' }, ['m']);
  for (let length = 0; length < bytes.length; length++) assert.throws(() => decodeTensors(bytes.subarray(0, length)), UserError);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      const altered = bytes.slice();
      altered[at] = value;
      try {
        decodeTensors(altered);
      } catch (error) {
        assert.ok(error instanceof UserError, `${error}`);
      }
    }),
    { numRuns: 1000 },
  );
});

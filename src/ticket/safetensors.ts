/**
 * Arrays as a safetensors file, which Python reads too (`safetensors.numpy.load_file`): 8 bytes with the length of the header,
 * the header as JSON, then the values, little-endian. Format: github.com/huggingface/safetensors.
 * Bits may be packed, eight in a byte, lowest first; the metadata entry `packed` then holds their shapes by name.
 */
import { type Arrays, type NdArray, size, type Values } from '../array.js';
import { invalid, lookUp, mismatched, UserError, unknown } from '../check.js';
import { canonicalJson, isPlainObject } from './canonicalJson.js';
import { packBits, unpackBits } from './packBits.js';
import { parseJson } from './parseJson.js';

export interface Tensors {
  readonly arrays: Arrays<Values>;
  /** Texts by name, from the file's header. */
  readonly metadata: Readonly<Record<string, string>>;
}

const types = { F32: Float32Array, I32: Int32Array, U8: Uint8Array };
const remedy = 'the file is cut short or altered: get it again';
/** The limit of the reference implementation. */
const longestHeader = 100_000_000;

/**
 * The bytes of a safetensors file. The same arrays and metadata give the same bytes.
 * @param packed names of arrays of 0 and 1 to store as bits
 * @throws UserError for a reserved name, or a shape that does not fit its values
 */
export function encodeTensors(
  arrays: Arrays<Values>,
  metadata: Readonly<Record<string, string>> = {},
  packed: readonly string[] = [],
): Uint8Array {
  if (Object.hasOwn(metadata, 'packed')) throw invalid('metadata', "any name but 'packed'", 'packed');
  const stored = Object.entries(arrays).map(([name, array]): [string, NdArray<Values>] => {
    if (name === '__metadata__' || name === '__proto__') throw invalid('array name', 'a name that is not reserved', name);
    if (size(array.shape) !== array.values.length) {
      throw invalid(`array '${name}' of shape [${array.shape}]`, `${size(array.shape)} values`, array.values.length);
    }
    if (!packed.includes(name)) return [name, array];
    if (!(array.values instanceof Uint8Array)) throw invalid(`packed array '${name}'`, 'bytes of 0 and 1', typeName(array.values));
    const bits = packBits(array.values);
    return [name, { shape: [bits.length], values: bits }];
  });
  for (const name of packed) if (!Object.hasOwn(arrays, name)) throw unknown('array to pack', name, Object.keys(arrays));

  const shapes = Object.fromEntries(packed.map((name) => [name, (arrays[name] as NdArray<Values>).shape]));
  const texts = packed.length > 0 ? { ...metadata, packed: canonicalJson(shapes) } : metadata;
  const header: Record<string, unknown> = Object.keys(texts).length > 0 ? { __metadata__: texts } : {};
  // Four-byte values stand first, so that every array begins at a multiple of its item size.
  const places = new Map<string, number>();
  let end = 0;
  for (const [name, { values }] of [...stored].sort((a, b) => b[1].values.BYTES_PER_ELEMENT - a[1].values.BYTES_PER_ELEMENT)) {
    places.set(name, end);
    end += values.byteLength;
  }
  for (const [name, { shape, values }] of stored) {
    const begin = places.get(name) as number;
    header[name] = { dtype: typeName(values), shape, data_offsets: [begin, begin + values.byteLength] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 0, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  for (const [name, { values }] of stored) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start + (places.get(name) as number));
  }
  return bytes;
}

/**
 * The arrays and metadata of a safetensors file; packed bits are unpacked. The names keep the order of the header.
 * @throws UserError if anything about the bytes is not as the format says, or an item type is other than F32, I32 and U8
 */
export function decodeTensors(bytes: Uint8Array): Tensors {
  const { header, data } = splitHeader(bytes);
  const metadata = readMetadata(header.__metadata__);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const places: { name: string; begin: number; end: number }[] = [];
  const arrays = entries.map(([name, entry]): [string, NdArray<Values>] => {
    const { type, shape, begin, end } = readEntry(name, entry, data.length);
    places.push({ name, begin, end });
    const copy = new Uint8Array(end - begin);
    copy.set(data.subarray(begin, end));
    return [name, { shape, values: new types[type](copy.buffer) }];
  });
  checkPlaces(places, data.length);
  const { packed, ...texts } = metadata;
  return { arrays: unpack(Object.fromEntries(arrays), packed), metadata: texts };
}

function splitHeader(bytes: Uint8Array): { header: Readonly<Record<string, unknown>>; data: Uint8Array } {
  if (bytes.length < 8) throw mismatched('tensor file', 'at least 8 bytes', `${bytes.length}`, remedy);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  const most = Math.min(longestHeader, bytes.length - 8);
  if (length > BigInt(most)) throw mismatched('header of the tensor file', `at most ${most} bytes`, `${length}`, remedy);
  const start = 8 + Number(length);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, start));
  } catch {
    throw new UserError(`the header of the tensor file is not UTF-8; ${remedy}`);
  }
  const header = parseJson(text, 'the header of the tensor file');
  if (!text.startsWith('{') || !isPlainObject(header)) throw mismatched('header of the tensor file', 'an object', typeof header, remedy);
  return { header, data: bytes.subarray(start) };
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isPlainObject(value)) throw mismatched('metadata of the tensor file', 'an object', typeof value, remedy);
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw mismatched(`metadata '${name}' of the tensor file`, 'a text', typeof text, remedy);
  }
  return value as Readonly<Record<string, string>>;
}

function readEntry(name: string, entry: unknown, length: number) {
  const what = `array '${name}' of the tensor file`;
  if (!isPlainObject(entry)) throw mismatched(what, 'an object', typeof entry, remedy);
  const { dtype, shape, data_offsets: offsets, ...others } = entry;
  const other = Object.keys(others)[0];
  if (other !== undefined) throw unknown(`field of ${what}`, other, ['dtype', 'shape', 'data_offsets']);
  if (typeof dtype !== 'string') throw mismatched(`item type of ${what}`, 'a text', typeof dtype, remedy);
  const { BYTES_PER_ELEMENT } = lookUp(`item type of ${what}`, dtype, types);
  const sizes = readSizes(`shape of ${what}`, shape);
  const places = readSizes(`data_offsets of ${what}`, offsets);
  const [begin, end] = places as [number, number];
  if (places.length !== 2 || begin > end || end > length) {
    throw mismatched(`data_offsets of ${what}`, `two places, in order, of at most ${length}`, `[${places}]`, remedy);
  }
  const bytes = size(sizes) * BYTES_PER_ELEMENT;
  if (bytes !== end - begin) throw mismatched(what, `${bytes} bytes for shape [${sizes}]`, `${end - begin}`, remedy);
  return { type: dtype as keyof typeof types, shape: sizes, begin, end };
}

function readSizes(what: string, value: unknown): number[] {
  const sound = Array.isArray(value) && value.length <= 32 && value.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!sound) throw invalid(what, 'a list of whole numbers', value);
  return value as number[];
}

/** The arrays must fill the data without gap or overlap: so no byte can be read as two things, or hide. */
function checkPlaces(places: { name: string; begin: number; end: number }[], length: number): void {
  let reached = 0;
  for (const { name, begin, end } of places.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== reached) throw mismatched(`place of array '${name}' in the tensor file`, `to begin at ${reached}`, `${begin}`, remedy);
    reached = end;
  }
  if (reached !== length) throw mismatched('data of the tensor file', `${reached} bytes`, `${length}`, remedy);
}

function unpack(arrays: Arrays<Values>, packed: string | undefined): Arrays<Values> {
  if (packed === undefined) return arrays;
  const shapes = parseJson(packed, "metadata 'packed' of the tensor file");
  if (!isPlainObject(shapes)) throw mismatched("metadata 'packed' of the tensor file", 'an object', typeof shapes, remedy);
  for (const name of Object.keys(shapes)) if (!Object.hasOwn(arrays, name)) throw unknown('packed array', name, Object.keys(arrays));
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => {
      if (!Object.hasOwn(shapes, name)) return [name, array];
      const shape = readSizes(`shape of packed array '${name}'`, shapes[name]);
      if (!(array.values instanceof Uint8Array)) throw mismatched(`packed array '${name}'`, 'U8', typeName(array.values), remedy);
      // The length check comes before the allocation, so a huge shape in a small file costs nothing.
      return [name, { shape, values: unpackBits(array.values, size(shape)) }];
    }),
  );
}

function typeName(values: Values): keyof typeof types {
  return values instanceof Float32Array ? 'F32' : values instanceof Int32Array ? 'I32' : 'U8';
}

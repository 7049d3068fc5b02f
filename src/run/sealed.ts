/** Arrays and JSON in one file that knows its own SHA-256: a changed bit is noticed, and the file is never used. */
import type { Arrays, Values } from '../array.js';
import { mismatched } from '../check.js';
import { canonicalJson, isPlainObject, sha256 } from '../ticket/canonicalJson.js';
import { parseJson } from '../ticket/parseJson.js';
import { decodeTensors, encodeTensors } from '../ticket/safetensors.js';
import type { Json } from './record.js';

export type Info = Readonly<Record<string, Json>>;

export interface Sealed {
  readonly arrays: Arrays<Values>;
  /** What the experiment says about the arrays. */
  readonly info: Info;
  /** What the store says about them. */
  readonly about: Info;
  /** SHA-256 of the file, its own entry counted as zeros. */
  readonly seal: string;
}

const blank = '0'.repeat(64);
const remedy = 'the file is cut short or altered';

/** The bytes of a sealed safetensors file; bytes that are all 0 or 1 are packed to bits. */
export function encodeSealed(arrays: Arrays<Values>, info: Info, about: Info): Uint8Array {
  const packed = Object.entries(arrays).filter(([, { values }]) => values instanceof Uint8Array && values.every((v) => v <= 1));
  const texts = { sha256: blank, info: canonicalJson(info, 'info'), about: canonicalJson(about, 'about') };
  const bytes = encodeTensors(
    arrays,
    texts,
    packed.map(([name]) => name),
  );
  bytes.set(Buffer.from(sha256(bytes)), placeOfSeal(bytes, blank));
  return bytes;
}

/** The content of a sealed file. @throws UserError unless every bit is as it was written */
export function decodeSealed(bytes: Uint8Array): Sealed {
  const { arrays, metadata } = decodeTensors(bytes);
  const { sha256: seal = 'none', info, about } = metadata;
  const open = new Uint8Array(bytes);
  const place = placeOfSeal(open, seal);
  if (place >= 0) open.set(Buffer.from(blank), place);
  const found = sha256(open);
  if (place < 0 || found !== seal) throw mismatched('SHA-256', seal, found, remedy);
  return { arrays, info: readInfo(info, 'info'), about: readInfo(about, 'about'), seal };
}

/** The name with its quotes cannot stand anywhere else: inside another text the quotes are escaped. */
function placeOfSeal(bytes: Uint8Array, seal: string): number {
  const name = '"sha256":"';
  const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(`${name}${seal}"`);
  return seal.length !== blank.length || found < 0 ? -1 : found + name.length;
}

function readInfo(text: string | undefined, name: string): Info {
  const value = parseJson(text ?? '', `'${name}' of the file`);
  if (!isPlainObject(value)) throw mismatched(`'${name}' of the file`, 'an object', typeof value, remedy);
  return value as Info;
}

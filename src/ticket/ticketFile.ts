/**
 * The file form of a ticket: safetensors, with the architecture and the origin as JSON in the header.
 * A weight array has its parameter's name, a mask the same name and `.mask`, packed to bits. In Python:
 * `numpy.unpackbits(mask, bitorder='little', count=weights.size)`. Parameters that the header's `kept` names hold
 * their kept weights only, in row-major order of the mask. A ticket in another basis has coefficients for weights, `basis` in the header,
 * and the matrices of each kernel as `NAME.basis0`, `NAME.basis1`, ..., rows being basis vectors.
 */
import { type Arrays, checkSameShapes, get, type NdArray, pick, size, type Values } from '../array.js';
import { invalid, mismatched, missing, UserError } from '../check.js';
import { mask } from '../mask.js';
import type { Architecture } from '../model/architecture.js';
import { parameters } from '../model/shapes.js';
import { basisArrays, basisHeader, isBasisArray, readBasis } from './basisFile.js';
import { canonicalJson, isPlainObject } from './canonicalJson.js';
import { parseJson } from './parseJson.js';
import { decodeTensors, encodeTensors } from './safetensors.js';
import type { Origin, Ticket } from './ticket.js';
import { ticketHash } from './ticketHash.js';

const format = 'neoteny-ticket-1';
const suffix = '.mask';
const remedy = 'the file is altered, or not a ticket: get it again';

export interface TicketFileOptions {
  /** Leave the pruned weights out: at 95 % sparsity the file is about a twelfth. They come back as 0. Default false. */
  readonly keptOnly?: boolean;
}

/**
 * A ticket as the bytes of a safetensors file. Same ticket, same bytes.
 * @throws UserError if a pruned weight is not exactly 0, or mask and weights do not fit
 */
export function encodeTicket(ticket: Ticket, { keptOnly = false }: TicketFileOptions = {}): Uint8Array {
  checkTicket(ticket);
  const masked = Object.keys(ticket.mask);
  const weights = keptOnly
    ? { ...ticket.weights, ...Object.fromEntries(masked.map((name) => [name, keptOf(ticket, name)])) }
    : ticket.weights;
  const masks = Object.fromEntries(masked.map((name) => [name + suffix, get(ticket.mask, name)]));
  const metadata = {
    format,
    ticket: ticketHash(ticket),
    architecture: canonicalJson(ticket.architecture, 'architecture'),
    origin: canonicalJson(ticket.origin, 'origin'),
    kept: canonicalJson(keptOnly ? masked : []),
    ...(ticket.basis && { basis: canonicalJson(basisHeader(ticket.basis), 'basis') }),
  };
  const matrices = ticket.basis ? basisArrays(ticket.basis) : {};
  return encodeTensors({ ...weights, ...masks, ...matrices }, metadata, Object.keys(masks));
}

/**
 * The ticket in a safetensors file.
 * @throws UserError unless the file is a sound ticket: all parts there, shapes that fit, pruned weights 0, the hash as stored
 */
export function decodeTicket(bytes: Uint8Array): Ticket {
  const { arrays, metadata } = decodeTensors(bytes);
  if (metadata['format'] !== format) throw mismatched('ticket file', `format '${format}'`, `'${metadata['format']}'`, remedy);
  const ofBasis = Object.keys(arrays).filter(isBasisArray);
  const names = Object.keys(arrays).filter((name) => !name.endsWith(suffix) && !isBasisArray(name));
  const masked = names.filter((name) => Object.hasOwn(arrays, name + suffix));
  const entries = mask(Object.fromEntries(masked.map((name) => [name, get(arrays, name + suffix)])));
  if (names.length + masked.length + ofBasis.length !== Object.keys(arrays).length)
    throw missing('the weights of a mask in the ticket file', remedy);

  const kept = parseJson(metadata['kept'] ?? '[]', "'kept' of the ticket file");
  if (!Array.isArray(kept) || !kept.every((name) => masked.includes(name)))
    throw invalid("'kept' of the ticket file", 'names of masked parameters', kept);
  const weights = Object.fromEntries(
    names.map((name) => {
      const array = get(arrays, name);
      return [name, kept.includes(name) ? spread(name, array, get(entries, name)) : floats(name, array)];
    }),
  );
  const ticket = {
    architecture: readArchitecture(metadata['architecture']),
    mask: entries,
    weights,
    ...basisOf(metadata['basis'], pick(arrays, ofBasis), weights),
    origin: readOrigin(metadata['origin']),
  };
  checkTicket(ticket);
  const hash = ticketHash(ticket);
  if (hash !== metadata['ticket'])
    throw mismatched('hash of the ticket file', `'${metadata['ticket']}' as stored in it`, `'${hash}'`, remedy);
  return ticket;
}

function basisOf(header: string | undefined, arrays: Arrays<Values>, weights: Arrays): Pick<Ticket, 'basis'> {
  if (header !== undefined) return { basis: readBasis(parseJson(header, 'basis of the ticket file'), arrays, weights) };
  const [extra] = Object.keys(arrays);
  if (extra !== undefined) throw missing(`basis in the header of the ticket file, which has '${extra}'`, remedy);
  return {};
}

function checkTicket({ architecture, mask: entries, weights }: Ticket): void {
  const expected = parametersOf(architecture);
  checkSameShapes('weights of the ticket', expected, weights, 'a ticket has every parameter of its architecture');
  checkSameShapes('mask of the ticket', pick(weights, Object.keys(entries)), entries, 'a mask has the shape of its weights');
  for (const [name, { values }] of Object.entries(entries)) {
    const { values: w } = get(weights, name);
    const wrong = values.findIndex((bit, i) => bit === 0 && !Object.is(w[i], 0));
    if (wrong >= 0)
      throw mismatched(`pruned weight ${wrong} of '${name}'`, '0', Object.is(w[wrong], -0) ? '-0' : `${w[wrong]}`, 'apply the mask first');
  }
}

/** The parameters' shapes, as arrays without values. A malformed architecture must not end in a TypeError. */
function parametersOf(architecture: Architecture): Arrays {
  try {
    return Object.fromEntries(parameters(architecture).map(({ name, shape }) => [name, { shape, values: new Float32Array(0) }]));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`the architecture of the ticket is malformed (${(error as Error).message}); ${remedy}`);
  }
}

function keptOf({ mask: entries, weights }: Ticket, name: string): NdArray {
  const bits = get(entries, name).values;
  const values = get(weights, name).values.filter((_, i) => bits[i] === 1);
  return { shape: [values.length], values };
}

function spread(name: string, array: NdArray<Values>, { shape, values: bits }: NdArray<Uint8Array>): NdArray {
  const { values: kept } = floats(name, array);
  const values = new Float32Array(size(shape));
  let next = 0;
  for (let i = 0; i < bits.length; i++) if (bits[i] === 1) values[i] = kept[next++] as number;
  if (next !== kept.length)
    throw mismatched(`'${name}' of the ticket file`, `${next} kept weights, as its mask has`, `${kept.length}`, remedy);
  return { shape, values };
}

function floats(name: string, { shape, values }: NdArray<Values>): NdArray {
  if (!(values instanceof Float32Array)) throw mismatched(`'${name}' of the ticket file`, 'float32 weights', 'whole numbers', remedy);
  return { shape, values };
}

function readArchitecture(text: string | undefined): Architecture {
  if (text === undefined) throw missing('architecture in the ticket file', remedy);
  const value = parseJson(text, 'architecture of the ticket file');
  const sound =
    isPlainObject(value) && typeof value['name'] === 'string' && Array.isArray(value['input']) && Array.isArray(value['layers']);
  if (!sound) throw new UserError(`the architecture of the ticket file has no name, input or layers; ${remedy}`);
  return value as unknown as Architecture;
}

function readOrigin(text: string | undefined): Origin {
  if (text === undefined) throw missing('origin in the ticket file', remedy);
  const value = parseJson(text, 'origin of the ticket file');
  const sound =
    isPlainObject(value) &&
    (value['parent'] === null || typeof value['parent'] === 'string') &&
    typeof value['operator'] === 'string' &&
    isPlainObject(value['options']);
  if (!sound) throw new UserError(`the origin of the ticket file has no parent, operator or options; ${remedy}`);
  return value as unknown as Origin;
}

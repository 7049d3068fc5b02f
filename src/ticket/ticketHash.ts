/** The name of a ticket. */
import { createHash } from 'node:crypto';
import type { Arrays, Values } from '../array.js';
import { basisArrays, basisHeader } from './basisFile.js';
import { canonicalJson } from './canonicalJson.js';
import { packBits } from './packBits.js';
import type { Ticket } from './ticket.js';

/**
 * The first 12 hexadecimal digits of a SHA-256 over the whole ticket: architecture, origin (so the parent's hash as well),
 * mask bits and weight bits, by name in sorted order; with a basis also its name and the bits of its matrices. Equal for equal tickets, whatever file they come from.
 */
export function ticketHash({ architecture, origin, mask, weights, basis }: Ticket): string {
  const hash = createHash('sha256');
  hash.update(canonicalJson({ architecture, origin, mask: shapes(mask), weights: shapes(weights) }, 'ticket'));
  for (const name of Object.keys(mask).sort()) hash.update(packBits((mask[name] as { values: Uint8Array }).values));
  const addFloats = (arrays: Arrays): void => {
    for (const name of Object.keys(arrays).sort()) {
      const { buffer, byteOffset, byteLength } = (arrays[name] as { values: Float32Array }).values;
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    }
  };
  addFloats(weights);
  if (basis !== undefined) {
    hash.update(canonicalJson(basisHeader(basis), 'basis'));
    addFloats(basisArrays(basis));
  }
  return hash.digest('hex').slice(0, 12);
}

function shapes(arrays: Arrays<Values>): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]));
}

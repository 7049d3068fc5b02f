import { get, size } from '../array.js';
import { kept } from '../mask.js';
import { compact } from './compact.js';
import type { Ticket } from './ticket.js';

/**
 * How many numbers the kernels of a ticket take in a file; biases and BatchNorm, the same for all, are left out. In a fixed or random basis
 * these are the kept coefficients, never the non-zeros of the weights that they stand for. An adaptive basis is stored too: each vector
 * with a kept coefficient counts its length, so that a kernel [d, n] of rank r takes r (d + n); where that is more than the dense kernel,
 * the dense one counts. Without a basis it is what `compact` leaves, in which the inputs from removed units are gone.
 */
export function storedNumbers(ticket: Ticket): number {
  const { basis, mask } = ticket;
  if (basis === undefined) return kept(compact(ticket).mask);
  return Object.keys(mask).reduce((sum, name) => {
    const coefficients = kept({ [name]: get(mask, name) });
    const coordinates = Object.hasOwn(basis.coordinates, name) ? basis.coordinates[name] : undefined;
    if (!basis.adaptive || coordinates === undefined) return sum + coefficients;
    const { view, matrices } = coordinates;
    const vectors = view.reduce((total, n, axis) => total + (matrices[axis] ? n * used(get(mask, name).values, view, axis) : 0), 0);
    return sum + Math.min(coefficients + vectors, size(view));
  }, 0);
}

/** How many indices of an axis have a kept coefficient. */
function used(bits: Uint8Array, view: readonly number[], axis: number): number {
  const n = view[axis] as number;
  const after = size(view.slice(axis + 1));
  const found = new Uint8Array(n);
  for (let i = 0; i < bits.length; i++) if (bits[i] === 1) found[Math.floor(i / after) % n] = 1;
  return found.reduce((sum, bit) => sum + bit, 0);
}

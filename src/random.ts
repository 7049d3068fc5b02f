/**
 * Seeded random streams, one for each purpose. A stream is named by its seed and a path of purposes
 * (`stream(7, 'order', 3)`: the data order of epoch 3), so nothing has to be stored to resume one.
 * The generator is xoshiro128** (Blackman & Vigna 2018, arXiv:1805.01407), its state a hash of the name.
 */
import { createHash } from 'node:crypto';
import { checkCount } from './check.js';

export interface Random {
  /** A whole number in [0, 2^32). */
  bits(): number;
  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number;
  /** Standard normal, by the polar method of Marsaglia. */
  normal(): number;
  /** A whole number in [0, n), without bias. */
  integer(n: number): number;
}

/**
 * The random stream of that seed and purpose. Same name, same numbers, on every machine.
 * @param seed whole number of at least 0
 * @throws UserError if the seed is not a whole number of at least 0
 * @example stream(1, 'init').bits() === stream(1, 'init').bits() // => true
 * @example stream(1, 'init').bits() === stream(1, 'order').bits() // => false
 */
export function stream(seed: number, ...purpose: readonly (string | number)[]): Random {
  checkCount('seed', seed);
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...purpose]))
    .digest();
  const s = new Uint32Array(4);
  for (let i = 0; i < 4; i++) s[i] = digest.readUInt32LE(4 * i);
  return fromState(s);
}

function fromState(s: Uint32Array): Random {
  let spare: number | undefined;
  const bits = (): number => {
    let [a, b, c, d] = s as unknown as [number, number, number, number];
    const m = Math.imul(b, 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    s[0] = a;
    s[1] = b;
    s[2] = c;
    s[3] = d;
    return result;
  };
  const uniform = (): number => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const r = x * x + y * y;
      if (r >= 1 || r === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(r)) / r);
      spare = y * scale;
      return x * scale;
    }
  };
  const integer = (n: number): number => {
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const value = bits();
      if (value < limit) return value % n;
    }
  };
  return { bits, uniform, normal, integer };
}

/** The numbers 0 ... n-1 in random order (Fisher-Yates). Cost O(n). */
export function permutation(n: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const value = order[i] as number;
    order[i] = order[j] as number;
    order[j] = value;
  }
  return order;
}

/**
 * A seed for one purpose, drawn from another seed: a whole number in [0, 2^31).
 * @example deriveSeed(0, 'order', 1) === deriveSeed(0, 'order', 2) // => false
 */
export function deriveSeed(seed: number, ...purpose: readonly (string | number)[]): number {
  return stream(seed, 'seed', ...purpose).bits() >>> 1;
}

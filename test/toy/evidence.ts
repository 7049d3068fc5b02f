import type { Arrays } from '../../src/array.js';
import { denseMask } from '../../src/mask.js';
import { stream } from '../../src/random.js';
import type { Evidence } from '../../src/score/criterion.js';

/** Evidence about the given weights; what is not given is a dense mask, an equal start and the stream of seed 1. */
export function evidence(weights: Arrays, rest: Partial<Evidence> = {}): Evidence {
  return { weights, initial: weights, mask: denseMask(weights), random: stream(1, 'score'), ...rest };
}

/** How many images are measured in one call. */
import type { Architecture } from '../model/architecture.js';
import { multiplyAdds } from '../model/shapes.js';

/** Multiply-adds of one call: about a tenth of a second on one core, so that a notebook stays awake between calls. */
const work = 2e9;

/**
 * 1000 images for small networks, fewer for large ones, at least 50.
 * @example evaluationBatch({ name: 'one', input: [28, 28, 1], layers: [{ type: 'flatten' }, { type: 'dense', name: 'out', units: 10 }] }) // => 1000
 */
export function evaluationBatch(architecture: Architecture): number {
  const each = multiplyAdds(architecture);
  return [1000, 500, 200, 100].find((images) => images * each <= work) ?? 50;
}

/** Runs work that pauses between its parts to its end. */
export function withoutPause<T>(parts: Generator<void, T, void>): T {
  for (;;) {
    const { done, value } = parts.next();
    if (done) return value;
  }
}

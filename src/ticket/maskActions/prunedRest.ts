import { type Arrays, get, mapEach } from '../../array.js';
import type { Mask } from '../../mask.js';
import type { PrunedAction } from './pruned/prunedAction.js';

/**
 * What pruned weights are frozen at, 0 where weights are kept: so that kept weights + rest is the network.
 * @param initial prunable weights at the start
 * @param final the same after training
 */
export function prunedRest(action: PrunedAction, mask: Mask, initial: Arrays, final: Arrays): Arrays {
  return mapEach(mask, ({ shape, values }, name) => {
    const [start, end] = [get(initial, name).values, get(final, name).values];
    return { shape, values: Float32Array.from(values, (m, i) => (m === 1 ? 0 : action.value(start[i] as number, end[i] as number))) };
  });
}

/** Following procedures that change the mask of a training which is scripted. */
import assert from 'node:assert/strict';
import { get } from '../../src/array.js';
import type { Pause, PausedTraining } from '../../src/train/train.js';

/** No procedure looks at the update that comes next: where gradients come from is the caller's business. */
export const nothing: Pause['next'] = { indices: new Int32Array(0), learningRate: 0, step: 0, seed: 0 };

/**
 * What a procedure tells and returns.
 * @param given what the training was given back so far
 */
export async function followed<Told, Result>(procedure: AsyncGenerator<Told, Result>, given: readonly PausedTraining[]) {
  const told: Told[] = [];
  for (;;) {
    const { done, value } = await procedure.next();
    if (done) return { told, result: value };
    // A checkpoint is made after the exchange, so what is said of it must come before.
    assert.equal(given.length, told.length);
    told.push(value);
  }
}

/** A layer's mask as text, 1 for a weight that is kept. */
export const bits = ({ mask }: Pick<PausedTraining, 'mask'>, name = 'dense1/kernel'): string => [...get(mask, name).values].join('');

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ndArray } from '../../src/array.js';
import { denseMask, kept } from '../../src/mask.js';
import { prune } from '../../src/prune/prune.js';
import { expectedKept } from '../../src/ticket/expectedKept.js';

test('what counts say is left is what pruning leaves, also where a decimal fraction ends on a half', () => {
  // 0.7 * 855 is 598.5, in floating point a little less.
  for (const n of [1, 2, 15, 45, 130, 855, 1000]) {
    const scores = {
      a: ndArray(
        [n],
        Float32Array.from({ length: n }, (_, i) => i),
      ),
    };
    for (let hundredths = 0; hundredths <= 100; hundredths++) {
      for (const scope of ['global', 'layerwise'] as const) {
        for (const amount of [{ fraction: hundredths / 100 }, { sparsity: hundredths / 100 }]) {
          const mask = prune(denseMask(scores), scores, { amount, scope });
          assert.equal(expectedKept(denseMask(scores), { amount, scope }, -1), kept(mask), `${JSON.stringify(amount)} of ${n}, ${scope}`);
        }
      }
    }
  }
});

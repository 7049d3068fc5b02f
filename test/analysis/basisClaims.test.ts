import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basisClaims } from '../../src/analysis/basisClaims.js';
import type { LevelSummary, RunRecord } from '../../src/run/record.js';

const densities = [1, 0.5, 0.12, 0.06, 0.03];
/** A run of an arm whose accuracies at the levels are given; null leaves a level out. */
const run = (arm: string, replicate: number, accuracies: readonly (number | null)[]): RunRecord => ({
  key: `basis-${arm}-r${replicate}`,
  spec: { experiment: 'basis', arm, replicate },
  status: 'done',
  rows: accuracies.flatMap((testAtEarlyStop, level) =>
    testAtEarlyStop === null
      ? []
      : [{ kind: 'level', level, density: densities[level], testAtEarlyStop, earlyStop: 100 } as unknown as LevelSummary],
  ),
});
const replicates = (arm: string, accuracies: readonly (number | null)[]): RunRecord[] =>
  [1, 2, 3].map((replicate) =>
    run(
      arm,
      replicate,
      accuracies.map((a) => (a === null ? null : a + 0.0001 * replicate)),
    ),
  );

test('claims on bases with hand-worked differences', () => {
  const claims = basisClaims([
    ...replicates('canonical', [0.95, 0.95, 0.949, 0.94, 0.92]),
    ...replicates('canonical-reinitialise', [null, 0.94, 0.93, 0.91, 0.89]),
    ...replicates('dct', [0.951, 0.952, 0.95, 0.95, 0.94]),
    ...replicates('randomOrthogonal', [0.95, 0.94, 0.93, 0.9, 0.85]),
    ...replicates('units', [0.95, 0.94, 0.9, 0.89, 0.8]),
    ...replicates('units-reinitialise', [null, 0.95, 0.91, 0.9, 0.81]),
  ]);
  const byId = Object.fromEntries(claims.map((claim) => [claim.id, claim]));
  const means = (id: string): number[] =>
    (byId[id]?.parts ?? []).map(({ difference }) => Number((difference?.mean ?? Number.NaN).toFixed(6)));
  // Levels of 0.12, 0.06 and 0.03: 0.019, 0.03 and 0.03. DCT and random have no control in these runs, so nothing to show.
  assert.deepEqual(means('fresh').slice(0, 1), [0.026333]);
  assert.equal(byId['fresh']?.held, 'undecided');
  assert.match(byId['fresh']?.sentence ?? '', /'DCT' above 'DCT, fresh': no finished runs/);
  // At 0.12 against level 0 of the same arm.
  assert.deepEqual(means('matching'), [-0.001, -0.001, -0.02]);
  assert.equal(byId['matching']?.held, false);
  // Levels of 0.06 and 0.03: 0.01 and 0.02.
  assert.deepEqual(means('geometry'), [0.015]);
  assert.equal(byId['geometry']?.held, true);
  assert.deepEqual(means('meaning'), [0.055]);
  assert.equal(byId['structure']?.held, false);
  assert.deepEqual(means('structure'), [-0.01]);
  assert.equal(byId['subspace']?.held, 'undecided');
});

test('without runs every claim is undecided and says so', () => {
  for (const claim of basisClaims([])) {
    assert.equal(claim.held, 'undecided');
    assert.match(claim.sentence, /no finished runs|no level near/);
  }
});

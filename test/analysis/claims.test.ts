import assert from 'node:assert/strict';
import test from 'node:test';
import { claimsSentence, juvenileClaims } from '../../src/analysis/juvenileClaims.js';
import { juvenileRuns, stepsTo } from '../../src/analysis/juvenileRuns.js';
import { juvenileTable } from '../../src/analysis/juvenileTable.js';
import { impClaims } from '../../src/analysis/impClaims.js';
import { toRows } from '../../src/analysis/table.js';
import type { Row, RunRecord } from '../../src/run/record.js';
import { fakeImpRecords, fakeJuvenileRecords } from '../fixtures/fakeRecords.js';

/** A juvenile record by hand: for each iteration the validation accuracies at steps 100, 200, ..., and after pruning. */
function record(arm: string, replicate: number, iterations: readonly { curve: readonly number[]; pruned: number }[]): RunRecord {
  const rows = iterations.flatMap(({ curve, pruned }, level): Row[] => [
    ...curve.flatMap((accuracy, i): Row[] =>
      (['validation', 'test'] as const).map((split) => ({
        kind: 'evaluation',
        level,
        step: 100 * (i + 1),
        split,
        loss: 1 - accuracy,
        accuracy,
        phase: 'training',
      })),
    ),
    { kind: 'evaluation', level, step: 100 * curve.length, split: 'test', loss: 1, accuracy: pruned, phase: 'pruned' },
  ]);
  return { key: `${arm}${replicate}`, spec: { experiment: 'juvenile', arm, replicate }, rows, status: 'done' };
}

const grow = (r: number, lift = 0): RunRecord =>
  record('grow-identity', r, [
    { curve: [0.9, 0.95, 0.96, 0.965, 0.97 + lift], pruned: 0.4 },
    { curve: [0.969, 0.97, 0.97, 0.97, 0.971 + lift], pruned: 0.9 },
  ]);
const reset = (r: number, lift = 0): RunRecord =>
  record('reset', r, [
    { curve: [0.9, 0.95, 0.96, 0.97, 0.975 + lift], pruned: 0.2 },
    { curve: [0.91, 0.93, 0.94, 0.95, 0.955 + lift], pruned: 0.95 },
  ]);

test('juvenileRuns reads early, end, test and pruned accuracy of each iteration', () => {
  const [run] = juvenileRuns([grow(1)]);
  const [, second] = run?.iterations ?? [];
  assert.deepEqual([second?.early, second?.end, second?.test, second?.pruned], [0.969, 0.971, 0.971, 0.9]);
  assert.equal(stepsTo(second?.curve ?? [], 0.97), 200);
  assert.equal(stepsTo(second?.curve ?? [], 0.99), undefined);
});

test('claims hold on data made to fulfil them, with hand-worked numbers', () => {
  const claims = juvenileClaims([grow(1), grow(2, 0.0002), reset(1), reset(2, -0.0003)]);
  const [a, b, c] = claims;
  assert.deepEqual([a?.held, b?.held, c?.held], [true, true, true], JSON.stringify(claims, null, 1));
  // Reset needs all 500 iterations to reach its own end (0.955), growth 100: both replicates, so a difference of exactly 400.
  assert.equal(a?.parts[1]?.difference?.mean, 400);
  // 0.969 - 0.91 after a fifth of 500 iterations.
  assert.ok(Math.abs((a?.parts[0]?.difference?.mean as number) - 0.059) < 1e-12);
  // Ends: 0.971 - 0.955 and 0.9712 - 0.9547.
  assert.ok(Math.abs((a?.parts[2]?.difference?.mean as number) - 0.01625) < 1e-12);
  assert.match(a?.sentence ?? '', /\+1\.63 points|\+1\.62 points/);
  // The drop at the start of iteration 1 of reset: 0.975 - 0.91 = 0.065 and 0.0647.
  assert.ok(Math.abs((c?.parts[0]?.difference?.mean as number) - 0.06485) < 1e-12);
});

test('claims fail where the arms change places', () => {
  const swap = (r: RunRecord): RunRecord => ({ ...r, spec: { ...r.spec, arm: r.spec.arm === 'reset' ? 'grow-identity' : 'reset' } });
  const [a, b, c] = juvenileClaims([grow(1), grow(2, 0.0002), reset(1), reset(2, -0.0003)].map(swap));
  assert.deepEqual([a?.held, b?.held, c?.held], [false, false, false]);
});

test('one replicate or an absent arm decides nothing', () => {
  for (const claims of [juvenileClaims([grow(1), reset(1)]), juvenileClaims([grow(1), grow(2)]), juvenileClaims([])]) {
    assert.ok(claims.filter(({ id }) => 'ab'.includes(id)).every(({ held }) => held === 'undecided'));
  }
  assert.match(juvenileClaims([])[0]?.sentence ?? '', /no finished runs/);
  assert.match(juvenileClaims([grow(1), reset(1)])[0]?.sentence ?? '', /one replicate, so no spread/);
});

test('the control decides whether growth itself helps, and says what keeping weights has', () => {
  const claims = juvenileClaims(fakeJuvenileRecords(3));
  const control = claims.find(({ id }) => id === 'control');
  assert.match(
    control?.sentence ?? '',
    /While training the last time growth has 24747 weights, the control 9182\. After the last pruning both have 9182 weights/,
  );
  assert.match(control?.sentence ?? '', /keeping the weights without growth has \+1\.\d\d points \(9\d %\)/);
  assert.equal(
    control?.held,
    false,
    'the synthetic arms differ by 0.09 points, below the tolerance of 0.2, and by -0.5 after the last pruning',
  );
  assert.equal(claims.find(({ id }) => id === 'identity')?.held, true);
  assert.match(claimsSentence(claims), /^Claims that held: a, b, c, identity; did not hold: control\.$/);
  assert.equal(claimsSentence(juvenileClaims([grow(1), reset(1)])), 'Claims undecided: a, b, c, control, identity.');
});

test('a run that is under way is not paired with a longer one', () => {
  const short: RunRecord = { ...reset(1), rows: reset(1).rows.filter(({ level }) => level === 0), status: 'partial' };
  assert.equal(juvenileClaims([grow(1), grow(2), short, reset(2)])[0]?.parts[2]?.difference?.n, 1);
});

test('the juvenile table has one row for each arm, in a fixed order', () => {
  const rows = toRows(juvenileTable([reset(1), reset(2, -0.0003), grow(1)]));
  assert.deepEqual(
    rows.map(({ arm }) => arm),
    ['reset', 'grow-identity'],
  );
  assert.deepEqual([rows[0]?.replicates, rows[0]?.pruned, rows[1]?.sd, rows[0]?.stepsTo97], [2, 0.95, null, null]);
  assert.ok(Math.abs((rows[0]?.it1 as number) - 0.95485) < 1e-12);
  assert.equal(rows[1]?.stepsTo97, 200);
});

test('findings of the lottery ticket paper on data drawn to have them', () => {
  const claims = Object.fromEntries(impClaims(fakeImpRecords(5)).map((c) => [c.id, c]));
  assert.equal(claims['tickets-reinitialise']?.held, true);
  assert.equal(claims['tickets-shuffle-mask']?.held, true);
  assert.equal(claims.faster?.held, true);
  assert.match(claims.faster?.sentence ?? '', /% fewer/);
  const swapped = fakeImpRecords(5).map((r) => ({
    ...r,
    spec: { ...r.spec, arm: { ticket: 'reinitialise', reinitialise: 'ticket' }[r.spec.arm as string] ?? 'other' },
  }));
  const opposite = Object.fromEntries(impClaims(swapped).map((c) => [c.id, c]));
  assert.equal(opposite['tickets-reinitialise']?.held, false);
  assert.equal(opposite.faster?.held, 'undecided', 'controls have no dense level');
  const quick = fakeImpRecords(5).map((r) => ({
    ...r,
    rows: r.rows.map((row) => (row.kind === 'level' && row.level === 0 ? { ...row, earlyStop: 100 } : row)),
  }));
  assert.equal(impClaims(quick).find(({ id }) => id === 'faster')?.held, false);
  assert.equal(impClaims([])[0]?.held, 'undecided');
});

test('pruning that ends too early says that no level is there, not that no run is', () => {
  const shallow = impClaims(fakeImpRecords(3, 3));
  const sentence = (id: string): string => shallow.find((claim) => claim.id === id)?.sentence ?? '';
  assert.match(sentence('tickets-reinitialise'), /^ticket above '.*': no level below a density of 0\.2 in both\./);
  assert.match(sentence('matching'), /^test accuracy near density 0\.036 against dense: no level within 15 % of that density\./);
  assert.match(impClaims([]).find(({ id }) => id === 'matching')?.sentence ?? '', /against dense: no finished runs\./);
  assert.match(impClaims(fakeImpRecords(3, 18, ['ticket']))[0]?.sentence ?? '', /: no finished runs\./);
});

/** Verdicts on supermasks, mask actions and constructions, on records whose answers are known. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { constructionClaims } from '../../src/analysis/constructionClaims.js';
import { maskActionClaims } from '../../src/analysis/maskActionClaims.js';
import { pairDifferences, pairRows } from '../../src/analysis/pairRows.js';
import { supermaskClaims } from '../../src/analysis/supermaskClaims.js';
import type { LevelSummary, Point, Row, RunRecord, Spec } from '../../src/run/record.js';

let count = 0;
const record = (spec: Spec, rows: readonly Row[]): RunRecord => ({ key: `run-${++count}`, spec, rows, status: 'done' });
const point = (name: string, values: Point['values']): Row => ({ kind: 'point', name, level: 0, values });
const held = (claims: readonly { id: string; held: unknown }[]) => Object.fromEntries(claims.map((c) => [c.id, c.held]));

test('rows are paired by columns, differences averaged within a replicate', () => {
  const a = [1, 2].flatMap((replicate) => [0.5, 0.1].map((density) => ({ replicate, density, accuracy: replicate / 10 + density })));
  const b = a.filter((row) => row.replicate === 1 || row.density === 0.1).map((row) => ({ ...row, accuracy: row.accuracy - row.density }));
  const { values, detail } = pairDifferences(pairRows(a, b, ['replicate', 'density'], 'accuracy'));
  assert.ok(Math.abs((values[0] as number) - 0.3) < 1e-12 && Math.abs((values[1] as number) - 0.1) < 1e-12);
  assert.equal(detail, '36.67 % against 13.33 %');
  assert.deepEqual(pairDifferences([]), { values: [] });
});

const supermasks = (shift: number): RunRecord[] =>
  [1, 2, 3].flatMap((replicate) => {
    const run = (arm: string, initialiser: string, levels: readonly [density: number, accuracy: number][]): RunRecord =>
      record(
        { experiment: 'supermask', arm, replicate, initialiser, model: 'mlp-10' },
        levels.map(([density, accuracy], level) => {
          const testAtEnd = accuracy + replicate / 10_000;
          return { kind: 'level', level, density, prunable: 100, testAtEnd, validationAtEnd: testAtEnd } as LevelSummary;
        }),
      );
    return [
      run('edge-popup', 'signedConstant', [
        [0.1, 0.9],
        [0.5, 0.975 + shift],
        [0.9, 0.92],
      ]),
      run('edge-popup', 'heNormal', [
        [0.1, 0.88],
        [0.5, 0.96],
      ]),
      run('biprop', 'signedConstant', [[0.5, 0.95]]),
      run('bernoulli', 'signedConstant', [[0.499, 0.94]]),
      run('bernoulli-rescaled', 'signedConstant', [[0.502, 0.96]]),
      run('trained', 'signedConstant', [[1, 0.98]]),
    ];
  });

test('supermasks: the best share is compared with trained weights, initialisers share by share', () => {
  const claims = supermaskClaims(supermasks(0));
  assert.deepEqual(held(claims), { random: true, binary: false, middle: true, constant: true, rescaled: true });
  assert.ok(Math.abs((claims[0]?.parts[0]?.difference?.mean as number) + 0.005) < 1e-9);
  assert.ok(Math.abs((claims[3]?.parts[0]?.difference?.mean as number) - (0.02 + 0.015) / 2) < 1e-9);
  const worse = held(supermaskClaims(supermasks(-0.07)));
  assert.deepEqual([worse.random, worse.middle], [false, false]);
  assert.ok(supermaskClaims([]).every((c) => c.held === 'undecided'));
});

test('mask actions: what is better in the numbers is better in the verdicts, and the other way round', () => {
  const trained: Record<string, number> = {
    'magnitude,rewind,zero': 0.95,
    'magnitudeIncrease,rewind,zero': 0.948,
    'largeInit,rewind,zero': 0.9,
    'random,rewind,zero': 0.85,
    'magnitude,reinitialise,zero': 0.9,
    'magnitude,reinitialiseSigned,zero': 0.94,
    'magnitude,reshuffle,zero': 0.9,
    'magnitude,reshuffleSigned,zero': 0.94,
    'magnitude,constant,zero': 0.9,
    'magnitude,constantSigned,zero': 0.94,
    'magnitude,rewind,freeze': 0.9,
    'magnitude,rewind,zeroIfShrunk': 0.96,
    'magnitude,rewind,zeroIfGrown': 0.7,
  };
  const records = (flip: number): RunRecord[] =>
    [1, 2, 3].flatMap((replicate) =>
      Object.entries(trained).map(([name, accuracy]) => {
        const [arm = '', keptAction = '', prunedAction = ''] = name.split(',');
        const untrained = (weights: string, density: number, a: number): Row =>
          point('untrained', { density, kept: 100 * density, weights, accuracy: a, validationAccuracy: a });
        const lift = arm === 'magnitude' ? 0 : 0.2 * flip;
        return record({ experiment: 'maskActions', arm, replicate }, [
          untrained('constantSigned', 0.5, 0.6 + lift),
          untrained('constantSigned', 0.1, 0.3 + lift),
          untrained('rewind', 0.5, 0.6 + lift - 0.05 * flip),
          point('retrained', {
            density: 0.1,
            kept: 10,
            keptAction,
            prunedAction,
            accuracy: 0.8 + flip * (accuracy - 0.8) + replicate / 1000,
          }),
        ]);
      }),
    );
  const same = records(1).flatMap((r) => (r.spec.arm === 'random' ? [{ ...r, spec: { ...r.spec, arm: 'largeFinalSameSign' } }, r] : [r]));
  assert.deepEqual(held(maskActionClaims(same)), {
    ...{ large: true, increase: true, sign: true, zero: true, towards: true, supermask: true },
  });
  const turned = held(maskActionClaims(records(-1)));
  assert.deepEqual([turned.large, turned.sign, turned.zero, turned.towards], [false, false, false, false]);
  assert.ok(maskActionClaims([]).every((c) => c.held === 'undecided'));
});

test('constructions: slopes are those that made the numbers, and one target over the bound fails', () => {
  const records = (ratio: number): RunRecord[] =>
    [1, 2].flatMap((replicate) =>
      ['sums', 'nearest'].map((arm) =>
        record(
          { experiment: 'construction', arm, replicate },
          [2, 6, 10, 20].map((n) => {
            const error = n < 6 ? 1 : arm === 'sums' ? 10 ** (-n / 4) : 1 / n;
            return point('construction', { count: n, error, targets: 10, within: ratio > 1 ? 9 : 10, maxRatio: ratio });
          }),
        ),
      ),
    );
  const claims = constructionClaims(records(0.02));
  assert.deepEqual(held(claims), { bound: true, sums: true, nearest: true });
  assert.match(claims[0]?.reading ?? '', /160 of 160 targets .* 2\.0 % of it/);
  assert.match(claims[1]?.reading ?? '', /every 4\.00 units/);
  assert.equal(constructionClaims(records(1.1))[0]?.held, false);
  // Two arms of two replicates are two numbers, not four.
  assert.equal(claims[0]?.parts[0]?.difference?.n, 2);
});

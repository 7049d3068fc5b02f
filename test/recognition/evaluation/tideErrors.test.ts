/** TIDE's error types against its package `tidecv` 1.0.1 (test/fixtures/coco/tide.py), and one of each by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { UserError } from '../../../src/check.js';
import type { Annotation, Box, Detection } from '../../../src/dataset/coco/coco.js';
import { tideErrors, tideTypes } from '../../../src/recognition/evaluation/tideErrors.js';
import { evaluationCases, tideCases } from '../../fixtures/coco/cocoCases.js';

const shortNames = {
  classification: 'Cls',
  localisation: 'Loc',
  both: 'Both',
  duplicate: 'Dupe',
  background: 'Bkg',
  missed: 'Miss',
} as const;

const cases = evaluationCases();

test('there are cases of boxes and masks to compare', () => assert.ok(tideCases().filter((one) => one !== null).length >= 12));

for (const [i, expected] of tideCases().entries()) {
  if (expected === null) continue;
  test(`case ${i}: counts and costs equal those of tidecv`, () => {
    const { truth, results, kind } = cases[i] as (typeof cases)[number];
    const found = tideErrors(truth, results, { kind });
    const near = (value: number, wanted: number | undefined, what: string): void =>
      assert.ok(Math.abs(value - (wanted as number)) < 1e-6, `${what}: ${value}, tidecv has ${wanted}`);
    near(found.ap, expected.ap, 'ap');
    for (const type of tideTypes) {
      assert.equal(found.counts[type], expected.counts[shortNames[type]], type);
      near(found.dAp[type], expected.main[shortNames[type]], type);
    }
    near(found.falsePositives, expected.special['FalsePos'], 'false positives');
    near(found.falseNegatives, expected.special['FalseNeg'], 'false negatives');
  });
}

test('by hand: one error of each type', () => {
  const object = (id: number, category: number, box: Box): Annotation => ({ id, image: 1, category, box, area: 100, crowd: false });
  const found = (score: number, category: number, box: Box): Detection => ({ image: 1, category, score, box });
  const truth = {
    images: [{ id: 1, width: 200, height: 100 }],
    categories: [1, 2].map((id) => ({ id, name: String(id) })),
    annotations: [
      object(1, 1, [0, 0, 10, 10]),
      object(2, 1, [40, 0, 10, 10]),
      object(3, 1, [80, 0, 10, 10]),
      object(4, 2, [120, 0, 10, 10]),
    ],
  };
  const { counts } = tideErrors(truth, [
    found(0.9, 1, [0, 0, 10, 10]),
    found(0.8, 1, [0, 0, 10, 9]), // again
    found(0.7, 1, [40, 0, 10, 3]), // overlaps by 0.3
    found(0.6, 2, [80, 0, 10, 10]), // another category
    found(0.5, 1, [180, 80, 10, 10]), // nothing there
    found(0.4, 1, [120, 0, 10, 3]), // another category and overlaps by 0.3
  ]);
  assert.deepEqual(counts, { classification: 1, localisation: 1, both: 1, duplicate: 1, background: 1, missed: 1 });
});

test('nothing at all costs nothing', () => {
  const { ap, counts } = tideErrors({ images: [], categories: [], annotations: [] }, []);
  assert.equal(ap, 0);
  assert.ok(Object.values(counts).every((count) => count === 0));
});

test('overlaps out of order are refused', () => {
  assert.throws(() => tideErrors({ images: [], categories: [], annotations: [] }, [], { background: 0.6 }), UserError);
});

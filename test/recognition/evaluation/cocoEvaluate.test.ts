/** COCO's evaluation against pycocotools 2.0.11 (test/fixtures/coco/expected.py), and by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { UserError } from '../../../src/check.js';
import type { Annotation, Detection } from '../../../src/dataset/coco/coco.js';
import { averagePrecision, averageRecall, cocoEvaluate } from '../../../src/recognition/evaluation/cocoEvaluate.js';
import { keypointSimilarity, type DetectionTruth } from '../../../src/recognition/evaluation/similarity.js';
import { evaluationCases } from '../../fixtures/coco/cocoCases.js';

const near = (found: number, wanted: number, what: string): void =>
  assert.ok(Math.abs(found - wanted) < 1e-6, `${what}: ${found}, pycocotools has ${wanted}`);

for (const [i, { kind, areas, sigmas, truth, results, stats, byCategory }] of evaluationCases().entries()) {
  test(`case ${i}, ${kind}: all summary numbers equal those of pycocotools`, () => {
    const found = cocoEvaluate(truth, results, { kind, ...(areas === null ? {} : { areas }), ...(sigmas === null ? {} : { sigmas }) });
    assert.equal(stats.length, kind === 'keypoints' ? 10 : 12);
    Object.entries(found.summary).forEach(([name, value], place) => near(value, stats[place] as number, name));
    assert.equal(Object.keys(found.summary).length, stats.length);
    found.byCategory.forEach(({ ap, category }, place) => near(ap, byCategory[place] as number, category.name));
  });
}

const object = (id: number, box: Annotation['box'], more: Partial<Annotation> = {}): Annotation => ({
  ...{ id, image: 1, category: 1, box, area: box[2] * box[3], crowd: false },
  ...more,
});
const found = (score: number, box: Annotation['box'], more: Partial<Detection> = {}): Detection => ({
  image: 1,
  category: 1,
  score,
  box,
  ...more,
});
const scene = (annotations: readonly Annotation[]): DetectionTruth => ({
  images: [{ id: 1, width: 100, height: 100 }],
  categories: [{ id: 1, name: 'thing' }],
  annotations,
});

test('by hand: one of two objects is found, with a mistake before it', () => {
  // Precision is 1/2 up to recall 1/2, that is at 51 of the 101 recalls (0 to 0.5), and 0 beyond.
  const truth = scene([object(1, [0, 0, 10, 10]), object(2, [50, 50, 10, 10])]);
  const { summary } = cocoEvaluate(truth, [found(0.9, [80, 0, 10, 10]), found(0.8, [0, 0, 10, 10])]);
  near(summary['AP'] as number, (51 * 0.5) / 101, 'AP');
  assert.equal(summary['AR100'], 0.5);
  assert.equal(summary['AR1'], 0);
});

test('a second detection of an object is a mistake; of a crowd, or of an object to be ignored, it is nothing', () => {
  const twice = [found(0.9, [0, 0, 10, 10]), found(0.8, [0, 0, 10, 10])];
  const other = object(2, [50, 50, 10, 10]);
  const last = found(0.5, [50, 50, 10, 10]);
  const ap = (truth: DetectionTruth): number => cocoEvaluate(truth, [...twice, last]).summary['AP'] as number;
  assert.ok(ap(scene([object(1, [0, 0, 10, 10]), other])) < 0.9);
  near(ap(scene([object(1, [0, 0, 40, 40], { crowd: true }), other])), 1, 'in a crowd');
  near(
    cocoEvaluate(scene([object(1, [0, 0, 10, 10], { ignore: true }), other]), [twice[0] as Detection, last]).summary['AP'] as number,
    1,
    'ignored',
  );
});

test('an object with the id 0 can be found', () => {
  near(cocoEvaluate(scene([object(0, [0, 0, 10, 10])]), [found(1, [0, 0, 10, 10])]).summary['AP'] as number, 1, 'AP');
});

test('parts of an evaluation can be asked for', () => {
  const truth = scene([object(1, [0, 0, 10, 10])]);
  // An overlap of 0.7: found at 0.5 to 0.7, that is 5 of 10 thresholds.
  const evaluation = cocoEvaluate(truth, [found(1, [0, 0, 10, 7])]);
  near(averagePrecision(evaluation), 0.5, 'AP');
  near(averagePrecision(evaluation, { threshold: 0.7, category: 1, area: 'small' }), 1, 'AP at 0.7');
  near(averagePrecision(evaluation, { threshold: 0.75 }), 0, 'AP at 0.75');
  assert.equal(averageRecall(evaluation, { area: 'large' }), -1);
  assert.throws(() => averagePrecision(evaluation, { area: 'smal' }), /Did you mean 'small'/);
  assert.throws(() => averagePrecision(evaluation, { threshold: 0.51 }), UserError);
  assert.throws(() => averagePrecision(evaluation, { category: 2 }), UserError);
  assert.throws(() => averagePrecision(evaluation, { detections: 5 }), UserError);
});

test('object keypoint similarity by its formula', () => {
  const truth = { keypoints: Float64Array.of(10, 10, 2, 20, 10, 0), box: [0, 0, 30, 30] as const, area: 100 };
  // Only the labelled keypoint counts: d² = 9 + 16, (2 sigma)² = 0.04.
  near(keypointSimilarity({ keypoints: [13, 14, 1, 0, 0, 1] }, truth, [0.1, 0.1]), Math.exp(-25 / (2 * 100 * 0.04)), 'OKS');
});

test('what cannot be compared is refused with its name', () => {
  const truth = scene([object(1, [0, 0, 10, 10])]);
  const refused = (detections: Detection[], options: Parameters<typeof cocoEvaluate>[2], words: RegExp): void =>
    assert.throws(
      () => cocoEvaluate(truth, detections, options),
      (error) => error instanceof UserError && words.test(error.message),
    );
  refused([found(1, [0, 0, 1, 1], { image: 2 })], {}, /image 2, which detection 0 names/);
  refused([found(1, [0, 0, 1, 1], { category: 0 })], {}, /category 0.*not their places/);
  refused([found(Number.NaN, [0, 0, 1, 1])], {}, /score of detection 0/);
  refused([found(1, [0, 0, -1, 1])], {}, /box of detection 0/);
  refused([found(1, [0, 0, 1, 1])], { kind: 'mask' }, /mask of detection 0/);
  refused([found(1, [0, 0, 1, 1])], { kind: 'keypoints' }, /tolerances/);
  refused([], { areas: [{ name: 'small', least: 0, most: 1 }] }, /'all' as the first/);
  refused([], { maxDetections: [10, 1] }, /rising/);
});

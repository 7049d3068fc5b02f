/** Masks as runs against pycocotools 2.0.11 (test/fixtures/coco/expected.py), and against pixels. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { UserError } from '../../../src/check.js';
import { maskIou } from '../../../src/dataset/coco/overlap.js';
import { polygonRunLength } from '../../../src/dataset/coco/polygonRunLength.js';
import { mergeRunLengths, runLengthArea, runLengthBox, toPixels, toRunLength } from '../../../src/dataset/coco/runLength.js';
import { parseRunLengthString, runLengthString } from '../../../src/dataset/coco/runLengthString.js';
import { stream } from '../../../src/random.js';
import { maskCases } from '../../fixtures/coco/cocoCases.js';

const cases = maskCases();

test('polygons are drawn bit for bit as pycocotools draws them', () => {
  assert.ok(cases.polygons.length >= 100);
  for (const { height, width, polygons, counts, runs, area, box } of cases.polygons) {
    const mask = polygonRunLength(polygons, height, width, 'case');
    assert.equal(runLengthString(mask), counts, JSON.stringify({ height, width, polygons }));
    assert.deepEqual([...toRunLength(toPixels(mask), height, width).counts], runs);
    assert.equal(runLengthArea(mask), area);
    assert.deepEqual([...runLengthBox(mask)], box);
  }
});

test('area, box, overlap, union and intersection equal those of pycocotools', () => {
  for (const { height, width, a, b, areaA, boxA, iou, crowdIou, union, common } of cases.pairs) {
    const [x, y] = [a, b].map((text) => parseRunLengthString(text, height, width, 'case')) as [
      ReturnType<typeof parseRunLengthString>,
      ReturnType<typeof parseRunLengthString>,
    ];
    assert.equal(runLengthString(x), a);
    assert.equal(runLengthArea(x), areaA);
    assert.deepEqual([...runLengthBox(x)], boxA);
    assert.equal(maskIou(x, y), iou);
    assert.equal(maskIou(x, y, true), crowdIou);
    assert.equal(runLengthString(mergeRunLengths([x, y])), union);
    assert.equal(runLengthString(mergeRunLengths([x, y], 'intersection')), common);
  }
});

test('pixels come back from runs and strings, whatever the mask', () => {
  const random = stream(1, 'masks');
  for (let i = 0; i < 200; i++) {
    const [height, width] = [1 + random.integer(20), 1 + random.integer(20)];
    const share = random.uniform();
    const pixels = Uint8Array.from({ length: height * width }, () => (random.uniform() < share ? 1 : 0));
    const mask = toRunLength(pixels, height, width);
    assert.deepEqual(toPixels(mask), pixels);
    assert.deepEqual(parseRunLengthString(runLengthString(mask), height, width, 'mask'), mask);
    assert.equal(
      runLengthArea(mask),
      pixels.reduce((sum, value) => sum + value, 0),
    );
  }
});

test('a long run needs more than 31 bits of difference', () => {
  const mask = { height: 65_535, width: 65_535, counts: Uint32Array.of(4_000_000_000, 1, 2, 294_836_222) };
  assert.deepEqual(parseRunLengthString(runLengthString(mask), 65_535, 65_535, 'mask'), mask);
});

test('what is no mask is refused with its name', () => {
  const refused = (body: () => unknown, words: RegExp): void =>
    assert.throws(body, (error) => error instanceof UserError && words.test(error.message));
  refused(() => parseRunLengthString('41', 3, 3, 'mask of 7'), /mask of 7.*add up to 3 \* 3 = 9.*found 5/);
  refused(() => parseRunLengthString('4 4', 3, 3, 'mask of 7'), /character 2 of mask of 7/);
  refused(() => parseRunLengthString('oooooooooooo', 3, 3, 'mask of 7'), /up to 7 for a number/);
  refused(() => parseRunLengthString('4P', 3, 3, 'mask of 7'), /cut short/);
  refused(() => parseRunLengthString('414N', 3, 3, 'mask of 7'), /run 3 of mask of 7/);
  refused(() => toPixels({ height: 2, width: 2, counts: Uint32Array.of(1, 9) }), /add up/);
  refused(() => polygonRunLength([], 3, 3, 'object 5'), /object 5.*at least one polygon/);
  refused(() => polygonRunLength([[1, 1, 2, 2]], 3, 3, 'object 5'), /polygon 0 of object 5.*at least 3 points/);
  refused(() => polygonRunLength([[1, 1, 2, 2, 3]], 3, 3, 'object 5'), /5 numbers/);
  refused(() => polygonRunLength([[1, 1, 2, Number.NaN, 3, 3]], 3, 3, 'object 5'), /coordinate 3 of polygon 0/);
  refused(() => polygonRunLength([[1, 1, 2, 1e12, 3, 3]], 3, 3, 'object 5'), /within ±100000/);
  refused(() => mergeRunLengths([]), /at least one/);
  refused(() => mergeRunLengths([toRunLength([1], 1, 1), toRunLength([1, 0], 1, 2)]), /belong to one image/);
});

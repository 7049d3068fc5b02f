/** Images in a square: positions worked out by hand, masks beside polygons of the same shape drawn at the smaller size. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Annotation, DetectionData } from '../../../src/dataset/coco/coco.js';
import { fitAnnotation, letterbox, letterboxed } from '../../../src/dataset/coco/letterbox.js';
import { maskIou } from '../../../src/dataset/coco/overlap.js';
import { polygonRunLength } from '../../../src/dataset/coco/polygonRunLength.js';
import { runLengthArea, runLengthBox, toPixels, toRunLength } from '../../../src/dataset/coco/runLength.js';
import { UserError } from '../../../src/check.js';

const object = (over: Partial<Annotation>): Annotation => ({
  ...{ id: 1, image: 1, category: 1, box: [0, 0, 1, 1], area: 1, crowd: false },
  ...over,
});

test('wide and tall images lie in the middle; a line of pixels keeps one', () => {
  assert.deepEqual(letterbox({ width: 640, height: 480 }, 64), { size: 64, inner: [64, 48], scale: [0.1, 0.1], offset: [0, 8] });
  assert.deepEqual(letterbox({ width: 30, height: 60 }, 64).inner, [32, 64]);
  assert.deepEqual(letterbox({ width: 30, height: 60 }, 64).offset, [16, 0]);
  assert.deepEqual(letterbox({ width: 1000, height: 1 }, 64).inner, [64, 1]);
  for (const size of [0, 1.5, Number.NaN]) assert.throws(() => letterbox({ width: 2, height: 2 }, size), UserError);
});

test('boxes, areas and labelled keypoints go with the pixels; keypoints without label stay 0', () => {
  const image = { width: 640, height: 480 };
  const keypoints = Float64Array.of(320, 240, 2, 0, 0, 0, 640, 480, 1);
  const fitted = fitAnnotation(object({ box: [100, 40, 200, 120], area: 24_000, keypoints }), image, 64);
  const near = (found: ArrayLike<number>, expected: readonly number[]): void =>
    Array.from(found).forEach((value, i) => assert.ok(Math.abs(value - (expected[i] as number)) < 1e-9, `${value} for ${expected[i]}`));
  near(fitted.box, [10, 12, 20, 12]);
  near([fitted.area], [240]);
  near(fitted.keypoints as Float64Array, [32, 32, 2, 0, 0, 0, 64, 56, 1]);
});

test('masks: exact where pixels fall together, near the polygon elsewhere, never empty', () => {
  // Four blocks of 2 x 2: whole, half, a quarter, none.
  const blocks = Uint8Array.of(1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0);
  const half = fitAnnotation(object({ mask: toRunLength(blocks, 4, 4) }), { width: 4, height: 4 }, 2);
  assert.deepEqual([...toPixels(half.mask as never)], [1, 1, 0, 0]);

  const polygon = [20, 30, 300, 60, 240, 210, 60, 180];
  const mask = polygonRunLength([polygon], 240, 320, 'polygon');
  const small = fitAnnotation(object({ mask }), { width: 320, height: 240 }, 96).mask as never;
  const drawn = polygonRunLength([polygon.map((value, i) => value * 0.3 + (i % 2 === 0 ? 0 : 12))], 96, 96, 'polygon');
  assert.ok(maskIou(small, drawn) > 0.97, `${maskIou(small, drawn)}`);
  // Enlarged: each pixel becomes a block.
  const large = fitAnnotation(object({ mask: toRunLength(Uint8Array.of(0, 1), 1, 2) }), { width: 2, height: 1 }, 8).mask as never;
  assert.deepEqual([runLengthArea(large), [...runLengthBox(large)]], [16, [4, 2, 4, 4]]);

  const thin = new Uint8Array(100 * 100);
  thin[55 * 100 + 55] = 1;
  const dot = fitAnnotation(object({ mask: toRunLength(thin, 100, 100) }), { width: 100, height: 100 }, 10).mask as never;
  assert.deepEqual([runLengthArea(dot), [...runLengthBox(dot)]], [1, [5, 5, 1, 1]]);
});

test('pixels: the image in the middle, grey beside it, for colour and grey', async () => {
  for (const channels of [3, 1] as const) {
    const pixels = new Uint8Array(20 * 10 * channels).fill(200);
    const data: DetectionData = {
      ...{ name: 'x', channels, categories: [{ id: 1, name: 'a' }] },
      images: [{ id: 1, width: 20, height: 10, pixels, file: 'a.png' }],
      annotations: [object({ box: [0, 0, 20, 10], area: 200 })],
    };
    const { images, annotations } = await letterboxed(data, 8);
    const [image] = images;
    assert.deepEqual([image?.width, image?.height, image?.pixels.length], [8, 8, 64 * channels]);
    const row = (y: number): number[] => [...(image?.pixels.slice(8 * channels * y, 8 * channels * (y + 1)) ?? [])];
    for (const y of [0, 1, 6, 7])
      assert.ok(
        row(y).every((value) => value === 128),
        `row ${y}: ${row(y)}`,
      );
    for (const y of [2, 3, 4, 5])
      assert.ok(
        row(y).every((value) => Math.abs(value - 200) <= 1),
        `row ${y}: ${row(y)}`,
      );
    assert.deepEqual(annotations[0]?.box, [0, 2, 8, 4]);
    // What has the size already stays as it is.
    assert.deepEqual(
      await letterboxed({ ...data, images: [{ ...data.images[0], width: 8, height: 8 } as never] }, 8).then((d) => d.annotations),
      data.annotations,
    );
  }
});

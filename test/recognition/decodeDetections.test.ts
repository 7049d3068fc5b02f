/** Outputs written by hand from known objects decode to these objects. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxIou, maskIou } from '../../src/dataset/coco/overlap.js';
import { annotationsByImage, type Annotation, type DetectionImage } from '../../src/dataset/coco/coco.js';
import { decodeDetections, type OutputChannels } from '../../src/recognition/decodeDetections.js';
import { detectorTargets } from '../../src/recognition/detectorTargets.js';
import { imageSet } from '../../src/recognition/detectionSet.js';
import { suppress } from '../../src/recognition/suppress.js';
import { rectangleSet, rectangles, SIDE } from './detectorFixture.js';

const STRIDE = 4;
const PLACES = SIDE / STRIDE;
const channels: OutputChannels = { classes: [0, 2], boxes: [2, 4], prototypes: [6, 2], coefficients: [8, 2], keypoints: [10, 4] };
const WIDTH = 14;
const data = rectangles(6, 4);
const options = { channels, categories: data.categories, stride: STRIDE };

/** What a perfect detector would say: each object at the place of its middle; prototype k is the mask of object k. */
function perfect(list: readonly Annotation[]): Float32Array {
  const outputs = new Float32Array(PLACES * PLACES * WIDTH);
  for (let place = 0; place < PLACES * PLACES; place++) {
    outputs[place * WIDTH] = -20;
    outputs[place * WIDTH + 1] = -20;
  }
  list.forEach(({ category, box: [x, y, w, h], keypoints }, k) => {
    const [column, row] = [Math.floor((x + w / 2) / STRIDE), Math.floor((y + h / 2) / STRIDE)];
    const at = (row * PLACES + column) * WIDTH;
    outputs[at + (category === 7 ? 0 : 1)] = 3 - k;
    const [cx, cy] = [(column + 0.5) * STRIDE, (row + 0.5) * STRIDE];
    outputs.set(
      [cx - x, cy - y, x + w - cx, y + h - cy].map((side) => Math.log(side / STRIDE)),
      at + 2,
    );
    outputs[at + 8 + k] = 10;
    const points = keypoints as Float64Array;
    outputs.set(
      [points[0], points[1], points[3], points[4]].map((p, i) => (p as number) / STRIDE - (i % 2 === 0 ? column : row) - 0.5),
      at + 10,
    );
    for (let place = 0; place < PLACES * PLACES; place++) {
      const [u, v] = [((place % PLACES) + 0.5) * STRIDE, (Math.floor(place / PLACES) + 0.5) * STRIDE];
      // Logits that cross 0 at the rectangle's sides when interpolated.
      outputs[place * WIDTH + 6 + k] = Math.min(u - x, x + w - u, v - y, y + h - v);
    }
  });
  return outputs;
}

test('perfect outputs give back boxes, categories, masks and keypoints, surest first', () => {
  for (const [image, list] of annotationsByImage(data)) {
    const picture = data.images.find(({ id }) => id === image) as DetectionImage;
    const found = decodeDetections(perfect(list), picture, options);
    assert.equal(found.length, list.length);
    found.forEach((detection, k) => {
      const truth = list[k] as Annotation;
      assert.deepEqual([detection.image, detection.category], [image, truth.category]);
      assert.ok(Math.abs(detection.score - 1 / (1 + Math.exp(k - 3))) < 1e-6);
      assert.ok(boxIou(detection.box, truth.box) > 0.9999, `${detection.box} for ${truth.box}`);
      const overlap = maskIou(detection.mask as never, truth.mask as never);
      assert.ok(overlap > 0.8, `masks overlap by ${overlap}`);
      const points = truth.keypoints as Float64Array;
      for (const i of [0, 1, 3, 4]) assert.ok(Math.abs((detection.keypoints?.[i] as number) - (points[i] as number)) < 1e-4);
    });
  }
});

test('a place next to a surer one of its category says nothing; of equal ones the first speaks', () => {
  const outputs = perfect([]);
  const say = (place: number, logit: number): void => void (outputs[place * WIDTH] = logit);
  for (let place = 0; place < PLACES * PLACES; place++) for (let i = 2; i < 6; i++) outputs[place * WIDTH + i] = -2;
  say(9, 2);
  say(10, 1);
  say(30, 0);
  say(31, 0);
  const found = decodeDetections(outputs, data.images[0] as DetectionImage, options);
  assert.deepEqual(
    found.map(({ box }) => Math.floor((box[0] + box[2] / 2) / STRIDE) + PLACES * Math.floor((box[1] + box[3] / 2) / STRIDE)),
    [9, 30],
  );
  assert.equal(decodeDetections(outputs, data.images[0] as DetectionImage, { ...options, most: 1 }).length, 1);
  assert.equal(decodeDetections(outputs, data.images[0] as DetectionImage, { ...options, minimum: 0.6 }).length, 1);
  assert.deepEqual(decodeDetections(new Float32Array(outputs.length).fill(Number.NaN), data.images[0] as DetectionImage, options), []);
});

test('boxes are cut at the borders', () => {
  const outputs = perfect([]);
  outputs[0] = 4;
  outputs.set([3, 3, 0, 0], 2);
  assert.deepEqual(decodeDetections(outputs, data.images[0] as DetectionImage, options)[0]?.box, [0, 0, 6, 6]);
});

test('suppression looks at each category by itself', () => {
  const of = (category: number, score: number, x: number) => ({ category, score, box: [x, 0, 10, 10] as const });
  const list = [of(1, 0.5, 0), of(1, 0.9, 2), of(2, 0.4, 0), of(1, 0.3, 9)];
  assert.deepEqual(
    suppress(list, 0.5).map(({ score }) => score),
    [0.9, 0.4, 0.3],
  );
  assert.equal(suppress(list, 1).length, 4);
});

test('targets: middle and size, coverage of places, no crowd, -1 where there is no object', () => {
  const set = rectangleSet(3, 1);
  const [first] = set.train.annotations as [Annotation];
  const crowd: Annotation = { ...first, id: 99, crowd: true };
  const { objects, masks } = detectorTargets(
    { ...set, train: { ...set.train, annotations: [...set.train.annotations, crowd] } },
    STRIDE,
    2,
  );
  assert.deepEqual(objects.shape, [5, 2, 11]);
  const [x, y, w, h] = first.box;
  assert.deepEqual([...objects.values.slice(0, 5)], [first.category === 7 ? 0 : 1, x + w / 2, y + h / 2, w, h]);
  assert.deepEqual([...objects.values.slice(5, 11)], [...(first.keypoints as Float64Array)]);
  assert.equal(objects.values[11], -1);
  // All coverage together is the area.
  const sum = masks.values.subarray(0, PLACES * PLACES).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs((sum / 255) * STRIDE * STRIDE - first.area) < 1, `${sum}`);
  const other = { ...set.test, annotations: set.test.annotations.map((a) => ({ ...a, category: 8 })) };
  assert.throws(() => detectorTargets({ ...set, test: other }, STRIDE, 2), /category of annotation 1.*7, 9.*8/);
});

test('images of one size with the constants of the training part', () => {
  const set = rectangleSet(3, 1);
  const images = imageSet('rectangles', set);
  const pixels = set.train.images.flatMap((image) => [...image.pixels]);
  const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length / 255;
  assert.ok(Math.abs((images.mean[0] as number) - mean) < 1e-9);
  assert.deepEqual([images.shape, images.train.count, images.test.count], [[32, 32, 1], 3, 1]);
  const small = { ...set.test, images: set.test.images.map((image) => ({ ...image, width: 16 })) };
  assert.throws(() => imageSet('rectangles', { ...set, test: small }), /image 100.*one size/);
  assert.throws(() => imageSet('rectangles', { ...set, train: { ...set.train, images: [] } }), /at least one/);
});

/** Objects drawn on images. */
import assert from 'node:assert/strict';
import test from 'node:test';
import sharp from 'sharp';
import { UserError } from '../../src/check.js';
import type { DetectionData } from '../../src/dataset/coco/coco.js';
import { toRunLength } from '../../src/dataset/coco/runLength.js';
import { detectionPicture } from '../../src/figure/detectionPicture.js';
import { svgPng } from '../../src/figure/figurePng.js';

const side = 20;
const inside = Uint8Array.from({ length: side * side }, (_, i) =>
  i % side >= 5 && i % side < 15 && i >= 5 * side && i < 15 * side ? 1 : 0,
);
const data: DetectionData = {
  name: 'one grey image',
  channels: 1,
  images: [{ id: 4, width: side, height: side, file: '4.png', pixels: new Uint8Array(side * side).fill(128) }],
  categories: [{ id: 9, name: '<b>&', keypoints: ['a', 'b'], skeleton: [[0, 1]] }],
  annotations: [
    {
      ...{ id: 1, image: 4, category: 9, box: [5, 5, 10, 10], area: 100, crowd: false },
      mask: toRunLength(inside, side, side),
      keypoints: Float64Array.of(6, 6, 2, 14, 14, 1),
    },
  ],
};

test('the mask is tinted where it is, the rest of the image stays', async () => {
  const png = svgPng(detectionPicture(data, { side: 200, show: ['mask'] }));
  const { data: bytes, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] => [...bytes.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3)];
  // A margin of 10, ten pixels for one of the image; the first colour is #ffe119, half of which is mixed in.
  assert.deepEqual(at(10 + 20, 10 + 20), [128, 128, 128]);
  assert.deepEqual(at(10 + 100, 10 + 100), [192, 177, 77]);
  assert.deepEqual(at(3, 3), [255, 255, 255]);
});

test('names of classes are escaped, hidden keypoints hollow, weak detections left out', () => {
  const found = (score: number) => ({ image: 4, category: 9, score, box: [5, 5, 10, 10] as const });
  const svg = detectionPicture(data, { columns: [{ title: 'truth' }, { title: 'a & b', detections: [found(0.75), found(0.1)] }] });
  assert.ok(svg.includes('&lt;b&gt;&amp;') && !svg.includes('<b>'));
  assert.ok(svg.includes('a &amp; b'));
  assert.equal(svg.match(/<circle/g)?.length, 2);
  assert.equal(svg.match(/<circle[^>]*fill="none"/g)?.length, 1);
  assert.ok(svg.includes('0.75') && !svg.includes('0.10'));
});

test('an image that is not there, or has no pixels, is refused', () => {
  assert.throws(() => detectionPicture(data, { images: [5] }), UserError);
  const bare = { ...data, images: data.images.map((image) => ({ ...image, pixels: new Uint8Array(0) })) };
  assert.throws(() => detectionPicture(bare), /read the data with their images/);
});

/** A few images with bright rectangles on dark ground, of two sizes: objects that a small detector can learn in seconds. */
import type { Annotation, DetectionData, DetectionImage } from '../../src/dataset/coco/coco.js';
import { toRunLength } from '../../src/dataset/coco/runLength.js';
import type { DetectionSet } from '../../src/recognition/detectionSet.js';
import { stream } from '../../src/random.js';

export const SIDE = 32;

/** Squares are category 7, lying rectangles category 9; a keypoint in each upper left and lower right corner. */
export function rectangles(count: number, seed: number): DetectionData {
  const random = stream(seed, 'rectangles');
  const images: DetectionImage[] = [];
  const annotations: Annotation[] = [];
  for (let i = 0; i < count; i++) {
    const pixels = Uint8Array.from({ length: SIDE * SIDE }, () => Math.floor(40 * random.uniform()));
    const id = 100 + i;
    const objects = 1 + (i % 2);
    for (let k = 0; k < objects; k++) {
      const flat = random.uniform() < 0.5;
      const [width, height] = flat ? [12, 6] : [8, 8];
      const x = Math.floor(random.uniform() * (SIDE / 2 - width)) + (SIDE / 2) * k;
      const y = Math.floor(random.uniform() * (SIDE - height));
      const mask = new Uint8Array(SIDE * SIDE);
      for (let v = y; v < y + height; v++) for (let u = x; u < x + width; u++) mask[v * SIDE + u] = 1;
      mask.forEach((inside, p) => {
        if (inside) pixels[p] = 200 + Math.floor(40 * random.uniform());
      });
      annotations.push({
        id: annotations.length + 1,
        image: id,
        category: flat ? 9 : 7,
        box: [x, y, width, height],
        area: width * height,
        mask: toRunLength(mask, SIDE, SIDE),
        crowd: false,
        keypoints: Float64Array.of(x, y, 2, x + width, y + height, k === 0 ? 2 : 0),
      });
    }
    images.push({ id, width: SIDE, height: SIDE, pixels, file: `${id}.png` });
  }
  const keypoints = ['upper left', 'lower right'];
  return {
    name: 'rectangles',
    channels: 1,
    images,
    annotations,
    categories: [
      { id: 7, name: 'square', keypoints },
      { id: 9, name: 'bar', keypoints },
    ],
  };
}

export const rectangleSet = (train: number, rest: number): DetectionSet => ({
  train: rectangles(train, 1),
  validation: rectangles(rest, 2),
  test: rectangles(rest, 3),
});

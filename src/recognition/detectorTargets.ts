/** What a detector is to say of each image, as arrays that stay beside the pixels. */
import type { NdArray } from '../array.js';
import { invalid } from '../check.js';
import { type Annotation, annotationsByImage } from '../dataset/coco/coco.js';
import { toPixels } from '../dataset/coco/runLength.js';
import type { DetectionSet } from './detectionSet.js';

export interface DetectorTargets {
  /**
   * [images, objects, 5 + 3 keypoints]: place of the category in the list (-1: no object), middle x and y, width and height of the box
   * in pixels, then x, y and visibility of each keypoint.
   */
  readonly objects: NdArray;
  /** [images, objects, places]: 255 times the share of each place of the output, row by row, that the object's mask covers. */
  readonly masks: NdArray<Uint8Array>;
}

const SPLITS = ['train', 'validation', 'test'] as const;

/** Of an image with more objects the largest are learned: every image has room for as many as the fullest one. */
const MOST = 40;

/**
 * The objects of all images, training part first, then validation, then test. Crowds, objects to be ignored, and
 * all but the largest 40 of an image are no targets.
 * @param stride pixels of the image for one place of the output; masks are read at that resolution
 * @param keypoints how many keypoints an object has; those of an object without are not labelled
 * @throws UserError for a category that the training part does not list
 */
export function detectorTargets(set: DetectionSet, stride: number, keypoints: number): DetectorTargets {
  const places = new Map(set.train.categories.map(({ id }, i) => [id, i]));
  const lists = SPLITS.flatMap((split) => {
    const byImage = annotationsByImage(set[split]);
    return set[split].images.map(({ id }) => largest((byImage.get(id) ?? []).filter(({ crowd, ignore }) => !crowd && !ignore)));
  });
  const image = set.train.images[0] as { height: number; width: number };
  const [rows, columns] = [image.height / stride, image.width / stride];
  const most = Math.max(1, ...lists.map((list) => list.length));
  const length = 5 + 3 * keypoints;
  const objects = new Float32Array(lists.length * most * length);
  const masks = new Uint8Array(lists.length * most * rows * columns);
  lists.forEach((list, i) => {
    for (let k = 0; k < most; k++) {
      const annotation = list[k];
      const at = (i * most + k) * length;
      if (annotation === undefined) objects[at] = -1;
      else {
        const place = places.get(annotation.category);
        if (place === undefined)
          throw invalid(`category of annotation ${annotation.id}`, [...places.keys()].join(', '), annotation.category);
        const [x, y, width, height] = annotation.box;
        objects.set([place, x + width / 2, y + height / 2, width, height], at);
        if (annotation.keypoints) objects.set(annotation.keypoints.slice(0, 3 * keypoints), at + 5);
        masks.set(coverage(annotation, rows, columns, stride), (i * most + k) * rows * columns);
      }
    }
  });
  return {
    objects: { shape: [lists.length, most, length], values: objects },
    masks: { shape: [lists.length, most, rows * columns], values: masks },
  };
}

function largest(list: readonly Annotation[]): readonly Annotation[] {
  return list.length <= MOST ? list : [...list].sort((a, b) => b.area - a.area).slice(0, MOST);
}

/** The mask, or the box of an object without one, at the resolution of the output. */
function coverage({ mask, box }: Annotation, rows: number, columns: number, stride: number): Uint8Array {
  const sums = new Float64Array(rows * columns);
  const width = columns * stride;
  const [left, top, boxWidth, boxHeight] = box;
  const pixels = mask && toPixels(mask);
  for (let y = 0; y < rows * stride; y++) {
    for (let x = 0; x < width; x++) {
      const inside = pixels
        ? pixels[y * width + x] === 1
        : x + 0.5 > left && x + 0.5 < left + boxWidth && y + 0.5 > top && y + 0.5 < top + boxHeight;
      if (inside) {
        const place = Math.floor(y / stride) * columns + Math.floor(x / stride);
        sums[place] = (sums[place] as number) + 1;
      }
    }
  }
  return Uint8Array.from(sums, (sum) => Math.round((255 * sum) / (stride * stride)));
}

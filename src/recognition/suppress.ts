import type { Detection } from '../dataset/coco/coco.js';
import { boxIou } from '../dataset/coco/overlap.js';

/**
 * Non-maximum suppression within each category of one image: from the surest detection down, those that overlap a kept one by more than
 * `overlap` (IoU of boxes, in [0, 1]) are dropped. Equal scores keep their order. Cost O(detections x kept).
 * @returns the kept ones, surest first
 * @example
 * const box = (x: number, score: number) => ({ image: 1, category: 1, score, box: [x, 0, 4, 4] as const });
 * suppress([box(1, 0.5), box(0, 0.9), box(8, 0.3)], 0.5).map(({ score }) => score) // => [0.9, 0.3]
 */
export function suppress<D extends Pick<Detection, 'category' | 'score' | 'box'>>(detections: readonly D[], overlap: number): D[] {
  const kept: D[] = [];
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    if (kept.every(({ category, box }) => category !== candidate.category || boxIou(box, candidate.box) <= overlap)) kept.push(candidate);
  }
  return kept;
}

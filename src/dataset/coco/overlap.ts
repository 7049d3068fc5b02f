/** How much boxes and masks overlap: intersection over union, with COCO's rule for crowds. */
import type { Box, RunLength } from './coco.js';
import { intersectionArea, runLengthArea } from './runLength.js';

/**
 * Intersection over union of two boxes, in [0, 1]; with a crowd region as `b`, intersection over the area of `a`: how much of `a` lies in it.
 * @example boxIou([0, 0, 2, 2], [1, 0, 2, 2]) // => 0.3333333333333333
 * @example boxIou([0, 0, 2, 2], [1, 0, 20, 20], true) // => 0.5
 */
export function boxIou(a: Box, b: Box, crowd = false): number {
  const width = Math.min(a[2] + a[0], b[2] + b[0]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3] + a[1], b[3] + b[1]) - Math.max(a[1], b[1]);
  if (!(width > 0 && height > 0)) return 0;
  const common = width * height;
  const area = a[2] * a[3];
  return common / (crowd ? area : area + b[2] * b[3] - common);
}

/**
 * Intersection over union of two masks of one image, in [0, 1]; for a crowd region as `b`, over the area of `a`. Cost O(runs).
 * @throws UserError if the masks differ in size
 */
export function maskIou(a: RunLength, b: RunLength, crowd = false): number {
  const common = intersectionArea(a, b);
  if (common === 0) return 0;
  return common / (crowd ? runLengthArea(a) : runLengthArea(a) + runLengthArea(b) - common);
}

/** Precision where recall reaches 0, 0.01 ... 1: the curve under which average precision is the area. */
import { fates } from './matchDetections.js';

/** Recalls at which precision is read: 0 to 1 by hundredths. */
export const recallPoints: Float64Array = Float64Array.from({ length: 101 }, (_, i) => (i === 100 ? 1 : i * 0.01));

/**
 * Precision at each of the recalls `points` (default `recallPoints`), made to fall only, and 0 where recall never gets; with the recall reached at last.
 * @param outcome fates of all detections, surest first
 * @param objects how many there were to find, at least 1
 */
export function precisionByRecall(
  outcome: ArrayLike<number>,
  objects: number,
  points: Float64Array = recallPoints,
): { precision: Float64Array; recall: number } {
  const recalls: number[] = [];
  const precisions: number[] = [];
  let [right, wrong] = [0, 0];
  for (let i = 0; i < outcome.length; i++) {
    if (outcome[i] === fates.right) right++;
    else if (outcome[i] === fates.wrong) wrong++;
    recalls.push(right / objects);
    precisions.push(right / (right + wrong + Number.EPSILON));
  }
  for (let i = precisions.length - 1; i > 0; i--) {
    precisions[i - 1] = Math.max(precisions[i - 1] as number, precisions[i] as number);
  }
  const precision = new Float64Array(points.length);
  for (let point = 0, i = 0; point < points.length; point++) {
    while (i < recalls.length && (recalls[i] as number) < (points[point] as number)) i++;
    precision[point] = precisions[i] ?? 0;
  }
  return { precision, recall: recalls.at(-1) ?? 0 };
}

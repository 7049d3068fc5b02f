/** Detections that a run kept to be drawn. */
import { invalid, missing } from '../check.js';
import type { Detection } from '../dataset/coco/coco.js';
import { parseRunLengthString } from '../dataset/coco/runLengthString.js';
import type { RunRecord } from '../run/record.js';

/**
 * What the detector of a level said of the first test images, with masks and keypoints where it says them, for `detectionPicture`.
 * @param record a run of the experiment `recognition` that prunes or is dense
 * @throws UserError if the record has no such level
 */
export function drawnDetections(record: RunRecord, level: number): Detection[] {
  const points = record.rows.flatMap((row) => (row.kind === 'point' && row.level === level ? [row] : []));
  if (!points.some(({ name }) => name === 'detection'))
    throw missing(`detections of level ${level} in '${record.key}'`, 'take a run of a detector, and one of its levels');
  const size = record.spec['size'] as number;
  return points
    .filter(({ name }) => name === 'drawn')
    .map(({ values }, place): Detection => {
      const what = `detection ${place} of '${record.key}'`;
      const number = (name: string): number => {
        const value = values[name];
        if (typeof value !== 'number') throw invalid(`'${name}' of ${what}`, 'a number', value ?? null);
        return value;
      };
      const { mask, keypoints } = values;
      return {
        ...{ image: number('image'), category: number('category'), score: number('score') },
        box: [number('x'), number('y'), number('width'), number('height')],
        ...(typeof mask === 'string' && { mask: parseRunLengthString(mask, size, size, `mask of ${what}`) }),
        ...(typeof keypoints === 'string' && { keypoints: Float64Array.from(keypoints.split(' '), Number) }),
      };
    });
}

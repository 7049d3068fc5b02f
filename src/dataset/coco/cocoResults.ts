/** Detections in the format of COCO's results: what other evaluators read and other detectors write. */
import { invalid, missing, UserError } from '../../check.js';
import type { Box, Detection, DetectionData } from './coco.js';
import { checkEntries, resultSchema } from './cocoSchema.js';
import { toMask } from './parseCoco.js';
import { runLengthArea, runLengthBox } from './runLength.js';
import { runLengthString } from './runLengthString.js';

/**
 * The detections of a results file: a list with `image_id`, `category_id`, `score`, and `bbox`, `segmentation` or `keypoints`. A box that is
 * not given is the one around the mask or the keypoints. As in pycocotools, the area of a result is that of its `bbox` if it has one, else
 * of its mask, else of the box around its keypoints.
 * @param file names the text in messages
 * @throws UserError that names the file, the result by its place, and the field
 */
export function parseResults(text: string, data: Pick<DetectionData, 'images'>, file: string): Detection[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`'${file}' is not JSON: ${(error as Error).message}; the file is cut short or is another one`);
  }
  const images = new Map(data.images.map((image) => [image.id, image]));
  return checkEntries(resultSchema, value, 'result', file).map((one, place): Detection => {
    const what = `result ${place} in '${file}'`;
    const image = images.get(one.image_id);
    if (image === undefined) throw missing(`image ${one.image_id}, which ${what} names`, 'these results are of other images');
    const mask = one.segmentation === undefined ? undefined : toMask(one.segmentation, image, what);
    const box = one.bbox ?? (mask === undefined ? pointBox(one.keypoints, what) : runLengthBox(mask));
    const area = one.bbox !== undefined || mask === undefined ? box[2] * box[3] : runLengthArea(mask);
    return {
      ...{ image: one.image_id, category: one.category_id, score: one.score, box, area },
      ...(mask === undefined ? {} : { mask }),
      ...(one.keypoints === undefined ? {} : { keypoints: Float64Array.from(one.keypoints) }),
    };
  });
}

function pointBox(keypoints: readonly number[] | undefined, what: string): Box {
  if (keypoints === undefined) throw missing(`place of ${what}`, "give 'bbox', 'segmentation' or 'keypoints'");
  if (keypoints.length === 0 || keypoints.length % 3 !== 0) {
    throw invalid(`'keypoints' of ${what}`, 'x, y, score of each', `${keypoints.length} numbers`);
  }
  const of = (axis: number): number[] => keypoints.filter((_, i) => i % 3 === axis);
  const [left, top] = [Math.min(...of(0)), Math.min(...of(1))];
  return [left, top, Math.max(...of(0)) - left, Math.max(...of(1)) - top];
}

/**
 * The detections as COCO's results: what `pycocotools` reads by `loadRes`.
 * @param what which place to write; pycocotools takes a result with a box as a box, so one kind at a time. Default `bbox`
 * @throws UserError if a detection has no such place
 */
export function resultsJson(detections: readonly Detection[], what: 'bbox' | 'segmentation' | 'keypoints' = 'bbox'): object[] {
  return detections.map(({ image, category, score, box, mask, keypoints }, place) => {
    const common = { image_id: image, category_id: category, score };
    if (what === 'bbox') return { ...common, bbox: [...box] };
    if (what === 'segmentation') {
      if (mask === undefined) throw missing(`mask of detection ${place}`, "write 'bbox' instead");
      return { ...common, segmentation: { size: [mask.height, mask.width], counts: runLengthString(mask) } };
    }
    if (keypoints === undefined) throw missing(`keypoints of detection ${place}`, "write 'bbox' instead");
    return { ...common, keypoints: Array.from(keypoints) };
  });
}

/** How well a detection fits an object: overlap of boxes or masks, or the distance of keypoints. */
import { invalid, mismatched, missing } from '../../check.js';
import type { Annotation, Box, Category, Detection } from '../../dataset/coco/coco.js';
import { boxIou } from '../../dataset/coco/overlap.js';
import { intersectionArea, runLengthArea, runLengthBox } from '../../dataset/coco/runLength.js';

/** What is compared: boxes and masks by intersection over union, keypoints by object keypoint similarity. */
export type DetectionKind = 'box' | 'mask' | 'keypoints';

/** COCO's tolerances of the 17 keypoints of a person: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles. */
export const personSigmas: readonly number[] = [
  0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
];

/**
 * The similarity of each detection with each object, in [0, 1]. A crowd region counts as far as the detection lies in it.
 * @returns [detections, annotations] row-major
 */
export function similarities(
  kind: DetectionKind,
  detections: readonly Detection[],
  annotations: readonly Annotation[],
  sigmas: readonly number[],
): Float64Array {
  const out = new Float64Array(detections.length * annotations.length);
  if (out.length === 0) return out;
  const compare = kind === 'mask' ? maskComparison(detections, annotations) : plainComparison(kind, detections, annotations, sigmas);
  for (let d = 0; d < detections.length; d++) {
    for (let a = 0; a < annotations.length; a++) out[d * annotations.length + a] = compare(d, a);
  }
  return out;
}

type Compare = (detection: number, annotation: number) => number;

function plainComparison(
  kind: 'box' | 'keypoints',
  detections: readonly Detection[],
  annotations: readonly Annotation[],
  sigmas: readonly number[],
): Compare {
  if (kind === 'keypoints') return (d, a) => keypointSimilarity(detections[d] as Detection, annotations[a] as Annotation, sigmas);
  return (d, a) => {
    const { box, crowd } = annotations[a] as Annotation;
    return boxIou((detections[d] as Detection).box, box, crowd);
  };
}

/** Boxes and areas of masks are needed for every pair, so they are found once. */
function maskComparison(detections: readonly Detection[], annotations: readonly Annotation[]): Compare {
  const known = (of: Detection | Annotation) => {
    const mask = of.mask as NonNullable<Annotation['mask']>;
    return { mask, box: runLengthBox(mask), area: runLengthArea(mask) };
  };
  const [found, true_] = [detections.map(known), annotations.map(known)];
  return (d, a) => {
    const [x, y] = [found[d] as ReturnType<typeof known>, true_[a] as ReturnType<typeof known>];
    if (boxIou(x.box, y.box) === 0) return 0;
    const common = intersectionArea(x.mask, y.mask);
    if (common === 0) return 0;
    return common / ((annotations[a] as Annotation).crowd ? x.area : x.area + y.area - common);
  };
}

/**
 * Object keypoint similarity: the mean over labelled keypoints of exp(-d² / (2 area (2 sigma)²)), d in pixels. For an object without
 * labelled keypoints, d is how far a keypoint lies outside its box enlarged to three times its sides.
 * @param sigmas tolerance of each keypoint, as a share of the object's scale (the root of its area)
 */
export function keypointSimilarity(
  { keypoints: found = [] }: Pick<Detection, 'keypoints'>,
  { keypoints: true_ = new Float64Array(0), box, area }: Pick<Annotation, 'keypoints' | 'box' | 'area'>,
  sigmas: readonly number[],
): number {
  const labelled = hasKeypoints(true_);
  const [left, top, right, bottom] = [box[0] - box[2], box[1] - box[3], box[0] + 2 * box[2], box[1] + 2 * box[3]];
  let [sum, count] = [0, 0];
  for (let k = 0; k < sigmas.length; k++) {
    if (labelled && !((true_[3 * k + 2] ?? 0) > 0)) continue;
    const [x, y] = [found[3 * k] as number, found[3 * k + 1] as number];
    const dx = labelled ? x - (true_[3 * k] as number) : Math.max(0, left - x) + Math.max(0, x - right);
    const dy = labelled ? y - (true_[3 * k + 1] as number) : Math.max(0, top - y) + Math.max(0, y - bottom);
    const tolerance = (2 * (sigmas[k] as number)) ** 2;
    sum += Math.exp(-((dx * dx + dy * dy) / tolerance / (area + Number.EPSILON) / 2));
    count++;
  }
  return sum / count;
}

/** Whether any keypoint is labelled. */
export function hasKeypoints(keypoints: Annotation['keypoints']): boolean {
  return keypoints?.some((v, i) => i % 3 === 2 && v > 0) ?? false;
}

/** The area by which a detection that matches nothing falls into a size range. */
export function detectionArea(kind: DetectionKind, { area, box, mask, keypoints = [] }: Detection): number {
  if (area !== undefined) return area;
  if (kind === 'mask' && mask !== undefined) return runLengthArea(mask);
  if (kind === 'box') return box[2] * box[3];
  let [left, right, top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k + 2 < keypoints.length; k += 3) {
    left = Math.min(left, keypoints[k] as number);
    right = Math.max(right, keypoints[k] as number);
    top = Math.min(top, keypoints[k + 1] as number);
    bottom = Math.max(bottom, keypoints[k + 1] as number);
  }
  return (right - left) * (bottom - top);
}

/** What is compared with, by id. */
export interface DetectionTruth {
  readonly images: readonly { readonly id: number; readonly width: number; readonly height: number }[];
  readonly categories: readonly Category[];
  readonly annotations: readonly Annotation[];
}

/** The tolerances to use: the given ones, else COCO's for 17 keypoints. @throws UserError if they are missing or do not fit */
export function checkSigmas(kind: DetectionKind, { categories }: DetectionTruth, given: readonly number[] | undefined): readonly number[] {
  if (kind !== 'keypoints') return [];
  const counts = new Set(categories.map(({ keypoints = [] }) => keypoints.length));
  if (counts.size > 1) throw invalid('categories for keypoints', 'the same number of keypoints in all', [...counts].join(', '));
  const [count = given?.length ?? 0] = counts;
  const sigmas = given ?? (count === personSigmas.length ? personSigmas : undefined);
  if (sigmas === undefined) throw missing(`tolerances of the ${count} keypoints`, 'give `sigmas`, for scenes `sceneSigmas`');
  if (sigmas.length !== count) throw mismatched('tolerances of keypoints', `${count}`, `${sigmas.length}`, 'give one for each keypoint');
  const wrong = sigmas.find((sigma) => !(sigma > 0 && sigma < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) throw invalid('tolerance of a keypoint', 'a number above 0', wrong);
  return sigmas;
}

/**
 * Checks everything that is compared before any comparison.
 * @throws UserError that names the detection (by its place in the list) or the annotation
 */
export function checkComparable(kind: DetectionKind, truth: DetectionTruth, detections: readonly Detection[], keypoints: number): void {
  const images = new Map(truth.images.map((image) => [image.id, image]));
  const categories = new Set(truth.categories.map(({ id }) => id));
  detections.forEach((detection, place) => {
    const what = `detection ${place}`;
    const image = images.get(detection.image);
    if (image === undefined) throw missing(`image ${detection.image}, which ${what} names`, "use the ids of the data's images");
    if (!categories.has(detection.category)) {
      throw missing(`category ${detection.category}, which ${what} names`, 'use ids of categories, not their places in the list');
    }
    if (!Number.isFinite(detection.score)) throw invalid(`score of ${what}`, 'a finite number', detection.score);
    checkBox(what, detection.box);
    checkShape(kind, what, detection, image, keypoints);
  });
  for (const annotation of truth.annotations) {
    const image = images.get(annotation.image);
    const what = `annotation ${annotation.id}`;
    if (image === undefined) throw missing(`image ${annotation.image}, which ${what} names`, "use the ids of the data's images");
    if (kind !== 'keypoints' || annotation.keypoints !== undefined) checkShape(kind, what, annotation, image, keypoints);
  }
}

function checkBox(what: string, box: Box): void {
  if (!(box.length === 4 && box.every(Number.isFinite) && box[2] >= 0 && box[3] >= 0)) {
    throw invalid(`box of ${what}`, '[x, y, width, height], finite, with sides of at least 0', box);
  }
}

function checkShape(
  kind: DetectionKind,
  what: string,
  { mask, keypoints }: Pick<Detection, 'mask' | 'keypoints'>,
  image: { width: number; height: number },
  count: number,
): void {
  if (kind === 'mask') {
    if (mask === undefined) throw missing(`mask of ${what}`, 'evaluate boxes, or give every object its mask');
    if (mask.height !== image.height || mask.width !== image.width) {
      throw mismatched(`mask of ${what}`, `${image.height} x ${image.width}`, `${mask.height} x ${mask.width}`, 'as large as its image');
    }
  }
  if (kind === 'keypoints') {
    if (keypoints === undefined) throw missing(`keypoints of ${what}`, 'evaluate boxes, or give every detection its keypoints');
    if (keypoints.length !== 3 * count) {
      throw mismatched(`keypoints of ${what}`, `${3 * count} numbers`, `${keypoints.length}`, 'x, y and a third number for each');
    }
    for (let i = 0; i < keypoints.length; i++) {
      if (!Number.isFinite(keypoints[i])) throw invalid(`keypoints of ${what}`, 'finite numbers', keypoints[i]);
    }
  }
}

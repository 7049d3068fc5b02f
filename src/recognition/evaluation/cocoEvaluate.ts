/** COCO's evaluation of detections: average precision and recall over thresholds, sizes and numbers of detections. */
import { checkCount, invalid, unknown } from '../../check.js';
import type { Annotation, Category, Detection } from '../../dataset/coco/coco.js';
import { type AreaRange, cocoAreas } from '../../dataset/scenes/sceneLimits.js';
import { type Candidates, matchDetections } from './matchDetections.js';
import { precisionByRecall, recallPoints } from './precisionByRecall.js';
import {
  checkComparable,
  checkSigmas,
  type DetectionKind,
  detectionArea,
  hasKeypoints,
  similarities,
  type DetectionTruth,
} from './similarity.js';

export interface CocoOptions {
  /** What is compared. Default `box`. */
  readonly kind?: DetectionKind;
  /** Size ranges, the first of which is everything. Default COCO's (for keypoints without `small`); for scenes `sceneAreas(size)`. */
  readonly areas?: readonly AreaRange[];
  /** Tolerances of the keypoints. Default COCO's, if there are 17. */
  readonly sigmas?: readonly number[];
  /** How many of the surest detections of an image and category count, rising. Default 1, 10, 100; for keypoints 20. */
  readonly maxDetections?: readonly number[];
}

/** COCO's numbers by their usual names, each in [0, 1], or -1 where there was nothing to find. */
export type CocoSummary = Readonly<Record<string, number>>;

export interface CocoEvaluation {
  readonly kind: DetectionKind;
  /** 12 numbers for boxes and masks, 10 for keypoints, in COCO's order. */
  readonly summary: CocoSummary;
  /** AP over all thresholds and sizes, by category, in the order of the categories; -1 where there was nothing to find. */
  readonly byCategory: readonly { readonly category: Category; readonly objects: number; readonly ap: number; readonly ap50: number }[];
  /** 0.5 to 0.95 by 0.05. */
  readonly thresholds: Float64Array;
  readonly areas: readonly AreaRange[];
  readonly maxDetections: readonly number[];
  readonly categories: readonly Category[];
  /** [thresholds, 101 recalls, categories, areas, maxDetections] row-major; -1 where there was nothing to find. */
  readonly precision: Float64Array;
  /** [thresholds, categories, areas, maxDetections] row-major; -1 where there was nothing to find. */
  readonly recall: Float64Array;
}

/** Overlap that counts as found: 0.5 to 0.95 by 0.05. */
export const overlapThresholds: Float64Array = Float64Array.from({ length: 10 }, (_, i) => (i === 9 ? 0.95 : i * ((0.95 - 0.5) / 9) + 0.5));

/**
 * COCO's evaluation, equal to `pycocotools.cocoeval` (mean average precision: Lin et al. 2014, arXiv:1405.0312). In each image and
 * category the surest detections take the free object that they fit best; crowds, objects marked `ignore`, objects outside the size range
 * and, for keypoints, objects without any labelled keypoint count neither for nor against. One difference: an annotation with the id 0 is
 * an object like any other here, while pycocotools takes it as never found.
 * @param truth images, categories and annotations; pixels are not read
 * @throws UserError that names the detection, its unknown image or category, a mask of another size, missing keypoints or tolerances
 */
export function cocoEvaluate(truth: DetectionTruth, detections: readonly Detection[], options: CocoOptions = {}): CocoEvaluation {
  const { kind = 'box' } = options;
  const areas = options.areas ?? cocoAreas.filter(({ name }) => kind !== 'keypoints' || name !== 'small');
  const maxDetections = checkMaxDetections(options.maxDetections ?? (kind === 'keypoints' ? [20] : [1, 10, 100]));
  checkAreas(areas);
  const sigmas = checkSigmas(kind, truth, options.sigmas);
  checkComparable(kind, truth, detections, sigmas.length);

  const categories = [...truth.categories].sort((a, b) => a.id - b.id);
  const [T, R, K, A, M] = [overlapThresholds.length, recallPoints.length, categories.length, areas.length, maxDetections.length];
  const precision = new Float64Array(T * R * K * A * M).fill(-1);
  const recall = new Float64Array(T * K * A * M).fill(-1);
  const groups = groupByCategory(truth, detections);
  categories.forEach(({ id }, k) => {
    const images = (groups.get(id) ?? []).map((group) => candidatesOf(kind, group, sigmas, maxDetections.at(-1) as number));
    areas.forEach((range, a) => {
      const found = images.map((image) => outcomes(image, range));
      const objects = found.reduce((sum, image) => sum + image.objects, 0);
      if (objects === 0) return;
      maxDetections.forEach((most, m) => {
        const order = surestFirst(images, most);
        for (let t = 0; t < T; t++) {
          const outcome = order.map(({ image, rank }) => (found[image] as Outcomes).fates[t]?.[rank] as number);
          const curve = precisionByRecall(outcome, objects);
          recall[((t * K + k) * A + a) * M + m] = curve.recall;
          for (let r = 0; r < R; r++) precision[(((t * R + r) * K + k) * A + a) * M + m] = curve.precision[r] as number;
        }
      });
    });
  });
  const evaluation = { kind, thresholds: overlapThresholds.slice(), areas, maxDetections, categories, precision, recall };
  return { ...evaluation, summary: summarise(evaluation), byCategory: perCategory(evaluation, truth) };
}

interface Group {
  readonly detections: Detection[];
  readonly annotations: Annotation[];
}

/** Images with anything of a category, in the order of their ids. */
function groupByCategory(truth: DetectionTruth, detections: readonly Detection[]): Map<number, Group[]> {
  const groups = new Map<string, Group & { readonly image: number; readonly category: number }>();
  const groupOf = (image: number, category: number): Group => {
    const key = `${image} ${category}`;
    const found = groups.get(key) ?? { image, category, detections: [], annotations: [] };
    groups.set(key, found);
    return found;
  };
  for (const annotation of truth.annotations) groupOf(annotation.image, annotation.category).annotations.push(annotation);
  for (const detection of detections) groupOf(detection.image, detection.category).detections.push(detection);
  const byCategory = new Map<number, Group[]>();
  for (const group of [...groups.values()].sort((a, b) => a.image - b.image)) {
    const own = byCategory.get(group.category);
    if (own === undefined) byCategory.set(group.category, [group]);
    else own.push(group);
  }
  return byCategory;
}

interface Image extends Candidates {
  readonly scores: Float64Array;
  /** Of the detections. */
  readonly areas: Float64Array;
  /** Of the objects. */
  readonly sizes: Float64Array;
  readonly ignore: Uint8Array;
}

function candidatesOf(kind: DetectionKind, { detections, annotations }: Group, sigmas: readonly number[], most: number): Image {
  const surest = [...detections].sort((a, b) => b.score - a.score).slice(0, most);
  return {
    similarity: similarities(kind, surest, annotations, sigmas),
    detections: surest.length,
    objects: annotations.length,
    crowd: Uint8Array.from(annotations, ({ crowd }) => (crowd ? 1 : 0)),
    scores: Float64Array.from(surest, ({ score }) => score),
    areas: Float64Array.from(surest, (detection) => detectionArea(kind, detection)),
    sizes: Float64Array.from(annotations, ({ area }) => area),
    ignore: Uint8Array.from(annotations, (annotation) => (isIgnored(kind, annotation) ? 1 : 0)),
  };
}

/** Whether an object is neither to be found nor to be missed, whatever its size. */
export function isIgnored(kind: DetectionKind, { crowd, ignore, keypoints }: Annotation): boolean {
  return crowd || ignore === true || (kind === 'keypoints' && !hasKeypoints(keypoints));
}

interface Outcomes {
  /** [thresholds] of [detections]. */
  readonly fates: readonly Uint8Array[];
  /** How many objects there were to find. */
  readonly objects: number;
}

function outcomes(image: Image, { least, most }: AreaRange): Outcomes {
  const beyond = (area: number): boolean => area < least || area > most;
  const ignore = image.ignore.map((own, o) => (own === 1 || beyond(image.sizes[o] as number) ? 1 : 0));
  const outside = Uint8Array.from(image.areas, (area) => (beyond(area) ? 1 : 0));
  return {
    fates: Array.from(overlapThresholds, (threshold) => matchDetections(image, threshold, ignore, outside)),
    objects: ignore.reduce((count, own) => count + 1 - own, 0),
  };
}

function surestFirst(images: readonly Image[], most: number): { image: number; rank: number; score: number }[] {
  const all = images.flatMap(({ scores }, image) => Array.from(scores.subarray(0, most), (score, rank) => ({ image, rank, score })));
  return all.sort((a, b) => b.score - a.score);
}

type Curves = Omit<CocoEvaluation, 'summary' | 'byCategory'>;

export interface EvaluationSelection {
  /** Overlap that counts as found, one of 0.5, 0.55 ... 0.95. Default: the mean over all. */
  readonly threshold?: number;
  /** Name of a size range. Default `all`. */
  readonly area?: string;
  /** Id of a category. Default: the mean over all that had objects to find. */
  readonly category?: number;
  /** One of the evaluation's `maxDetections`. Default the last. */
  readonly detections?: number;
}

/**
 * Average precision of part of an evaluation: the mean of precision over recalls, thresholds and categories; -1 if there was nothing to find.
 * @throws UserError for a threshold, size range, category or number of detections that was not evaluated
 */
export function averagePrecision(evaluation: Curves, selection: EvaluationSelection = {}): number {
  return meanOf(evaluation, evaluation.precision, recallPoints.length, selection);
}

/** Average recall: the greatest recall reached, mean over thresholds and categories; -1 if there was nothing to find. */
export function averageRecall(evaluation: Curves, selection: EvaluationSelection = {}): number {
  return meanOf(evaluation, evaluation.recall, 1, selection);
}

function meanOf(
  evaluation: Curves,
  values: Float64Array,
  R: number,
  { threshold, area = 'all', category, detections }: EvaluationSelection,
): number {
  const { areas, categories, maxDetections, thresholds } = evaluation;
  const [K, A, M] = [categories.length, areas.length, maxDetections.length];
  const a = areas.findIndex(({ name }) => name === area);
  if (a < 0) {
    throw unknown(
      'size range',
      area,
      areas.map(({ name }) => name),
    );
  }
  const m = detections === undefined ? M - 1 : maxDetections.indexOf(detections);
  if (m < 0) throw invalid('number of detections', `one of ${maxDetections.join(', ')}`, detections);
  const t0 = threshold === undefined ? undefined : thresholds.findIndex((t) => Math.abs(t - threshold) < 1e-9);
  if (t0 === -1) throw invalid('overlap threshold', 'one of 0.5, 0.55 ... 0.95', threshold);
  const k0 = category === undefined ? undefined : categories.findIndex(({ id }) => id === category);
  if (k0 === -1) throw invalid('category', `one of ${categories.map(({ id }) => id).join(', ')}`, category);
  let [sum, count] = [0, 0];
  for (let t = 0; t < thresholds.length; t++) {
    if (t0 !== undefined && t !== t0) continue;
    for (let r = 0; r < R; r++) {
      for (let k = 0; k < K; k++) {
        if (k0 !== undefined && k !== k0) continue;
        const value = values[(((t * R + r) * K + k) * A + a) * M + m] as number;
        if (value < 0) continue;
        sum += value;
        count++;
      }
    }
  }
  return count === 0 ? -1 : sum / count;
}

function summarise(evaluation: Curves): CocoSummary {
  const named = new Set(evaluation.areas.map(({ name }) => name));
  const ap = (selection: EvaluationSelection): number => averagePrecision(evaluation, selection);
  const ar = (selection: EvaluationSelection): number => averageRecall(evaluation, selection);
  const bySize = (mean: typeof ap, area: string): number => (named.has(area) ? mean({ area }) : -1);
  const first = { AP: ap({}), AP50: ap({ threshold: 0.5 }), AP75: ap({ threshold: 0.75 }) };
  if (evaluation.kind === 'keypoints') {
    return {
      ...{ ...first, APm: bySize(ap, 'medium'), APl: bySize(ap, 'large') },
      ...{ AR: ar({}), AR50: ar({ threshold: 0.5 }), AR75: ar({ threshold: 0.75 }), ARm: bySize(ar, 'medium'), ARl: bySize(ar, 'large') },
    };
  }
  return {
    ...{ ...first, APs: bySize(ap, 'small'), APm: bySize(ap, 'medium'), APl: bySize(ap, 'large') },
    ...Object.fromEntries(evaluation.maxDetections.map((detections) => [`AR${detections}`, ar({ detections })])),
    ...{ ARs: bySize(ar, 'small'), ARm: bySize(ar, 'medium'), ARl: bySize(ar, 'large') },
  };
}

function perCategory(evaluation: Curves, { annotations }: DetectionTruth): CocoEvaluation['byCategory'] {
  return evaluation.categories.map((category) => ({
    category,
    objects: annotations.filter((one) => one.category === category.id && !isIgnored(evaluation.kind, one)).length,
    ap: averagePrecision(evaluation, { category: category.id }),
    ap50: averagePrecision(evaluation, { category: category.id, threshold: 0.5 }),
  }));
}

function checkMaxDetections(list: readonly number[]): readonly number[] {
  if (list.length === 0) throw invalid('numbers of detections', 'at least one', 'none');
  list.forEach((count, i) => {
    checkCount('number of detections', count, 1);
    if (i > 0 && count <= (list[i - 1] as number)) throw invalid('numbers of detections', 'rising numbers', list.join(', '));
  });
  return list;
}

function checkAreas(areas: readonly AreaRange[]): void {
  if (areas[0]?.name !== 'all') throw invalid('size ranges', "'all' as the first", areas[0]?.name ?? 'none');
  const wrong = areas.find(({ least, most }) => !(least >= 0 && most >= least));
  if (wrong !== undefined) throw invalid(`size range '${wrong.name}'`, '0 <= least <= most', `${wrong.least} to ${wrong.most}`);
}

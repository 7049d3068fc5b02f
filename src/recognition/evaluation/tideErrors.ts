/** What kinds of errors a detector makes, and what each costs in average precision. */
import { checkFraction, invalid } from '../../check.js';
import type { Annotation, Detection } from '../../dataset/coco/coco.js';
import { isIgnored } from './cocoEvaluate.js';
import { fates } from './matchDetections.js';
import { precisionByRecall } from './precisionByRecall.js';
import { checkComparable, checkSigmas, type DetectionKind, type DetectionTruth, similarities } from './similarity.js';

/** Errors of detections, and `missed`: objects that no detection comes near. */
export const tideTypes = ['classification', 'localisation', 'both', 'duplicate', 'background', 'missed'] as const;

export type TideType = (typeof tideTypes)[number];

export interface TideOptions {
  /** What is compared. Default `box`. */
  readonly kind?: DetectionKind;
  /** Overlap from which on a detection is right, in [0, 1]. Default 0.5. */
  readonly foreground?: number;
  /** Overlap up to which a detection has nothing to do with an object, below `foreground`. Default 0.1. */
  readonly background?: number;
  /** Tolerances of the keypoints. Default COCO's, if there are 17. */
  readonly sigmas?: readonly number[];
  /** How many of the surest detections of an image count, over all categories. Default 100. */
  readonly maxDetections?: number;
}

export interface TideErrors {
  /** Mean average precision at `foreground`, in [0, 1], over categories with any object or detection. */
  readonly ap: number;
  /** How many errors of each type there are. */
  readonly counts: Readonly<Record<TideType, number>>;
  /** How much the mean average precision would rise if all errors of the type were put right, in [0, 1]. */
  readonly dAp: Readonly<Record<TideType, number>>;
  /** The rise if no false positive came before a true one, and if nothing were missed. */
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/** A detection on the curve of its category. */
interface Point {
  readonly category: number;
  readonly score: number;
  readonly right: boolean;
}

interface Mistake {
  readonly type: TideType;
  /** How it counts as it is; nothing for a detection that is ignored, or an object. */
  readonly original?: Point;
  /** An object that its putting right may find; only the surest of its detections does. */
  readonly target?: Target;
  /** The category that it would count for. */
  readonly category: number;
  readonly score: number;
}

interface Target {
  readonly annotation: Annotation;
  found: boolean;
  /** The surest mistake that would find it. */
  best?: { score: number; place: number };
}

interface Tally {
  readonly right: Point[];
  /** Of all detections that are not ignored, in the order of images and scores. */
  readonly points: Point[];
  readonly mistakes: Mistake[];
  /** Objects to find, by category. */
  readonly objects: Map<number, number>;
  /** Objects not found, by category. */
  readonly lost: Map<number, number>;
}

/**
 * The error types of TIDE (Bolya, Foley, Hays & Hoffman 2020, arXiv:2008.08115), equal to its package `tidecv`. A wrong detection is, in
 * this order: of *localisation*, if it overlaps an object of its category by `background` to `foreground`; of *classification*, if it
 * overlaps one of another category by at least `foreground`; a *duplicate*, if the object was found by a surer one; *background*, if it
 * overlaps nothing by more than `background`; and *both* otherwise. An object is *missed* if it is not found and no localisation or
 * classification error, put right, would find it. Putting right means: the surest such detection of an object becomes right, other
 * wrong detections go, missed objects are no longer asked for.
 * @throws UserError like `cocoEvaluate`, and for overlaps out of order
 */
export function tideErrors(truth: DetectionTruth, detections: readonly Detection[], options: TideOptions = {}): TideErrors {
  const { kind = 'box', foreground = 0.5, background = 0.1, maxDetections = 100 } = options;
  checkFraction('foreground overlap', foreground);
  checkFraction('background overlap', background);
  if (!(background < foreground)) throw invalid('background overlap', `less than the foreground's ${foreground}`, background);
  const sigmas = checkSigmas(kind, truth, options.sigmas);
  checkComparable(kind, truth, detections, sigmas.length);
  const tally: Tally = { right: [], points: [], mistakes: [], objects: new Map(), lost: new Map() };
  const byImage = <T extends { readonly image: number }>(list: readonly T[]): Map<number, T[]> => {
    const groups = new Map<number, T[]>();
    for (const one of list) {
      const own = groups.get(one.image);
      if (own === undefined) groups.set(one.image, [one]);
      else own.push(one);
    }
    return groups;
  };
  const [found, true_] = [byImage(detections), byImage(truth.annotations)];
  for (const { id } of [...truth.images].sort((a, b) => a.id - b.id)) {
    const surest = [...(found.get(id) ?? [])].sort((a, b) => b.score - a.score).slice(0, maxDetections);
    tallyImage(tally, { kind, foreground, background, sigmas }, surest, true_.get(id) ?? []);
  }
  const ap = meanPrecision(tally.points, tally.objects);
  const each = <T>(value: (type: TideType) => T): Record<TideType, T> =>
    Object.fromEntries(tideTypes.map((type) => [type, value(type)])) as Record<TideType, T>;
  return {
    ap,
    counts: each((type) => tally.mistakes.filter((mistake) => mistake.type === type).length),
    dAp: each((type) => Math.max(0, withoutMistakes(tally, type) - ap)),
    falsePositives: meanPrecision(surelyRight(wrongFirst(tally)), tally.objects) - ap,
    falseNegatives: meanPrecision(wrongFirst(tally), withoutLost(tally)) - ap,
  };
}

type Settings = Required<Pick<TideOptions, 'kind' | 'foreground' | 'background' | 'sigmas'>>;

function tallyImage(tally: Tally, settings: Settings, detections: readonly Detection[], annotations: readonly Annotation[]): void {
  const { kind, foreground, sigmas } = settings;
  const regions = annotations.filter((annotation) => isIgnored(kind, annotation));
  const targets = annotations
    .filter((annotation) => !isIgnored(kind, annotation))
    .map((annotation): Target => ({ annotation, found: false }));
  const objects = targets.map(({ annotation }) => annotation);
  for (const { category } of objects) add(tally.objects, category);
  const overlap = similarities(kind, detections, objects, sigmas);
  const inRegion = similarities(
    kind,
    detections,
    regions.map((region) => ({ ...region, crowd: true })),
    sigmas,
  );

  const free = new Set(targets.keys());
  const outcome = detections.map(({ category }, d): 'right' | 'wrong' | 'ignored' => {
    const match = greatest(targets.length, (o) =>
      free.has(o) && objects[o]?.category === category ? (overlap[d * targets.length + o] as number) : 0,
    );
    if (match.value >= foreground && match.value > 0) {
      free.delete(match.at);
      (targets[match.at] as Target).found = true;
      return 'right';
    }
    const ignored = regions.some((region, r) => region.category === category && (inRegion[d * regions.length + r] as number) > foreground);
    return ignored ? 'ignored' : 'wrong';
  });

  detections.forEach(({ category, score }, d) => {
    const kindOf = outcome[d];
    if (kindOf !== 'ignored') tally.points.push({ category, score, right: kindOf === 'right' });
    if (kindOf === 'right') tally.right.push({ category, score, right: true });
    else {
      const original: Point | undefined = kindOf === 'wrong' ? { category, score, right: false } : undefined;
      const { type, target } = classify(settings, category, targets, (o) => overlap[d * targets.length + o] as number);
      const wanted = type === 'classification' && target !== undefined ? target.annotation.category : category;
      const place = tally.mistakes.length;
      if (target !== undefined && !target.found && (target.best === undefined || target.best.score < score)) target.best = { score, place };
      tally.mistakes.push({
        ...{ type, category: wanted, score },
        ...(original === undefined ? {} : { original }),
        ...(target === undefined ? {} : { target }),
      });
    }
  });
  for (const target of targets) {
    if (target.found) continue;
    const { category } = target.annotation;
    add(tally.lost, category);
    if (target.best === undefined) tally.mistakes.push({ type: 'missed', category, score: 0 });
  }
}

/** The type of a detection's error, and the object that it would find if it were put right. */
function classify(
  { foreground, background }: Settings,
  category: number,
  targets: readonly Target[],
  overlap: (object: number) => number,
): { type: TideType; target?: Target } {
  if (targets.length === 0) return { type: 'background' };
  const among = (which: (target: Target) => boolean) => greatest(targets.length, (o) => (which(targets[o] as Target) ? overlap(o) : 0));
  const own = among(({ annotation }) => annotation.category === category);
  if (own.value >= background && own.value <= foreground) return { type: 'localisation', target: targets[own.at] as Target };
  const other = among(({ annotation }) => annotation.category !== category);
  if (other.value >= foreground) return { type: 'classification', target: targets[other.at] as Target };
  const taken = among(({ annotation, found }) => found && annotation.category === category);
  if (taken.value >= foreground) return { type: 'duplicate' };
  return { type: among(() => true).value <= background ? 'background' : 'both' };
}

function greatest(count: number, value: (i: number) => number): { at: number; value: number } {
  let best = { at: 0, value: count === 0 ? 0 : value(0) };
  for (let i = 1; i < count; i++) if (value(i) > best.value) best = { at: i, value: value(i) };
  return best;
}

function add(counts: Map<number, number>, category: number, amount = 1): void {
  counts.set(category, (counts.get(category) ?? 0) + amount);
}

/** Mean average precision when all mistakes of the type are put right. */
function withoutMistakes({ mistakes, right, objects }: Tally, type: TideType): number {
  const wanted = new Map(objects);
  const points: Point[] = [];
  mistakes.forEach((mistake, place) => {
    if (mistake.type !== type) {
      if (mistake.original !== undefined) points.push(mistake.original);
    } else if (type === 'missed') add(wanted, mistake.category, -1);
    else if (mistake.target !== undefined && !mistake.target.found && mistake.target.best?.place === place) {
      points.push({ category: mistake.category, score: mistake.score, right: true });
    }
  });
  return meanPrecision([...points, ...right], wanted);
}

/** All detections that count, those that are wrong first: among equal scores the package has them in this order. */
function wrongFirst({ mistakes, right }: Tally): Point[] {
  return [...mistakes.flatMap(({ original }) => (original === undefined ? [] : [original])), ...right];
}

function surelyRight(points: readonly Point[]): Point[] {
  return points.map((point) => ({ ...point, score: point.right ? 1 : 0 }));
}

function withoutLost({ objects, lost }: Tally): Map<number, number> {
  return new Map([...objects].map(([category, count]) => [category, count - (lost.get(category) ?? 0)]));
}

/** Hundredths as division has them: in the last bit some differ from COCO's multiples of 0.01, and recalls often are such fractions. */
const hundredths = Float64Array.from({ length: 101 }, (_, i) => i / 100);

/** Over categories that have an object or a detection; one without objects counts 0. */
function meanPrecision(points: readonly Point[], objects: ReadonlyMap<number, number>): number {
  const byCategory = new Map<number, Point[]>();
  for (const [category, count] of objects) if (count > 0) byCategory.set(category, []);
  for (const point of points) {
    const own = byCategory.get(point.category);
    if (own === undefined) byCategory.set(point.category, [point]);
    else own.push(point);
  }
  let sum = 0;
  for (const [category, own] of byCategory) {
    const count = objects.get(category) ?? 0;
    if (count === 0) continue;
    const outcome = own.sort((a, b) => b.score - a.score).map(({ right }) => (right ? fates.right : fates.wrong));
    sum += precisionByRecall(outcome, count, hundredths).precision.reduce((total, value) => total + value, 0) / 101;
  }
  return byCategory.size === 0 ? 0 : sum / byCategory.size;
}

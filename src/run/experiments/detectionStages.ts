/** What runs on detectors share: their data (scenes, or a folder), a trainer whose score is box AP, and the evaluation of a trained one. */
import type { Arrays } from '../../array.js';
import { missing } from '../../check.js';
import { annotationsByImage, type Detection, type DetectionData } from '../../dataset/coco/coco.js';
import { firstImages } from '../../dataset/coco/readCoco.js';
import { selectImages } from '../../dataset/coco/selectImages.js';
import { runLengthString } from '../../dataset/coco/runLengthString.js';
import type { ImageSet, Split } from '../../dataset/dataset.js';
import { type AreaRange, fittedAreas, sceneAreas, sceneSigmas } from '../../dataset/scenes/sceneLimits.js';
import { loadScenes, type SceneSource } from '../../dataset/scenes/loadScenes.js';
import type { Architecture } from '../../model/architecture.js';
import { DETECTOR_STRIDE, type DetectorOptions, detector, detectorOutputs } from '../../model/families/detector.js';
import type { Mask } from '../../mask.js';
import { decodeDetections } from '../../recognition/decodeDetections.js';
import { type DetectionSet, imageSet } from '../../recognition/detectionSet.js';
import { detectorTargets } from '../../recognition/detectorTargets.js';
import { averagePrecision, cocoEvaluate, type CocoEvaluation } from '../../recognition/evaluation/cocoEvaluate.js';
import { type DetectionKind, personSigmas } from '../../recognition/evaluation/similarity.js';
import { readDetectionSet } from '../../recognition/readDetectionSet.js';
import { tideErrors, tideTypes } from '../../recognition/evaluation/tideErrors.js';
import type { OptimizerOptions } from '../../train/optimizers.js';
import { detectorTask } from '../../train/recognition/detectorTask.js';
import { openTaskTrainer, type Trainer, type TrainingOptions } from '../../train/trainer.js';
import type { RunContext } from '../openRun.js';
import type { Row } from '../record.js';

/** What a detector may say beside boxes and classes. */
export type DetectorPart = 'masks' | 'keypoints';

export interface DetectorDataOptions {
  /** A COCO or VOC folder in place of scenes; null: scenes. */
  readonly folder: string | null;
  readonly source: SceneSource;
  readonly classes: readonly string[] | null;
  readonly imbalance: number;
  readonly size: number;
  readonly scenes: number;
  readonly testScenes: number;
  readonly objects: number;
  readonly seed: number;
}

export interface DetectorData {
  readonly set: DetectionSet;
  readonly images: ImageSet;
  readonly areas: readonly AreaRange[];
  /** Keypoints of an object, the most that a category has; and their tolerances. */
  readonly sigmas: readonly number[];
}

/** What a detector learns and is tested on: scenes, or a folder of the user's, half as many images for validation as for the test. */
export async function detectorData(options: DetectorDataOptions, parts: readonly DetectorPart[]): Promise<DetectorData> {
  const { folder, size, scenes, testScenes } = options;
  if (folder === null) return sceneData(options);
  const validation = Math.max(1, Math.round(testScenes / 2));
  const keypoints = parts.includes('keypoints');
  const set = await readDetectionSet(folder, { size, keypoints, train: scenes, test: testScenes, validation });
  for (const part of parts) {
    const one = part === 'masks' ? 'mask' : 'keypoints';
    for (const [name, { annotations }] of Object.entries(set)) {
      if (annotations.some((annotation) => annotation[one] !== undefined)) continue;
      throw missing(`${part} in the ${name} part of '${folder}'`, `leave them out of what is learned, such as --set 'parts=[]'`);
    }
  }
  const most = Math.max(0, ...set.train.categories.map((category) => category.keypoints?.length ?? 0));
  // COCO gives tolerances for persons only.
  const sigmas = most === personSigmas.length ? personSigmas : Array.from({ length: most }, () => 0.1);
  return { set, images: imageSet(`images of ${folder}`, set), areas: fittedAreas(size), sigmas };
}

async function sceneData(options: DetectorDataOptions): Promise<DetectorData> {
  const { source, scenes, testScenes, classes, imbalance, size, objects, seed } = options;
  const part = (split: Split, count: number): Promise<DetectionData> =>
    loadScenes({ source, classes, imbalance, size, objects, seed, split, count });
  const set = {
    train: await part('train', scenes),
    validation: await part('validation', Math.max(1, Math.round(testScenes / 2))),
    test: await part('test', testScenes),
  };
  return { set, images: imageSet(`scenes of ${source}`, set), areas: sceneAreas(size), sigmas: sceneSigmas };
}

export function detectorOptions(
  width: number,
  prototypes: number,
  parts: readonly DetectorPart[],
  { set, sigmas }: DetectorData,
): DetectorOptions {
  return {
    width,
    categories: set.train.categories.length,
    ...(parts.includes('masks') && { prototypes }),
    ...(parts.includes('keypoints') && { keypoints: sigmas.length }),
  };
}

export function detectorFor(options: DetectorOptions, { images }: DetectorData): Architecture {
  const parts = [options.prototypes ? '-masks' : '', options.keypoints ? '-keypoints' : ''].join('');
  return detector(`detector-${options.width}${parts}`, images.shape, options);
}

/** A trainer of a detector, and what it detects. Between `open` and `close` there is one network. */
export interface DetectorTrainer {
  readonly trainer: Trainer;
  /** Detections of the present weights in a part, with masks and keypoints. */
  detect(split: Split): readonly Detection[];
}

export async function openDetector(
  data: DetectorData,
  options: DetectorOptions,
  training: {
    readonly optimizer: OptimizerOptions;
    readonly batchSize: number;
    readonly weightDecay: number;
    readonly engine?: TrainingOptions['engine'];
  },
): Promise<DetectorTrainer> {
  const { set, images } = data;
  const channels = detectorOutputs(options);
  let outputs: Float32Array | undefined;
  const decode = (split: Split, values: Float32Array, count: number, boxesOnly: boolean): Detection[] => {
    const each = values.length / count;
    const wanted = boxesOnly ? { ...channels, prototypes: [0, 0] as const, keypoints: [0, 0] as const } : channels;
    return set[split].images.slice(0, count).flatMap((image, i) =>
      decodeDetections(values.subarray(i * each, (i + 1) * each), image, {
        ...{ channels: wanted, categories: set.train.categories, stride: DETECTOR_STRIDE },
      }),
    );
  };
  const grade = (values: Float32Array, split: Split, count: number): number => {
    outputs = values;
    const truth = firstImages(set[split], count);
    return Math.max(0, cocoEvaluate(truth, decode(split, values, count, true), { areas: data.areas }).summary['AP'] ?? 0);
  };
  const trainer = await openTaskTrainer({
    architecture: detectorFor(options, data),
    images,
    task: detectorTask({ images, outputs: options, targets: detectorTargets(set, DETECTOR_STRIDE, options.keypoints ?? 0), grade }),
    ...training,
  });
  return {
    trainer,
    detect(split) {
      trainer.evaluate(split);
      return decode(split, outputs as Float32Array, set[split].images.length, false);
    },
  };
}

export interface DetectorEvaluation {
  readonly name: string;
  readonly level: number;
  readonly mask: Mask;
  readonly weights: Arrays;
  readonly parts: readonly DetectorPart[];
  /** Of how many test images detections are kept, to be drawn. */
  readonly drawn: number;
}

/**
 * The trained network on the test part, as points of a run: `detection` (COCO's numbers for boxes, masks and keypoints), `category` (AP
 * and frequency of each), `tide` (what each type of error costs) and `drawn` (detections of the first images).
 */
export async function evaluateDetector(
  context: RunContext,
  open: () => Promise<DetectorTrainer>,
  { set, areas, sigmas }: DetectorData,
  { name, level, mask, weights, parts, drawn }: DetectorEvaluation,
): Promise<void> {
  await context.stage(name, async (inside) => {
    const detector = await open();
    detector.trainer.load(mask, weights);
    const found = detector.detect('test');
    const point = (what: string, values: Extract<Row, { kind: 'point' }>['values']): void =>
      inside.row({ kind: 'point', name: what, level, values });
    const kinds: DetectionKind[] = [
      'box',
      ...(parts.includes('masks') ? ['mask' as const] : []),
      ...(parts.includes('keypoints') ? ['keypoints' as const] : []),
    ];
    const frequency = new Map<number, number>();
    for (const { category } of set.train.annotations) frequency.set(category, (frequency.get(category) ?? 0) + 1);
    for (const kind of kinds) {
      const truth = comparable(set.test, kind, sigmas.length);
      const images = new Set(truth.images.map(({ id }) => id));
      const categories = new Set(truth.categories.map(({ id }) => id));
      const own = found.filter(({ image, category }) => images.has(image) && categories.has(category));
      const evaluation = cocoEvaluate(truth, own, { kind, areas, ...(kind === 'keypoints' && { sigmas }) });
      point('detection', { detected: kind, ...numbersOf(evaluation) });
      for (const { category, objects, ap, ap50 } of evaluation.byCategory)
        point('category', {
          detected: kind,
          category: category.name,
          trained: frequency.get(category.id) ?? 0,
          objects,
          ap: known(ap),
          ap50: known(ap50),
        });
    }
    const { ap, counts, dAp } = tideErrors(set.test, found);
    for (const type of tideTypes) point('tide', { type, count: counts[type], cost: dAp[type], ap50: ap });
    const byImage = annotationsByImage(set.test);
    for (const { id } of set.test.images.slice(0, drawn)) {
      const sure = found.filter(({ image, score }) => image === id && score >= 0.25).slice(0, (byImage.get(id)?.length ?? 0) + 3);
      for (const { category, score, box, mask: shape, keypoints } of sure) {
        const [x, y, width, height] = box.map((v) => Math.round(v * 100) / 100) as [number, number, number, number];
        const points = keypoints && Array.from(keypoints, (v) => Math.round(v * 10) / 10).join(' ');
        point('drawn', {
          image: id,
          category,
          score,
          x,
          y,
          width,
          height,
          mask: shape ? runLengthString(shape) : null,
          keypoints: points ?? null,
        });
      }
    }
    return { arrays: {}, info: {} };
  });
}

/**
 * What detections of a kind can be compared with: for masks the images all of whose objects have one (in VOC few do), for keypoints the
 * categories that have all of them (in COCO persons).
 */
function comparable(data: DetectionData, kind: DetectionKind, keypoints: number): DetectionData {
  if (kind === 'box') return data;
  if (kind === 'mask') {
    const bare = new Set(data.annotations.filter(({ mask }) => mask === undefined).map(({ image }) => image));
    return selectImages(data, ({ id }) => !bare.has(id));
  }
  const categories = data.categories.filter((category) => category.keypoints?.length === keypoints);
  const ids = new Set(categories.map(({ id }) => id));
  return { ...data, categories, annotations: data.annotations.filter(({ category }) => ids.has(category)) };
}

function numbersOf(evaluation: CocoEvaluation): Record<string, number | null> {
  const at = (selection: Parameters<typeof averagePrecision>[1]): number | null => known(averagePrecision(evaluation, selection));
  const size = (area: string): number | null => (evaluation.areas.some(({ name }) => name === area) ? at({ area }) : null);
  return {
    ap: at({}),
    ap50: at({ threshold: 0.5 }),
    ap75: at({ threshold: 0.75 }),
    small: size('small'),
    medium: size('medium'),
    large: size('large'),
  };
}

/** COCO says -1 where there was nothing to find. */
function known(value: number): number | null {
  return value < 0 ? null : value;
}

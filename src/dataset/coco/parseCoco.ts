/** COCO's annotation file as data. */
import { basename } from 'node:path';
import { invalid, mismatched, missing, UserError } from '../../check.js';
import type { Annotation, Category, DetectionData, DetectionImage, RunLength } from './coco.js';
import { annotationSchema, categorySchema, checkEntries, imageSchema, type Segmentation } from './cocoSchema.js';
import { polygonRunLength } from './polygonRunLength.js';
import { parseRunLengthString } from './runLengthString.js';

const empty = new Uint8Array(0);

/**
 * The content of a COCO annotation file (`instances_*.json`, `person_keypoints_*.json`), without the pixels of its images. Images and
 * categories come in the order of their ids, annotations as in the file. The file may come from anywhere: every field that is read is checked.
 * @param file names the text in messages
 * @throws UserError that names the file, the annotation and the field
 */
export function parseCoco(text: string, file: string): DetectionData {
  const value = parseObject(text, file);
  const byId = <T extends { readonly id: number }>(list: T[]): T[] => list.sort((a, b) => a.id - b.id);
  const images = byId(
    checkEntries(imageSchema, value['images'], 'image', file).map(
      ({ id, width, height, file_name }): DetectionImage => ({ id, width, height, pixels: empty, file: file_name }),
    ),
  );
  const categories = byId(checkEntries(categorySchema, value['categories'], 'category', file).map((one) => toCategory(one, file)));
  const imageOf = indexById(images, 'image', file);
  const categoryOf = indexById(categories, 'category', file);
  // In the order of the file: where two objects fit equally well, evaluation goes by it.
  const annotations = checkEntries(annotationSchema, value['annotations'], 'annotation', file).map((one): Annotation => {
    const what = `annotation ${one.id} in '${file}'`;
    const image = imageOf.get(one.image_id);
    if (image === undefined) throw missing(`image ${one.image_id}, which 'image_id' of ${what} names`, 'list it under images');
    const category = categoryOf.get(one.category_id);
    if (category === undefined) throw missing(`category ${one.category_id}, which ${what} names`, 'list it under categories');
    const mask = one.segmentation === undefined ? undefined : toMask(one.segmentation, image, what);
    const keypoints = one.keypoints === undefined ? undefined : toKeypoints(one.keypoints, category, what);
    return {
      ...{ id: one.id, image: one.image_id, category: one.category_id, box: one.bbox, area: one.area, crowd: one.iscrowd === 1 },
      ...(mask === undefined ? {} : { mask }),
      ...(keypoints === undefined ? {} : { keypoints }),
    };
  });
  indexById(annotations, 'annotation', file);
  return { name: basename(file).replace(/\.json$/, ''), channels: 3, images, categories, annotations };
}

/** A JSON object of a file. @throws UserError that names the file */
function parseObject(text: string, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    // Some editors mark UTF-8 by a sign that is no JSON.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UserError(`'${file}' is not JSON: ${(error as Error).message}; the file is cut short or is another one`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`'${file}'`, 'an object with images, annotations and categories', Array.isArray(value) ? 'a list' : value);
  }
  return value as Record<string, unknown>;
}

function indexById<T extends { readonly id: number }>(list: readonly T[], kind: string, file: string): Map<number, T> {
  const index = new Map<number, T>();
  for (const one of list) {
    if (index.has(one.id)) throw invalid(`id of ${kind} ${one.id} in '${file}'`, `an id that no other ${kind} has`, one.id);
    index.set(one.id, one);
  }
  return index;
}

function toCategory(one: { id: number; name: string; keypoints?: string[]; skeleton?: [number, number][] }, file: string): Category {
  const { id, name, keypoints, skeleton } = one;
  const count = keypoints?.length ?? 0;
  const wrong = skeleton?.find((pair) => pair.some((point) => point > count));
  if (wrong !== undefined) throw invalid(`skeleton of category ${id} in '${file}'`, `keypoints from 1 to ${count}`, wrong);
  return {
    ...{ id, name },
    ...(keypoints === undefined ? {} : { keypoints }),
    // The file counts from 1.
    ...(skeleton === undefined ? {} : { skeleton: skeleton.map(([a, b]): [number, number] => [a - 1, b - 1]) }),
  };
}

/**
 * A mask from either of COCO's forms: polygons, or runs as numbers or as a string. An empty list of polygons is no mask.
 * @throws UserError if it does not fit the image
 */
export function toMask(segmentation: Segmentation, image: { width: number; height: number }, what: string): RunLength | undefined {
  const { width, height } = image;
  const name = `'segmentation' of ${what}`;
  if (Array.isArray(segmentation)) return segmentation.length === 0 ? undefined : polygonRunLength(segmentation, height, width, name);
  const [h, w] = segmentation.size;
  if (h !== height || w !== width) {
    throw mismatched(name, `the image's ${height} x ${width} (height x width)`, `${h} x ${w}`, 'the mask belongs to another image');
  }
  if (typeof segmentation.counts === 'string') return parseRunLengthString(segmentation.counts, height, width, name);
  const total = segmentation.counts.reduce((sum, run) => sum + run, 0);
  if (total !== height * width) throw invalid(name, `runs that add up to ${height} * ${width} = ${height * width}`, total);
  return { height, width, counts: Uint32Array.from(segmentation.counts) };
}

function toKeypoints(values: readonly number[], { id, keypoints = [] }: Category, what: string): Float64Array {
  if (values.length !== 3 * keypoints.length) {
    throw mismatched(
      `'keypoints' of ${what}`,
      `x, y, visibility of the ${keypoints.length} keypoints of category ${id}`,
      `${values.length} numbers`,
      'correct the annotation or the category',
    );
  }
  values.forEach((value, i) => {
    if (i % 3 === 2 && value !== 0 && value !== 1 && value !== 2) {
      throw invalid(`visibility of keypoint '${nameOf(keypoints, i)}' of ${what}`, '0, 1 or 2', value);
    }
  });
  return Float64Array.from(values);
}

function nameOf(names: readonly string[], i: number): string {
  return names[(i - 2) / 3] ?? String((i - 2) / 3);
}

/** A user's own COCO or VOC folder as the three parts of an experiment, every image of one size. */
import { invalid, mismatched, missing } from '../check.js';
import type { Category, DetectionData } from '../dataset/coco/coco.js';
import { detectionSplits, readDetectionFolder } from '../dataset/coco/readDetectionFolder.js';
import { selectImages } from '../dataset/coco/selectImages.js';
import type { DetectionSet } from './detectionSet.js';

export interface DetectionSetOptions {
  /** Side of the square that every image is fitted into, in pixels. */
  readonly size: number;
  /** At most so many images for training, the first by id. */
  readonly train: number;
  /** At most so many for the test. */
  readonly test: number;
  /** At most so many for validation. */
  readonly validation: number;
  /** Whether to prefer COCO's files of persons with keypoints. Default false. */
  readonly keypoints?: boolean;
}

/** Of ten images in turn: those of a folder that is not split. */
const parts = ['test', 'validation', 'train', 'train', 'test', 'train', 'train', 'train', 'train', 'train'] as const;

/**
 * Reads a COCO or VOC folder. Its splits are told by their names: `train…` (for VOC `trainval` where there is no `train`), `val…`, `test…`.
 * Without `test…`, `val…` is the test and the validation part is taken from the end of the training images; a folder without a training
 * split, or with one split only, is shared out 7 : 1 : 2, image by image in the order of ids.
 * @throws UserError that names the file and what is wrong with it, or says that a part has no image or no object, or that the parts list
 * different categories
 * @example
 * const set = await readDetectionSet('/data/coco', { size: 64, train: 4000, validation: 200, test: 400 });
 */
export async function readDetectionSet(folder: string, options: DetectionSetOptions): Promise<DetectionSet> {
  const { size, keypoints = false } = options;
  // Only where there are such files; the others may have keypoints too, as scenes do.
  const persons = keypoints && (await detectionSplits(folder, 'person_keypoints').catch(() => [])).length > 0;
  const annotations = persons ? { annotations: 'person_keypoints' as const } : {};
  const splits = await detectionSplits(folder, persons ? 'person_keypoints' : undefined);
  const read = (split: string | undefined, limit: number): Promise<DetectionData> =>
    readDetectionFolder(folder, { ...annotations, size, limit, ...(split !== undefined && { split }) });
  const named = (start: string): string | undefined => splits.find((split) => split.startsWith(start));
  const train = splits.includes('train') ? 'train' : named('train');
  const [validation, test] = [named('val'), named('test')];

  let set: DetectionSet;
  if (train === undefined || (validation ?? test) === undefined) {
    const most = options.train + options.validation + options.test;
    set = shared(await read(train ?? (splits.length === 1 ? splits[0] : (validation ?? test)), most), options);
  } else if (validation !== undefined && test !== undefined) {
    set = {
      train: await read(train, options.train),
      validation: await read(validation, options.validation),
      test: await read(test, options.test),
    };
  } else {
    const both = await read(train, options.train + options.validation);
    const count = both.images.length;
    const held = Math.min(options.validation, Math.max(1, Math.floor(count / 10), count - options.train));
    set = {
      train: selectImages(both, (_, i) => i < count - held),
      validation: selectImages(both, (_, i) => i >= count - held),
      test: await read((test ?? validation) as string, options.test),
    };
  }
  checkParts(folder, set);
  return set;
}

function shared(data: DetectionData, options: DetectionSetOptions): DetectionSet {
  const part = (name: (typeof parts)[number]): DetectionData => {
    let count = 0;
    return selectImages(data, (_, i) => parts[i % parts.length] === name && ++count <= options[name]);
  };
  return { train: part('train'), validation: part('validation'), test: part('test') };
}

function checkParts(folder: string, set: DetectionSet): void {
  const named = (categories: readonly Category[]): string => categories.map(({ id, name }) => `${id} ${name}`).join(', ');
  const { categories } = set.train;
  if (categories.length === 0) throw invalid(`categories in '${folder}'`, 'at least one', 'none');
  for (const [name, part] of Object.entries(set) as [string, DetectionData][]) {
    if (part.images.length === 0)
      throw missing(`images for the ${name} part of '${folder}'`, 'three images are the least, one for each part');
    if (!part.annotations.some(({ crowd, ignore }) => !crowd && !ignore))
      throw missing(`objects in the ${name} part of '${folder}'`, 'its annotations name none that is to be found');
    if (named(part.categories) !== named(categories)) {
      const remedy = 'all parts must list the same ones';
      throw mismatched(`categories of the ${name} part of '${folder}'`, named(categories), named(part.categories), remedy);
    }
  }
}

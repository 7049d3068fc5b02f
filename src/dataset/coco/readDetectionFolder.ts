/** A folder of images with objects, of either of the two usual forms. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { missing, unknown } from '../../check.js';
import type { DetectionData } from './coco.js';
import { type ReadCocoOptions, readCoco } from './readCoco.js';
import { readVoc } from './readVoc.js';

export interface ReadFolderOptions extends Omit<ReadCocoOptions, 'images'> {
  /** Such as `val2017` (COCO), `test` (VOC), `train` (scenes). Default: the only one, or for VOC everything. */
  readonly split?: string;
  /** Which of COCO's files: objects with masks, or persons with keypoints. Default `instances` where it is there. */
  readonly annotations?: 'instances' | 'person_keypoints';
  /** Whether to read the pixels. Default true. */
  readonly pixels?: boolean;
}

/**
 * Reads a COCO folder (`annotations/instances_SPLIT.json` with images in `SPLIT/` or `images/SPLIT/`), which scenes are written as too, or
 * a VOC folder (`Annotations/*.xml` with images in `JPEGImages/`).
 * @throws UserError if it is neither, the split is unknown, or a file is wrong
 */
export async function readDetectionFolder(folder: string, options: ReadFolderOptions = {}): Promise<DetectionData> {
  const found = await contentOf(folder, options.annotations);
  if (found.kind === 'coco') {
    const { annotations: kind, splits } = found;
    const split = options.split ?? (splits.length === 1 ? (splits[0] as string) : undefined);
    if (split === undefined) throw missing(`split of '${folder}'`, `choose one of ${splits.join(', ')}`);
    if (!splits.includes(split)) throw unknown(`split of '${folder}'`, split, splits);
    const images = (await isFolder(folder, 'images', split)) ? join(folder, 'images', split) : join(folder, split);
    return readCoco(join(folder, 'annotations', `${kind}_${split}.json`), { ...options, ...(options.pixels === false ? {} : { images }) });
  }
  return readVoc(folder, options);
}

/**
 * The splits that a folder has, sorted: of COCO's annotation files those of the given kind, or of VOC's lists.
 * @throws UserError if it is neither a COCO nor a VOC folder
 */
export async function detectionSplits(folder: string, annotations?: ReadFolderOptions['annotations']): Promise<readonly string[]> {
  return (await contentOf(folder, annotations)).splits;
}

type Content =
  | { readonly kind: 'coco'; readonly annotations: string; readonly splits: readonly string[] }
  | { readonly kind: 'voc'; readonly splits: readonly string[] };

async function contentOf(folder: string, annotations: ReadFolderOptions['annotations']): Promise<Content> {
  const files = await readdir(join(folder, 'annotations')).catch(() => []);
  const kinds = annotations === undefined ? (['instances', 'person_keypoints'] as const) : [annotations];
  const splitsOf = (kind: string): string[] =>
    files.filter((file) => file.startsWith(`${kind}_`) && file.endsWith('.json')).map((file) => file.slice(kind.length + 1, -5));
  const kind = kinds.find((one) => splitsOf(one).length > 0);
  if (kind !== undefined) return { kind: 'coco', annotations: kind, splits: splitsOf(kind).sort() };
  if ((await isFolder(folder, 'Annotations')) && files.every((file) => !file.endsWith('.json'))) {
    const lists = await readdir(join(folder, 'ImageSets', 'Main')).catch(() => []);
    // Beside train, val, trainval and test there are lists of single classes, such as dog_train.
    const splits = lists.filter((file) => /^[a-z]+\.txt$/.test(file)).map((file) => file.slice(0, -4));
    return { kind: 'voc', splits: splits.sort() };
  }
  throw missing(
    `annotations in '${folder}'`,
    'a COCO folder has annotations/instances_SPLIT.json, a VOC folder has Annotations/*.xml and JPEGImages',
  );
}

async function isFolder(...path: string[]): Promise<boolean> {
  return (await stat(join(...path)).catch(() => undefined))?.isDirectory() ?? false;
}

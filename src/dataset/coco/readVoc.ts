/** A PASCAL VOC folder: Annotations, JPEGImages, ImageSets, SegmentationObject. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { invalid, mismatched, missing } from '../../check.js';
import { readInput } from '../readInput.js';
import type { Annotation, DetectionData, DetectionImage, RunLength } from './coco.js';
import { parseVoc, type VocAnnotation } from './parseVoc.js';
import { type ReadCocoOptions, withPixels } from './readCoco.js';
import { readPixels } from './readPixels.js';
import { runLengthArea, toRunLength } from './runLength.js';

/** VOC's 20 classes in their usual order; their ids are 1 to 20. */
export const vocClasses: readonly string[] = [
  ...['aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow'],
  ...['diningtable', 'dog', 'horse', 'motorbike', 'person', 'pottedplant', 'sheep', 'sofa', 'train', 'tvmonitor'],
];

const empty = new Uint8Array(0);

export interface ReadVocOptions extends Omit<ReadCocoOptions, 'images'> {
  /** A list of `ImageSets/Main`, such as `trainval`. Default: every annotation. */
  readonly split?: string;
  /** Whether to read the pixels. Default true. */
  readonly pixels?: boolean;
}

/**
 * Reads a VOC folder (the one that holds `Annotations`). Objects marked difficult get `ignore`. Where `SegmentationObject` has an image,
 * its objects get masks, and their areas are those of the masks. With other classes than VOC's 20, categories are the names
 * found in all annotations of the folder, sorted.
 * Images are numbered from 1 in the order of their names.
 * @throws UserError that names the file, the object and the field, or the image
 */
export async function readVoc(folder: string, options: ReadVocOptions = {}): Promise<DetectionData> {
  const names = (await namesOf(folder, options.split)).slice(0, options.limit);
  const parsed: VocAnnotation[] = [];
  for (const name of names) parsed.push(await annotationOf(folder, name));
  const classes = await classesOf(folder, names, parsed);
  const withMasks = new Set(await readdir(join(folder, 'SegmentationObject')).catch(() => []));

  const images: DetectionImage[] = [];
  const annotations: Annotation[] = [];
  for (const [i, { file, width, height, objects }] of parsed.entries()) {
    const id = i + 1;
    images.push({ id, width, height, file, pixels: empty });
    const picture = `${names[i]}.png`;
    const masks = withMasks.has(picture)
      ? await objectMasks(join(folder, 'SegmentationObject'), picture, [height, width], objects.length)
      : [];
    objects.forEach(({ name, box, difficult }, place) => {
      const mask = masks[place];
      annotations.push({
        ...{ id: annotations.length + 1, image: id, category: classes.indexOf(name) + 1, box, crowd: false },
        area: mask === undefined ? box[2] * box[3] : runLengthArea(mask),
        ...(mask === undefined ? {} : { mask }),
        ...(difficult ? { ignore: true } : {}),
      });
    });
  }
  const categories = classes.map((name, i) => ({ id: i + 1, name }));
  const data: DetectionData = { name: `voc-${options.split ?? 'all'}`, channels: options.channels ?? 3, images, categories, annotations };
  return options.pixels === false ? data : withPixels(data, { ...options, images: join(folder, 'JPEGImages') });
}

async function annotationOf(folder: string, name: string): Promise<VocAnnotation> {
  const file = join(folder, 'Annotations', `${name}.xml`);
  return parseVoc(Buffer.from(await readText(file, 'its image set names it')).toString('utf8'), file);
}

/** VOC's classes, if no object has another; else those of the whole folder, so that all of its splits have the same. */
async function classesOf(folder: string, names: readonly string[], parsed: readonly VocAnnotation[]): Promise<readonly string[]> {
  const found = new Set(parsed.flatMap(({ objects }) => objects.map(({ name }) => name)));
  if ([...found].every((name) => vocClasses.includes(name))) return vocClasses;
  const read = new Set(names);
  for (const name of await namesOf(folder, undefined)) {
    if (!read.has(name)) for (const object of (await annotationOf(folder, name)).objects) found.add(object.name);
  }
  return [...found].sort();
}

async function namesOf(folder: string, split: string | undefined): Promise<string[]> {
  if (split === undefined) {
    const files = await readdir(join(folder, 'Annotations')).catch(() => {
      throw missing(`folder '${join(folder, 'Annotations')}'`, 'name the folder that holds Annotations and JPEGImages');
    });
    return files
      .filter((file) => file.endsWith('.xml'))
      .map((file) => file.slice(0, -4))
      .sort();
  }
  if (!/^[\w-]{1,64}$/.test(split)) throw invalid('name of an image set', 'letters, digits, - and _', split);
  const file = join(folder, 'ImageSets', 'Main', `${split}.txt`);
  const lines = Buffer.from(await readText(file, 'VOC has train, val, trainval and test'))
    .toString('utf8')
    .split(/\r?\n/);
  const names = lines.map((line) => line.trim()).filter((line) => line !== '');
  const wrong = names.find((name) => !/^[\w.-]{1,200}$/.test(name) || name.startsWith('.'));
  // The lists of single classes have a second column.
  if (wrong !== undefined) throw invalid(`line of '${file}'`, 'the name of one image', wrong);
  return [...new Set(names)].sort();
}

async function readText(file: string, remedy: string): Promise<Uint8Array> {
  return readInput(file, 64 * 1024 * 1024).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? missing(`'${file}'`, remedy) : error;
  });
}

/** The masks of the objects of an image, in their order: object n has the n-th colour of VOC's palette. */
async function objectMasks(folder: string, file: string, size: readonly [number, number], objects: number): Promise<RunLength[]> {
  const { pixels } = await readPixels(folder, file, { channels: 3, size });
  const [height, width] = size;
  const indexOf = new Map(Array.from({ length: 255 }, (_, i) => [vocColour(i), i]));
  const indices = Int32Array.from({ length: height * width }, (_, i) => {
    const colour = ((pixels[3 * i] as number) << 16) | ((pixels[3 * i + 1] as number) << 8) | (pixels[3 * i + 2] as number);
    // Borders are void: the last colour, which no object has.
    return indexOf.get(colour) ?? 0;
  });
  const most = indices.reduce((a, b) => Math.max(a, b), 0);
  if (most > objects) {
    throw mismatched(
      `objects of '${join(folder, file)}'`,
      `at most ${objects}, as annotated`,
      `${most}`,
      'annotation and mask belong to two images',
    );
  }
  return Array.from({ length: objects }, (_, n) =>
    toRunLength(
      indices.map((index) => (index === n + 1 ? 1 : 0)),
      height,
      width,
    ),
  );
}

/** Red, green, blue as one number: bit 3k + c of the index is bit 7 - k of channel c. @example vocColour(1) // => 0x800000 */
export function vocColour(index: number): number {
  const channel = [0, 0, 0];
  for (let k = 0; k < 8; k++) {
    for (let c = 0; c < 3; c++) channel[c] = (channel[c] as number) | (((index >> (3 * k + c)) & 1) << (7 - k));
  }
  return ((channel[0] as number) << 16) | ((channel[1] as number) << 8) | (channel[2] as number);
}

/** `neoteny data scenes` and `neoteny data look`: scenes written as a COCO folder, and pictures of any COCO or VOC folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { lookUp } from '../../check.js';
import type { DetectionData } from '../../dataset/coco/coco.js';
import { readDetectionFolder } from '../../dataset/coco/readDetectionFolder.js';
import { writeCoco } from '../../dataset/coco/writeCoco.js';
import type { Split } from '../../dataset/dataset.js';
import { makeScenes } from '../../dataset/scenes/makeScenes.js';
import { cocoAreas, sceneAreas } from '../../dataset/scenes/sceneLimits.js';
import { detectionPicture } from '../../figure/detectionPicture.js';
import { svgPng } from '../../figure/figurePng.js';
import { exitCodes } from '../../run/exitCode.js';
import { count } from '../output/format.js';
import { look, print, printJson } from '../output/print.js';
import { textTable } from '../output/textTable.js';
import { loadShown } from './prepareData.js';

export interface DataScenesOptions {
  readonly source: string;
  readonly split: string;
  readonly count: number;
  readonly size: number;
  readonly seed: number;
  readonly grey?: boolean;
  readonly picture?: string;
  readonly json?: boolean;
}

/** `data scenes` */
export async function dataScenesCommand(folder: string, options: DataScenesOptions): Promise<number> {
  const splits: Record<string, Split> = { train: 'train', validation: 'validation', test: 'test' };
  const split = lookUp('split', options.split, splits);
  const source = lookUp('source of scenes', options.source, { mnist: 'mnist', 'fashion-mnist': 'fashion-mnist' });
  const { size, seed } = options;
  const data = makeScenes(await loadShown(source), { split, count: options.count, size, seed, channels: options.grey ? 1 : 3 });
  const file = await writeCoco(data, folder, split);
  await report(data, file, options, sceneAreas(size));
  return exitCodes.done;
}

export interface DataLookOptions {
  readonly split?: string;
  readonly limit: number;
  readonly picture?: string;
  readonly json?: boolean;
}

/** `data look` */
export async function dataLookCommand(folder: string, { split, limit, ...options }: DataLookOptions): Promise<number> {
  const which = split === undefined ? {} : { split };
  const data = await readDetectionFolder(folder, { ...which, pixels: false });
  // A whole split of COCO does not fit the memory as pixels.
  const drawn = options.picture === undefined ? data : await readDetectionFolder(folder, { ...which, limit });
  await report(data, folder, options, cocoAreas, drawn);
  return exitCodes.done;
}

/** What there is of each class and size, and a picture of the first images. */
async function report(
  data: DetectionData,
  place: string,
  { picture, json }: { picture?: string; json?: boolean },
  areas: typeof cocoAreas,
  drawn = data,
): Promise<void> {
  if (picture !== undefined) {
    await mkdir(dirname(resolve(picture)), { recursive: true });
    const images = drawn.images.slice(0, drawn === data ? 12 : undefined).map(({ id }) => id);
    await writeFile(picture, svgPng(detectionPicture(drawn, { images, across: 4 })));
  }
  const objects = data.annotations.filter(({ crowd }) => !crowd);
  const ranges = areas.slice(1);
  const perClass = data.categories.map(({ id, name }) => {
    const own = objects.filter(({ category }) => category === id);
    // An area on a bound belongs to both ranges, as in COCO's evaluation.
    const sizes = Object.fromEntries(
      ranges.map((range) => [range.name, own.filter(({ area }) => area >= range.least && area <= range.most).length]),
    );
    return { name, objects: own.length, sizes };
  });
  const [crowds, masks, posed] = [
    data.annotations.length - objects.length,
    objects.filter(({ mask }) => mask !== undefined).length,
    objects.filter(({ keypoints }) => keypoints !== undefined).length,
  ];
  if (json) {
    printJson({
      place,
      images: data.images.length,
      objects: objects.length,
      crowds,
      masks,
      keypoints: posed,
      perClass,
      picture: picture ?? null,
    });
    return;
  }
  const { width, colors } = look();
  const rows = perClass
    .filter((one) => one.objects > 0)
    .map((one) => [one.name, count(one.objects), ...ranges.map(({ name }) => count(one.sizes[name] ?? 0))]);
  print(
    textTable([{ title: 'class' }, { title: 'objects', right: true }, ...ranges.map(({ name }) => ({ title: name, right: true }))], rows, {
      width,
      colors,
    }),
  );
  print(
    `\n${count(data.images.length)} images, ${count(objects.length)} objects (${count(masks)} with masks, ${count(posed)} with keypoints), ${count(crowds)} crowds: ${place}`,
  );
  if (picture !== undefined) print(`picture: ${picture}`);
}

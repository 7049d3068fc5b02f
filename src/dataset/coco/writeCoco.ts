/** Images with objects as a COCO folder: what any tool reads that reads COCO. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invalid } from '../../check.js';
import type { DetectionData, DetectionImage } from './coco.js';
import { runLengthString } from './runLengthString.js';

/** The annotations as COCO's JSON value, masks as compressed runs. */
export function cocoJson({ name, images, categories, annotations }: DetectionData): object {
  return {
    info: { description: name },
    images: images.map(({ id, width, height, file }) => ({ id, width, height, file_name: file })),
    annotations: annotations.map(({ id, image, category, box, area, mask, crowd, keypoints }) => ({
      ...{ id, image_id: image, category_id: category, bbox: box, area, iscrowd: crowd ? 1 : 0 },
      ...(mask === undefined ? {} : { segmentation: { size: [mask.height, mask.width], counts: runLengthString(mask) } }),
      ...(keypoints === undefined
        ? {}
        : { keypoints: [...keypoints], num_keypoints: keypoints.filter((v, i) => i % 3 === 2 && v > 0).length }),
    })),
    categories: categories.map(({ id, name: title, keypoints, skeleton }) => ({
      ...{ id, name: title },
      ...(keypoints === undefined ? {} : { keypoints }),
      ...(skeleton === undefined ? {} : { skeleton: skeleton.map(([a, b]) => [a + 1, b + 1]) }),
    })),
  };
}

/**
 * Writes `annotations/instances_SPLIT.json` and the images as PNG files to `SPLIT/`. The annotations come last and in one piece, so a
 * folder that has them is whole.
 * @param split `train`, `val`, ...: letters, digits, `-` and `_`
 * @returns the path of the annotations
 * @throws UserError for another split name, an image without pixels, or one whose file name is not that of a PNG file
 */
export async function writeCoco(data: DetectionData, folder: string, split: string): Promise<string> {
  if (!/^[\w-]{1,64}$/.test(split)) throw invalid('name of a split', 'letters, digits, - and _', split);
  const images = join(folder, split);
  const file = join(folder, 'annotations', `instances_${split}.json`);
  await Promise.all([images, dirname(file)].map((path) => mkdir(path, { recursive: true })));
  const { default: sharp } = await import('sharp');
  const queue = [...data.images];
  const write = async ({ width, height, pixels, file: name }: DetectionImage): Promise<void> => {
    if (!/^[\w-]{1,200}\.png$/.test(name)) throw invalid('file name of an image', 'letters, digits, - and _ with the ending .png', name);
    if (pixels.length !== data.channels * width * height) {
      throw invalid(`pixels of image '${name}'`, `${data.channels * width * height} bytes`, pixels.length);
    }
    const image = sharp(pixels, { raw: { width, height, channels: data.channels } });
    await image.png({ compressionLevel: 6, adaptiveFiltering: false }).toFile(join(images, name));
  };
  const worker = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) await write(next);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  await writeFile(`${file}.new`, `${JSON.stringify(cocoJson(data))}\n`);
  await rename(`${file}.new`, file);
  return file;
}

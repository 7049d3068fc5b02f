/** A COCO folder, or any annotation file in COCO's format with its folder of images. */
import { checkCount, missing } from '../../check.js';
import { readInput } from '../readInput.js';
import type { DetectionData, DetectionImage } from './coco.js';
import { fitAnnotations, fitImage } from './letterbox.js';
import { selectImages } from './selectImages.js';
import { parseCoco } from './parseCoco.js';
import { readPixels } from './readPixels.js';

/** The longest text that the engine can hold. COCO's largest file has 450 MB. */
const most = 536_870_000;

export interface ReadCocoOptions {
  /** Folder of the images; without it, their pixels stay empty. */
  readonly images?: string;
  /** 1 (grey) or 3 (red, green, blue). Default 3. */
  readonly channels?: 1 | 3;
  /** Every image is fitted into a square of so many pixels as it is read, see `letterbox`. Default: each has its own size. */
  readonly size?: number;
  /** Only the first so many images by id, with their annotations. Default all. */
  readonly limit?: number;
  /** Told of images read so far, and of how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads annotations in COCO's format, and the images (JPEG or PNG) that they belong to.
 * @param file such as `annotations/instances_val2017.json`
 * @throws UserError that names the file, the annotation and the field, or the image
 */
export async function readCoco(file: string, options: ReadCocoOptions = {}): Promise<DetectionData> {
  const bytes = await readInput(file, most).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? missing(`annotations '${file}'`, "COCO's are annotations/instances_val2017.json and the like") : error;
  });
  const data = parseCoco(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'), file);
  return withPixels(firstImages(data, options.limit), options);
}

/** The first images of the data, with their annotations. */
export function firstImages(data: DetectionData, limit = Number.POSITIVE_INFINITY): DetectionData {
  if (limit >= data.images.length) return data;
  return selectImages(data, (_, place) => place < limit);
}

/** The same data with the pixels of its images, a few of which are decoded at a time. */
export async function withPixels(data: DetectionData, options: ReadCocoOptions): Promise<DetectionData> {
  const { images: folder, channels = 3, size, onProgress } = options;
  if (folder === undefined) return { ...data, channels };
  if (size !== undefined) checkCount('side of the square', size, 1);
  const images: DetectionImage[] = [...data.images];
  let [next, done] = [0, 0];
  const worker = async (): Promise<void> => {
    while (next < images.length) {
      const place = next++;
      const image = images[place] as DetectionImage;
      const { pixels } = await readPixels(folder, image.file, { channels, size: [image.height, image.width] });
      const read = { ...image, pixels };
      images[place] = size === undefined ? read : await fitImage(read, channels, size);
      onProgress?.(++done, images.length);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return { ...(size === undefined ? data : fitAnnotations(data, size)), channels, images };
}

/** Three parts of images with objects, and the images as a trainer holds them. */
import { invalid, mismatched } from '../check.js';
import type { DetectionData } from '../dataset/coco/coco.js';
import type { Images, ImageSet, Split } from '../dataset/dataset.js';

export type DetectionSet = Readonly<Record<Split, DetectionData>>;

/**
 * The pixels of a set, with the constants of its training part.
 * @throws UserError where images differ in shape or a part has none
 */
export function imageSet(name: string, set: DetectionSet): ImageSet {
  const first = set.train.images[0];
  if (first === undefined) throw invalid(`training part of '${name}'`, 'at least one image', 'none');
  const shape = [first.height, first.width, set.train.channels] as const;
  const part = (split: Split): Images => {
    const { images, channels } = set[split];
    const each = shape[0] * shape[1] * shape[2];
    const pixels = new Uint8Array(images.length * each);
    images.forEach((image, i) => {
      if (image.height !== shape[0] || image.width !== shape[1] || channels !== shape[2] || image.pixels.length !== each) {
        const found = `[${image.height}, ${image.width}, ${channels}] with ${image.pixels.length} bytes`;
        throw mismatched(
          `image ${image.id} ('${image.file}') of '${name}'`,
          `[${shape}] as the first one`,
          found,
          'bring all images to one size',
        );
      }
      pixels.set(image.pixels, i * each);
    });
    return { pixels, count: images.length };
  };
  const train = part('train');
  return { name, shape, ...moments(train.pixels, shape[2]), train, validation: part('validation'), test: part('test') };
}

/** Mean and standard deviation of pixel / 255 by channel; a deviation of 0 counts as 1. */
function moments(pixels: Uint8Array, channels: number): { mean: number[]; std: number[] } {
  const sums = Array.from({ length: channels }, () => [0, 0] as [number, number]);
  for (let i = 0; i < pixels.length; i++) {
    const sum = sums[i % channels] as [number, number];
    const value = (pixels[i] as number) / 255;
    sum[0] += value;
    sum[1] += value * value;
  }
  const n = pixels.length / channels;
  const mean = sums.map(([sum]) => sum / n);
  const std = sums.map(([, squares], c) => Math.sqrt(Math.max(0, squares / n - (mean[c] as number) ** 2)) || 1);
  return { mean, std };
}

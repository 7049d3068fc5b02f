/** Images of any size brought to one square size, whole and undistorted, and what is said of them with it. */
import { checkCount } from '../../check.js';
import type { Annotation, Box, DetectionData, DetectionImage, RunLength } from './coco.js';
import { runLengthBox, toPixels, toRunLength } from './runLength.js';

/** Where an image lies in the square: target = scale * source + offset, for x and for y. */
export interface Fit {
  readonly size: number;
  readonly scale: readonly [x: number, y: number];
  readonly offset: readonly [x: number, y: number];
  /** Width and height of the image inside the square, in pixels. */
  readonly inner: readonly [width: number, height: number];
}

/** What stands beside the image in the square. */
const ground = 128;

/**
 * The longer side gets `size` pixels, the shorter one as many as its share, at least 1, in the middle.
 * @param image its width and height in pixels
 * @throws UserError unless the size is a whole number of at least 1
 * @example letterbox({ width: 640, height: 480 }, 64).inner // => [64, 48]
 * @example letterbox({ width: 640, height: 480 }, 64).offset // => [0, 8]
 */
export function letterbox({ width, height }: { readonly width: number; readonly height: number }, size: number): Fit {
  checkCount('side of the square', size, 1);
  const least = Math.min(size / width, size / height);
  const inner = [width, height].map((side) => Math.min(size, Math.max(1, Math.round(least * side)))) as [number, number];
  return {
    ...{ size, inner },
    scale: [inner[0] / width, inner[1] / height],
    offset: [Math.floor((size - inner[0]) / 2), Math.floor((size - inner[1]) / 2)],
  };
}

/** The image in its square, resampled by Lanczos' kernel (averaged, where it shrinks), grey beside it. */
export async function fitImage(image: DetectionImage, channels: 1 | 3, size: number): Promise<DetectionImage> {
  const { width, height } = image;
  if (width === size && height === size) return image;
  const { inner, offset } = letterbox(image, size);
  const { default: sharp } = await import('sharp');
  const [left, top] = offset;
  const { data } = await sharp(image.pixels, { raw: { width, height, channels } })
    .resize(inner[0], inner[1], { fit: 'fill' })
    .extend({
      ...{ left, right: size - inner[0] - left, top, bottom: size - inner[1] - top },
      background: { r: ground, g: ground, b: ground },
    })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { ...image, width: size, height: size, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/**
 * What is said of an object, in its square: boxes and keypoints by the same map as the pixels, the area times both scales. A pixel belongs
 * to the mask if at least half of it is covered; of an object so thin that no pixel is, the one that is covered most.
 */
export function fitAnnotation(
  annotation: Annotation,
  image: { readonly width: number; readonly height: number },
  size: number,
): Annotation {
  if (image.width === size && image.height === size) return annotation;
  const fit = letterbox(image, size);
  const { scale, offset } = fit;
  const [x, y, width, height] = annotation.box;
  const box: Box = [x * scale[0] + offset[0], y * scale[1] + offset[1], width * scale[0], height * scale[1]];
  return {
    ...{ ...annotation, box, area: annotation.area * scale[0] * scale[1] },
    ...(annotation.mask && { mask: fitMask(annotation.mask, fit) }),
    ...(annotation.keypoints && {
      keypoints: annotation.keypoints.map((value, i) => {
        const axis = i % 3;
        // A keypoint that is not labelled stays 0, 0, 0.
        if (axis === 2 || annotation.keypoints?.[i - axis + 2] === 0) return value;
        return value * (scale[axis] as number) + (offset[axis] as number);
      }),
    }),
  };
}

/** All images of the data, whose pixels are read, and annotations. See `letterbox`. */
export async function letterboxed(data: DetectionData, size: number): Promise<DetectionData> {
  const images: DetectionImage[] = [];
  for (const image of data.images) images.push(await fitImage(image, data.channels, size));
  return { ...fitAnnotations(data, size), images };
}

/** The annotations alone; the images stay as they are. */
export function fitAnnotations(data: DetectionData, size: number): DetectionData {
  const images = new Map(data.images.map((image) => [image.id, image]));
  const annotations = data.annotations.map((one) => fitAnnotation(one, images.get(one.image) as DetectionImage, size));
  return { ...data, annotations };
}

function fitMask(mask: RunLength, { size, scale, offset, inner }: Fit): RunLength {
  const source = toPixels(mask);
  const [left, top, width, height] = runLengthBox(mask);
  const out = new Uint8Array(size * size);
  const from = (axis: 0 | 1, at: number): number => Math.max(offset[axis], Math.floor(at * scale[axis] + offset[axis]));
  const to = (axis: 0 | 1, at: number): number => Math.min(offset[axis] + inner[axis], Math.ceil(at * scale[axis] + offset[axis]));
  let most = { covered: 0, at: -1 };
  for (let v = from(1, top); v < to(1, top + height); v++) {
    for (let u = from(0, left); u < to(0, left + width); u++) {
      const covered = cover(source, mask, [(u - offset[0]) / scale[0], (v - offset[1]) / scale[1]], [1 / scale[0], 1 / scale[1]]);
      if (covered >= 0.5) out[v * size + u] = 1;
      if (covered > most.covered) most = { covered, at: v * size + u };
    }
  }
  if (most.covered < 0.5 && most.at >= 0) out[most.at] = 1;
  return toRunLength(out, size, size);
}

/** The share of a rectangle that the mask covers, exact. */
function cover(
  pixels: Uint8Array,
  { width, height }: RunLength,
  [left, top]: readonly [number, number],
  [across, down]: readonly [number, number],
): number {
  let sum = 0;
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, top + down); y++) {
    const rows = Math.min(y + 1, top + down) - Math.max(y, top);
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, left + across); x++) {
      if (pixels[y * width + x] === 1) sum += rows * (Math.min(x + 1, left + across) - Math.max(x, left));
    }
  }
  return sum / (across * down);
}

/** Images with objects in them, as COCO has them: boxes, masks, keypoints. Plain data, the same for COCO, VOC and scenes. */

/**
 * A binary mask as runs, column by column from the top left: `counts[0]` background pixels, `counts[1]` object pixels, and so on in
 * turn; their sum is height * width. COCO's uncompressed form.
 */
export interface RunLength {
  readonly height: number;
  readonly width: number;
  readonly counts: Uint32Array;
}

/** [x, y, width, height] in pixels from the top left corner of the image; whole numbers lie between pixels. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** Pixels beyond which a coordinate, or a side of a box, cannot be meant: it would take for ever to draw, or make a loss infinite. */
export const farthest = 100_000;

export interface DetectionImage {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  /** [height, width, channels] row-major, 0 to 255; empty if the data were read without pixels. */
  readonly pixels: Uint8Array;
  /** Its file's name, relative to the folder of images. */
  readonly file: string;
}

export interface Category {
  readonly id: number;
  readonly name: string;
  /** Names of the keypoints, in order. */
  readonly keypoints?: readonly string[];
  /** Pairs of keypoints to join by a line, by index from 0 (in the file they count from 1). */
  readonly skeleton?: readonly (readonly [number, number])[];
}

export interface Annotation {
  readonly id: number;
  /** Id of its image. */
  readonly image: number;
  /** Id of its category (not its place in the list). */
  readonly category: number;
  readonly box: Box;
  /** Square pixels of the object, not of its box: what COCO's size ranges go by. */
  readonly area: number;
  readonly mask?: RunLength;
  /** A region with many objects that are not told apart: detections in it count neither for nor against. */
  readonly crowd: boolean;
  /** Neither to be found nor to be missed (VOC's `difficult`). */
  readonly ignore?: boolean;
  /** [keypoints, 3] row-major: x, y in pixels, and visibility 0 (not labelled), 1 (labelled, hidden) or 2 (visible). */
  readonly keypoints?: Float64Array;
}

export interface DetectionData {
  readonly name: string;
  /** Of every image: 1 (grey) or 3 (red, green, blue). */
  readonly channels: 1 | 3;
  readonly images: readonly DetectionImage[];
  readonly categories: readonly Category[];
  readonly annotations: readonly Annotation[];
}

/** What a detector says of one object. */
export interface Detection {
  /** Id of its image. */
  readonly image: number;
  /** Id of its category. */
  readonly category: number;
  /** Any finite number; greater is surer. */
  readonly score: number;
  readonly box: Box;
  readonly mask?: RunLength;
  /** [keypoints, 3] row-major: x, y in pixels, and a third number that evaluation does not read. */
  readonly keypoints?: ArrayLike<number>;
  /**
   * Square pixels, by which a detection that matches nothing falls into a size range. Default: of what is evaluated, that is the box, the
   * mask, or the box around all keypoints.
   */
  readonly area?: number;
}

/** The annotations of each image, by image id; every image of the data has an entry. */
export function annotationsByImage(data: Pick<DetectionData, 'images' | 'annotations'>): Map<number, Annotation[]> {
  const byImage = new Map<number, Annotation[]>(data.images.map(({ id }) => [id, []]));
  for (const annotation of data.annotations) byImage.get(annotation.image)?.push(annotation);
  return byImage;
}

/** From a detector's outputs to detections: array code, the opposite of `detectorTargets`. */
import type { Box, Category, Detection, DetectionImage } from '../dataset/coco/coco.js';
import { toRunLength } from '../dataset/coco/runLength.js';
import { suppress } from './suppress.js';

/** Where the outputs stand among the channels: first channel and how many. See `detectorOutputs`. */
export interface OutputChannels {
  readonly classes: readonly [number, number];
  readonly boxes: readonly [number, number];
  readonly prototypes: readonly [number, number];
  readonly coefficients: readonly [number, number];
  readonly keypoints: readonly [number, number];
}

export interface DecodeOptions {
  readonly channels: OutputChannels;
  readonly categories: readonly Category[];
  /** Pixels of the image for one place. */
  readonly stride: number;
  /** Detections below this score are dropped. Default 0.01. */
  readonly minimum?: number;
  /** At most so many for an image. Default 50. */
  readonly most?: number;
  /** IoU above which the less sure of two boxes is dropped. Default 0.5. */
  readonly overlap?: number;
}

/**
 * The detections of one image, surest first. A place says a category if its probability is the greatest among its neighbours (3 x 3);
 * boxes are cut at the image's borders. Masks are the mixture of prototypes, enlarged bilinearly, where its
 * probability is above half of its greatest inside the box: an object smaller than a place covers no place by half, and has a mask all the same.
 * @param outputs [places, channels], row by row
 */
export function decodeDetections(outputs: Float32Array, image: DetectionImage, options: DecodeOptions): Detection[] {
  const { channels, categories, stride, minimum = 0.01, most = 50, overlap = 0.5 } = options;
  const [rows, columns] = [image.height / stride, image.width / stride];
  const width = outputs.length / (rows * columns);
  const at = (place: number, channel: number): number => outputs[place * width + channel] as number;
  const found: (Detection & { readonly place: number })[] = [];
  const [first, count] = channels.classes;
  // The sigmoid is monotone: compare logits, and take it of what is left.
  const least = Math.log(minimum / (1 - minimum));
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const place = y * columns + x;
      for (let c = 0; c < count; c++) {
        const logit = at(place, first + c);
        if (!(logit >= least) || !isPeak(logit, x, y, c)) continue;
        const box = boxAt(place, x, y);
        if (box[2] <= 0 || box[3] <= 0) continue;
        found.push({ image: image.id, category: (categories[c] as Category).id, score: sigmoid(logit), box, place });
      }
    }
  }
  return suppress(found, overlap)
    .slice(0, most)
    .map(({ place, ...detection }) => ({
      ...detection,
      ...(channels.prototypes[1] > 0 && { mask: maskOf(place, detection.box) }),
      ...(channels.keypoints[1] > 0 && { keypoints: keypointsOf(place) }),
    }));

  function isPeak(logit: number, x: number, y: number, c: number): boolean {
    for (let v = Math.max(0, y - 1); v <= Math.min(rows - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(columns - 1, x + 1); u++) {
        const other = at(v * columns + u, first + c);
        // Of equal neighbours the first one is the peak.
        if (other > logit || (other === logit && (v < y || (v === y && u < x)))) return false;
      }
    }
    return true;
  }

  function boxAt(place: number, x: number, y: number): Box {
    const side = (i: number): number => stride * Math.exp(Math.min(4, Math.max(-4, at(place, channels.boxes[0] + i))));
    const [cx, cy] = [(x + 0.5) * stride, (y + 0.5) * stride];
    const [left, top] = [Math.max(0, cx - side(0)), Math.max(0, cy - side(1))];
    return [left, top, Math.min(image.width, cx + side(2)) - left, Math.min(image.height, cy + side(3)) - top];
  }

  function maskOf(place: number, [left, top, boxWidth, boxHeight]: Box) {
    const [prototypes, mixed] = channels.prototypes;
    const coefficients = Float64Array.from({ length: mixed }, (_, i) => Math.tanh(at(place, channels.coefficients[0] + i)));
    const logits = Float64Array.from({ length: rows * columns }, (_, other) => {
      let sum = 0;
      for (let i = 0; i < mixed; i++) sum += (coefficients[i] as number) * at(other, prototypes + i);
      return sum;
    });
    const pixels = new Uint8Array(image.width * image.height);
    const [fromX, toX] = [Math.floor(left), Math.min(image.width, Math.ceil(left + boxWidth))];
    const [fromY, toY] = [Math.floor(top), Math.min(image.height, Math.ceil(top + boxHeight))];
    const inside = new Float64Array((toX - fromX) * (toY - fromY));
    let i = 0;
    for (let y = fromY; y < toY; y++)
      for (let x = fromX; x < toX; x++) inside[i++] = sigmoid(between(logits, (x + 0.5) / stride - 0.5, (y + 0.5) / stride - 0.5));
    const least = inside.reduce((most, p) => Math.max(most, p), 0) / 2;
    i = 0;
    for (let y = fromY; y < toY; y++)
      for (let x = fromX; x < toX; x++) if ((inside[i++] as number) > least) pixels[y * image.width + x] = 1;
    return toRunLength(pixels, image.height, image.width);
  }

  /** Bilinear interpolation of a map of places, continued flat beyond its border. */
  function between(map: Float64Array, x: number, y: number): number {
    const [u, v] = [Math.min(columns - 1, Math.max(0, x)), Math.min(rows - 1, Math.max(0, y))];
    const [left, top] = [Math.min(columns - 2, Math.floor(u)), Math.min(rows - 2, Math.floor(v))].map((n) => Math.max(0, n)) as [
      number,
      number,
    ];
    const [right, bottom] = [Math.min(columns - 1, left + 1), Math.min(rows - 1, top + 1)];
    const value = (row: number, column: number): number => map[row * columns + column] as number;
    const [a, b] = [u - left, v - top];
    return (1 - b) * ((1 - a) * value(top, left) + a * value(top, right)) + b * ((1 - a) * value(bottom, left) + a * value(bottom, right));
  }

  function keypointsOf(place: number): Float64Array {
    const points = channels.keypoints[1] / 2;
    const [x, y] = [place % columns, Math.floor(place / columns)];
    return Float64Array.from({ length: 3 * points }, (_, i) => {
      if (i % 3 === 2) return 1;
      const offset = at(place, channels.keypoints[0] + 2 * Math.floor(i / 3) + (i % 3));
      return (offset + (i % 3 === 0 ? x : y) + 0.5) * stride;
    });
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

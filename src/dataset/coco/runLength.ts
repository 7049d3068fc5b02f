/** Masks as runs: to and from pixels, their area, box, union. All equal to `pycocotools.mask` bit for bit. */
import { checkCount, invalid, mismatched } from '../../check.js';
import type { Box, RunLength } from './coco.js';

/**
 * The runs of a mask of pixels. Cost O(height * width).
 * @param pixels [height, width] row-major; whatever is not 0 belongs to the object
 * @throws UserError if the number of pixels is not height * width
 * @example [...toRunLength(Uint8Array.of(0, 1, 1, 1), 2, 2).counts] // => [1, 3]
 */
export function toRunLength(pixels: ArrayLike<number>, height: number, width: number): RunLength {
  checkCount('mask height', height);
  checkCount('mask width', width);
  if (pixels.length !== height * width)
    throw mismatched('mask', `${height * width} pixels`, `${pixels.length}`, 'give [height, width] row-major');
  const counts: number[] = [];
  let [run, inside] = [0, false];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((pixels[y * width + x] !== 0) !== inside) {
        counts.push(run);
        run = 0;
        inside = !inside;
      }
      run++;
    }
  }
  counts.push(run);
  return { height, width, counts: Uint32Array.from(counts) };
}

/**
 * The mask as pixels, 1 in the object and 0 outside.
 * @returns [height, width] row-major
 * @throws UserError if the runs do not add up to height * width
 */
export function toPixels({ height, width, counts }: RunLength): Uint8Array {
  const pixels = new Uint8Array(height * width);
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    const end = at + (counts[i] as number);
    if (end > pixels.length) break;
    if (i % 2 === 1) for (let p = at; p < end; p++) pixels[(p % height) * width + Math.floor(p / height)] = 1;
    at = end;
  }
  if (at !== pixels.length || sum(counts) !== pixels.length) {
    throw invalid('run-length mask', `runs that add up to ${height} * ${width} = ${height * width}`, sum(counts));
  }
  return pixels;
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Pixels of the object: the sum of every other run. @example runLengthArea({ height: 2, width: 2, counts: Uint32Array.of(1, 3) }) // => 3 */
export function runLengthArea({ counts }: RunLength): number {
  let area = 0;
  for (let i = 1; i < counts.length; i += 2) area += counts[i] as number;
  return area;
}

/**
 * The least box around the object, [0, 0, 0, 0] if there is none.
 * @example [...runLengthBox({ height: 3, width: 3, counts: Uint32Array.of(4, 1, 4) })] // => [1, 1, 1, 1]
 */
export function runLengthBox({ height, counts }: RunLength): Box {
  let [left, right, top, bottom] = [Number.POSITIVE_INFINITY, -1, Number.POSITIVE_INFINITY, -1];
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    const run = counts[i] as number;
    if (i % 2 === 1 && run > 0) {
      const [first, last] = [Math.floor(at / height), Math.floor((at + run - 1) / height)];
      left = Math.min(left, first);
      right = Math.max(right, last);
      // A run over the end of a column touches both the bottom and the top.
      top = Math.min(top, last > first ? 0 : at % height);
      bottom = Math.max(bottom, last > first ? height - 1 : (at + run - 1) % height);
    }
    at += run;
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}

/**
 * The union of masks, or what all of them have in common. Cost O(runs).
 * @throws UserError if there is none, or their sizes differ
 */
export function mergeRunLengths(masks: readonly RunLength[], how: 'union' | 'intersection' = 'union'): RunLength {
  const first = masks[0];
  if (first === undefined) throw invalid('masks to merge', 'at least one', 'none');
  return masks.slice(1).reduce((merged, mask) => mergeTwo(merged, mask, how === 'union'), first);
}

function mergeTwo(a: RunLength, b: RunLength, union: boolean): RunLength {
  checkSameSize(a, b);
  const counts: number[] = [];
  let [run, inside] = [0, false];
  walk(a, b, (length, inA, inB) => {
    if (length === 0) return;
    const now = union ? inA || inB : inA && inB;
    if (now !== inside) {
      counts.push(run);
      run = 0;
      inside = now;
    }
    run += length;
  });
  counts.push(run);
  return { height: a.height, width: a.width, counts: Uint32Array.from(counts) };
}

/** Pixels that two masks have in common. Cost O(runs). @throws UserError if their sizes differ */
export function intersectionArea(a: RunLength, b: RunLength): number {
  checkSameSize(a, b);
  let common = 0;
  walk(a, b, (length, inA, inB) => {
    if (inA && inB) common += length;
  });
  return common;
}

/** Goes through both at once, in pieces inside which neither changes. */
function walk(a: RunLength, b: RunLength, visit: (length: number, inA: boolean, inB: boolean) => void): void {
  let [i, j] = [0, 0];
  let [leftA, leftB] = [a.counts[0] ?? 0, b.counts[0] ?? 0];
  while (i < a.counts.length && j < b.counts.length) {
    const length = Math.min(leftA, leftB);
    visit(length, i % 2 === 1, j % 2 === 1);
    leftA -= length;
    leftB -= length;
    if (leftA === 0) leftA = a.counts[++i] ?? 0;
    if (leftB === 0) leftB = b.counts[++j] ?? 0;
  }
}

function checkSameSize(a: RunLength, b: RunLength): void {
  if (a.height !== b.height || a.width !== b.width) {
    throw mismatched('masks', `${a.height} x ${a.width}`, `${b.height} x ${b.width}`, 'both must belong to one image');
  }
}

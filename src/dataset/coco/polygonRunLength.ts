/** Polygons as masks, pixel by pixel as `pycocotools` draws them. */
import { checkCount, invalid } from '../../check.js';
import { farthest, type RunLength } from './coco.js';
import { mergeRunLengths } from './runLength.js';

/** The outline is followed on a grid so many times as fine as the pixels. */
const fine = 5;

/**
 * The mask of an object that is given as one or more polygons [x0, y0, x1, y1, ...], in pixels from the top left corner. Their union;
 * inside is by the even-odd rule. The outline is rounded to a grid of a fifth of a pixel; each of its crossings of a column's centre
 * starts or ends a run. Bit for bit the mask of `pycocotools.mask.frPyObjects` and `merge`.
 * Cost O(length of the outline + runs log runs).
 * @throws UserError for no polygon, fewer than three points, an odd number of coordinates, or one that is not finite or beyond ±100,000
 * @example [...polygonRunLength([[1, 1, 3, 1, 3, 3, 1, 3]], 4, 4, 'polygon').counts] // => [5, 2, 2, 2, 5]
 */
export function polygonRunLength(polygons: readonly ArrayLike<number>[], height: number, width: number, what: string): RunLength {
  checkCount(`image height of ${what}`, height, 1);
  checkCount(`image width of ${what}`, width, 1);
  if (polygons.length === 0) throw invalid(what, 'at least one polygon', 'none');
  polygons.forEach((polygon, i) => {
    if (polygon.length < 6 || polygon.length % 2 === 1) {
      throw invalid(`polygon ${i} of ${what}`, 'x, y of at least 3 points', `${polygon.length} numbers`);
    }
    for (let j = 0; j < polygon.length; j++) {
      const value = polygon[j] as number;
      if (!(Math.abs(value) <= farthest))
        throw invalid(`coordinate ${j} of polygon ${i} of ${what}`, `a number within ±${farthest}`, value);
    }
  });
  return mergeRunLengths(polygons.map((polygon) => onePolygon(polygon, height, width)));
}

function onePolygon(polygon: ArrayLike<number>, height: number, width: number): RunLength {
  const points = polygon.length / 2;
  const onGrid = (i: number): number => Math.trunc(fine * (polygon[i] as number) + 0.5);
  const crossings: number[] = [];
  let [previousX, previousY] = [onGrid(0), onGrid(1)];
  const visit = (x: number, y: number): void => {
    if (x !== previousX) {
      const column = (Math.min(x, previousX) + 0.5) / fine - 0.5;
      if (Number.isInteger(column) && column >= 0 && column <= width - 1) {
        const row = Math.ceil(Math.min(height, Math.max(0, (Math.min(y, previousY) + 0.5) / fine - 0.5)));
        crossings.push(column * height + row);
      }
    }
    previousX = x;
    previousY = y;
  };
  for (let p = 0; p < points; p++) {
    const next = (p + 1) % points;
    line(onGrid(2 * p), onGrid(2 * p + 1), onGrid(2 * next), onGrid(2 * next + 1), visit);
  }
  return { height, width, counts: runsBetween(crossings, height * width) };
}

/** The grid points from one end to the other, one for each step of the longer axis; the same points in either direction. */
function line(fromX: number, fromY: number, toX: number, toY: number, visit: (x: number, y: number) => void): void {
  const [dx, dy] = [Math.abs(toX - fromX), Math.abs(toY - fromY)];
  const steps = Math.max(dx, dy);
  const wide = dx >= dy;
  const flip = wide ? fromX > toX : fromY > toY;
  const [startX, startY, endX, endY] = flip ? [toX, toY, fromX, fromY] : [fromX, fromY, toX, toY];
  const slope = steps === 0 ? 0 : wide ? (endY - startY) / dx : (endX - startX) / dy;
  for (let i = 0; i <= steps; i++) {
    const t = flip ? steps - i : i;
    if (wide) visit(startX + t, Math.trunc(startY + slope * t + 0.5));
    else visit(Math.trunc(startX + slope * t + 0.5), startY + t);
  }
}

/** The runs between places where inside and outside change; two changes at one place are none. */
function runsBetween(crossings: readonly number[], end: number): Uint32Array {
  const places = Float64Array.from([...crossings, end]).sort();
  const runs = [places[0] as number];
  for (let j = 1; j < places.length; ) {
    const gap = (places[j] as number) - (places[j - 1] as number);
    if (gap > 0) {
      runs.push(gap);
      j++;
    } else {
      j++;
      if (j < places.length) {
        runs[runs.length - 1] = (runs[runs.length - 1] as number) + (places[j] as number) - (places[j - 1] as number);
        j++;
      }
    }
  }
  return Uint32Array.from(runs);
}

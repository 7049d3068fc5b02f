/** A mask or any array as a grid of local means, small enough to draw. */
import type { NdArray, Values } from '../array.js';
import { invalid } from '../check.js';

/** Rows from the top; each cell is the mean of a block of values. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns] */
  readonly values: Float32Array;
  /** How many rows and columns of the array one cell stands for (the last of each may stand for fewer). */
  readonly block: readonly [number, number];
}

/**
 * An array as [inputs, outputs]: a dense kernel as it is, a convolution's [height, width, inputs, filters] with its first three axes
 * as rows, a vector as one row.
 */
export function asMatrix({ shape }: NdArray<Values>): readonly [number, number] {
  const columns = shape.at(-1) ?? 1;
  return [shape.slice(0, -1).reduce((a, b) => a * b, 1), columns];
}

/**
 * Local means of an array seen as [inputs, outputs], in at most `most` rows and columns.
 * @throws UserError if the array is empty
 * @example maskGrid({ shape: [2, 4], values: Uint8Array.of(1, 0, 1, 1, 0, 0, 1, 1) }, 2).values[0] // => 0.5
 */
export function maskGrid(array: NdArray<Values>, most = 128): Grid {
  const [height, width] = asMatrix(array);
  if (height * width === 0) throw invalid('array to draw', 'at least one value', `shape [${array.shape}]`);
  const block = [Math.ceil(height / most), Math.ceil(width / most)] as const;
  const [rows, columns] = [Math.ceil(height / block[0]), Math.ceil(width / block[1])];
  const values = new Float32Array(rows * columns);
  const counts = new Float32Array(rows * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = Math.floor(y / block[0]) * columns + Math.floor(x / block[1]);
      values[cell] = (values[cell] as number) + (array.values[y * width + x] as number);
      counts[cell] = (counts[cell] as number) + 1;
    }
  }
  return { rows, columns, values: values.map((sum, i) => sum / (counts[i] as number)), block };
}

/** A grid as lists of rows, as heat maps want it, with four digits. */
export function gridRows({ rows, columns, values }: Grid): number[][] {
  return Array.from({ length: rows }, (_, y) => Array.from(values.subarray(y * columns, (y + 1) * columns), (v) => Number(v.toFixed(4))));
}

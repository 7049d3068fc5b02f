import type * as TF from '@tensorflow/tfjs';

/**
 * Sums the rows of `x` that have the same segment, the gradient of `gather`: result[s] = sum of x[i] where segmentIds[i] = s.
 * `x` is [rows, ...], `segmentIds` [rows], the result [numSegments, ...]. Negative segments are left out.
 */
export function segmentSum(
  tf: typeof TF,
  { x, segmentIds }: { readonly x: TF.Tensor; readonly segmentIds: TF.Tensor1D },
  { numSegments }: { readonly numSegments: number },
): TF.Tensor {
  const values = x.dataSync();
  const segments = segmentIds.dataSync();
  const size = segments.length === 0 ? 0 : values.length / segments.length;
  const shape = [numSegments, ...x.shape.slice(1)];
  // In double precision: a segment can have thousands of rows.
  const sums = new Float64Array(shape.reduce((product, n) => product * n, 1));
  segments.forEach((segment, row) => {
    if (segment < 0 || segment >= numSegments) return;
    for (let k = 0; k < size; k++) sums[segment * size + k] = (sums[segment * size + k] as number) + (values[row * size + k] as number);
  });
  return tf.tensor(x.dtype === 'int32' ? Int32Array.from(sums) : Float32Array.from(sums), shape, x.dtype);
}

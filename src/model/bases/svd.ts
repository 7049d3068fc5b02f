import { type NdArray, size } from '../../array.js';
import { missing } from '../../check.js';
import type { Basis } from './basis.js';
import { completed } from './orthonormal.js';
import { singularVectors } from './singularVectors.js';

/** A longer side of a kernel stays canonical: the product with its matrix would cost several times what the layer does. */
const LONGEST = 512;

export interface SingularBases {
  /** The kernel as a matrix: the inputs that an output sums over, and the outputs. */
  readonly rows: number;
  readonly columns: number;
  /** Left singular vectors as the rows of [rows, rows], by falling singular value and completed to a basis. */
  readonly left: () => NdArray;
  /** Right singular vectors, [columns, columns]. */
  readonly right: () => NdArray;
}

/** The singular vectors of a trained kernel [..., outputs], completed to bases of both sides. */
export function singularBases(kernel: NdArray): SingularBases {
  const columns = kernel.shape.at(-1) as number;
  const rows = size(kernel.shape) / columns;
  const { left, right } = singularVectors(kernel.values, rows, columns);
  return { rows, columns, left: () => completed(left, rows), right: () => completed(right, columns) };
}

/** The trained kernel that an adaptive basis is made from. @throws UserError if it was not given */
export function trainedKernel(basis: string, name: string, trained: NdArray | undefined): NdArray {
  if (trained === undefined) throw missing(`trained weights of '${name}' for the basis '${basis}'`, 'train the dense network first');
  return trained;
}

/**
 * The matrices u_i v_j^T of the singular vectors of the trained kernel, in which that kernel is diagonal: a basis that is made for one
 * network. A convolution's kernel is the matrix [height width inputs, filters]. A side longer than 512 stays canonical.
 */
export const svd: Basis = {
  summary: 'products u_i v_j^T of the singular vectors of the trained dense network',
  source: 'Eckart & Young 1936',
  axes: [],
  needs: ['trained'],
  coordinates({ name }, { trained }) {
    const { rows, columns, left, right } = singularBases(trainedKernel('svd', name, trained));
    return { view: [rows, columns], matrices: [rows > LONGEST ? null : left(), columns > LONGEST ? null : right()] };
  },
};

/** Training in another basis: the trainable values are coefficients, and the kernels are computed from them in each forward pass. */
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { NdArray } from '../array.js';
import type { Coordinates } from '../model/bases/coordinates.js';
import type { NetworkBasis } from '../model/bases/networkBasis.js';
import { tf } from '../model/tensorflow.js';
import type { Parameterisation } from './parameterisation.js';

/**
 * The variables keep the names and shapes of the parameters; those of kernels hold coefficients c, and the network sees
 * w = offset + B^T c. Optimizer, weight decay and mask act on the coefficients. For SGD with momentum and L2 this is the same as
 * projecting each step of the weights on the kept directions (B is orthonormal); Adam scales each coefficient by its own history, so that
 * what it does depends on the basis.
 */
export function basisParameterisation(basis: NetworkBasis): Parameterisation {
  return {
    variables: (parameters) => parameters,
    weights: (held) =>
      Object.fromEntries(
        Object.entries(held).map(([name, tensor]) => {
          const coordinates = Object.hasOwn(basis.coordinates, name) ? basis.coordinates[name] : undefined;
          return [name, coordinates === undefined ? tensor : kernelOf(tensor, coordinates)];
        }),
      ),
  };
}

/** `toKernel` on tensors. */
export function kernelOf(coefficients: Tensor, { view, matrices, offset }: Coordinates): Tensor {
  const w = tf.reshape(view.length <= 2 ? sides(coefficients, view, matrices) : turned(coefficients, view, matrices), coefficients.shape);
  return offset === undefined ? w : tf.add(w, toTensor(offset));
}

/** One or two axes: products from the left and from the right. */
function sides(c: Tensor, [rows = 1, columns = 1]: readonly number[], [left, right]: readonly (NdArray | null)[]): Tensor {
  let w: Tensor = tf.reshape(c, [rows, columns]);
  if (left) w = tf.matMul(toTensor(left), w as Tensor2D, true, false);
  return right ? tf.matMul(w as Tensor2D, toTensor(right)) : w;
}

/** More axes: each in turn is the first, and the product that transforms it puts it last; after all of them the order is the old one. */
function turned(c: Tensor, view: readonly number[], matrices: readonly (NdArray | null)[]): Tensor {
  return view.reduce<Tensor>((w, n, axis) => {
    const first = tf.reshape(w, [n, c.size / n]) as Tensor2D;
    const matrix = matrices[axis];
    return matrix ? tf.matMul(first, toTensor(matrix), true, false) : tf.transpose(first);
  }, c);
}

function toTensor({ shape, values }: NdArray): Tensor2D {
  const tensor: Tensor = tf.tensor(values, [...shape]);
  return tensor as Tensor2D;
}

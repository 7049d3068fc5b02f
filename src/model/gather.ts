import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import { nativeBackend } from './nativeBackend.js';
import { tf } from './tensorflow.js';

/**
 * Slices of x along an axis, in the order of `indices` (int32 [count]): [..., n, ...] to [..., count, ...]. As `tf.gather`, which on
 * the native backend reads the indices to check them, so that a program with it could not be compiled. Here an index
 * outside x is TensorFlow's to refuse. Differentiable any number of times.
 */
export function gather(x: Tensor, indices: Tensor1D, axis = 0): Tensor {
  const count = x.shape[axis] as number;
  return linear(x, indices, take(axis), (dy, places) => scatter(dy, places, axis, count));
}

/** The gradient of `gather`: slices of dy added up at the places that they were taken from. */
function scatter(dy: Tensor, indices: Tensor1D, axis: number, count: number): Tensor {
  const order = dy.shape.map((_, i) => (i === 0 ? axis : i === axis ? 0 : i));
  const sum = (x: Tensor, places: Tensor1D): Tensor => tf.transpose(tf.unsortedSegmentSum(tf.transpose(x, order), places, count), order);
  return linear(dy, indices, sum, (d, places) => gather(d, places, axis));
}

type Move = (x: Tensor, indices: Tensor1D) => Tensor;

/** A linear map of x with its transpose as the gradient; the indices are kept for it. */
function linear(x: Tensor, indices: Tensor1D, map: Move, transpose: Move): Tensor {
  return tf.customGrad((...given) => {
    const save = given[1] as unknown as (tensors: Tensor[]) => void;
    save([indices]);
    return { value: map(x, indices), gradFunc: (dy: Tensor, [places]: Tensor[]) => transpose(dy, places as Tensor1D) };
  })(x);
}

function take(axis: number): Move {
  if (tf.getBackend() !== 'tensorflow') return (x, indices) => tf.gather(x, indices, axis);
  const { run, attribute } = nativeBackend();
  return (x, indices) => {
    const types = [attribute.type('Tparams', x.dtype as 'float32'), attribute.type('Tindices', 'int32'), attribute.type('Taxis', 'int32')];
    return run('GatherV2', [...types, attribute.int('batch_dims', 0)], [x, indices, tf.scalar(axis, 'int32')], 1)[0] as Tensor;
  };
}

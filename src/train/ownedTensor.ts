/** Tensors whose memory belongs to TensorFlow, not to JavaScript. */
import type { Binding } from '../model/nativeBackend.js';

type Typed = Float32Array | Int32Array | Uint8Array;

/**
 * A tensor with a copy of the values, to be fed to a session.
 *
 * The binding (4.22) lends an array's memory to TensorFlow where it is aligned, and takes it back in a callback. A session's variables
 * are freed by its worker threads, several at a time, and what the callback does may be done by the main thread only: memory of other
 * arrays came into variables, or the process ended. TensorFlow copies what is not aligned at once; so the values are given to it from an
 * address that is not.
 * @returns the binding's number of the tensor
 */
export function ownedTensor(binding: Binding, shape: readonly number[], dtype: number, values: Typed): number {
  const bytes = values.BYTES_PER_ELEMENT;
  // Memory from the allocator is aligned to 16 bytes at least: one element further it is not.
  const moved = new (values.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => Typed)(
    new ArrayBuffer((values.length + 1) * bytes),
    bytes,
    values.length,
  );
  moved.set(values);
  return binding.createTensor(shape, dtype, moved);
}

import type { Tensor } from '@tensorflow/tfjs';
import { size } from '../array.js';
import { nativeBackend } from '../model/nativeBackend.js';
import { tf } from '../model/tensorflow.js';
import { stream } from '../random.js';

/**
 * Uniform noise in [0, 1) of that shape, a pure function of `seed` (int32 [2]) and `draw`. On the native backend one stateless
 * operation (Philox counter, Salmon et al. 2011); elsewhere this project's own stream, so values differ between backends.
 */
export function statelessUniform(shape: readonly number[], seed: Tensor, draw: number): Tensor {
  const own = tf.add(seed, tf.tensor1d([0, draw * 1_000_003], 'int32'));
  if (tf.getBackend() !== 'tensorflow') {
    const [a = 0, b = 0] = own.dataSync();
    const random = stream(a >>> 0, 'noise', b);
    return tf.tensor(
      Float32Array.from({ length: size(shape) }, () => Math.fround(random.uniform() * 0.99999994)),
      shape as number[],
    );
  }
  const { run, attribute } = nativeBackend();
  const attributes = [attribute.type('dtype', 'float32'), attribute.type('T', 'int32'), attribute.type('Tseed', 'int32')];
  return run('StatelessRandomUniform', attributes, [tf.tensor1d(shape as number[], 'int32'), own], 1)[0] as Tensor;
}

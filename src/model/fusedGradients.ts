/**
 * Two operations with TensorFlow's own gradients, each one pass over the activations where TensorFlow.js makes several. First
 * derivatives only. On other backends they are the plain operations.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { nativeBackend } from './nativeBackend.js';
import { tf } from './tensorflow.js';

type Save = (tensors: Tensor[]) => void;

/** max(x, 0); the derivative at 0 is 0. */
export function relu(x: Tensor): Tensor {
  if (tf.getBackend() !== 'tensorflow') return tf.relu(x);
  const { run, attribute } = nativeBackend();
  const type = [attribute.type('T', 'float32')];
  return tf.customGrad((...inputs) => {
    const [input, save] = inputs as unknown as [Tensor, Save];
    const y = run('Relu', type, [input], 1)[0] as Tensor;
    save([y]);
    return { value: y, gradFunc: (dy: Tensor, saved: Tensor[]) => run('ReluGrad', type, [dy, saved[0] as Tensor], 1)[0] as Tensor };
  })(x);
}

/** x [batch, ..., channels] plus bias [channels]. */
export function addBias(x: Tensor, bias: Tensor): Tensor {
  if (tf.getBackend() !== 'tensorflow') return tf.add(x, bias);
  const { run, attribute } = nativeBackend();
  const attributes = [attribute.type('T', 'float32'), attribute.text('data_format', 'NHWC')];
  return tf.customGrad((...inputs) => {
    const [input, offset] = inputs as unknown as [Tensor, Tensor];
    return {
      value: run('BiasAdd', attributes, [input, offset], 1)[0] as Tensor,
      gradFunc: (dy: Tensor) => [dy.clone(), run('BiasAddGrad', attributes, [dy], 1)[0] as Tensor],
    };
  })(x, bias);
}

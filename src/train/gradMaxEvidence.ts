import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { Arrays, NdArray } from '../array.js';
import { mismatched, UserError } from '../check.js';
import type { Architecture, Convolution, Dense, Layer } from '../model/architecture.js';
import { kindOf } from '../model/layers/kinds.js';
import type { ForwardContext } from '../model/layers/layerKind.js';
import { tf } from '../model/tensorflow.js';
import { type LossName, losses } from './losses.js';

export interface GradMaxEvidenceOptions {
  readonly architecture: Architecture;
  readonly weights: Arrays;
  /** [batch, height, width, channels], normalised. A batch of 32 to 128 is enough; memory grows with it. */
  readonly images: NdArray;
  /** [batch]. */
  readonly labels: ArrayLike<number>;
  /** The layer that is to get units, and the one that reads it. */
  readonly layer: string;
  readonly next: string;
  /** Default crossEntropy. */
  readonly loss?: LossName;
}

/**
 * The matrix from which GradMax (arXiv:2201.05125) takes its new units: the sum over the batch of d h^T, where d is the gradient of
 * the (mean) loss by the output of `next` and h the input of `layer`: [outputs, inputs]. For convolutions h is the patch that a place
 * of the hidden image sees, and d what that place sends to, as `next`'s kernel has it: [side' side' filters', side side channels].
 * BatchNorm as in evaluation. Await `openTensorflow()` first.
 * @throws UserError if `next` is not of the same kind as `layer`
 */
export function gradMaxEvidence({
  architecture,
  weights,
  images,
  labels,
  layer,
  next,
  loss = 'crossEntropy',
}: GradMaxEvidenceOptions): NdArray {
  const product = tf.tidy(() => {
    const tensors = Object.fromEntries(Object.entries(weights).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
    const x = tf.tensor(images.values, [...images.shape]);
    const truth = tf.tensor1d(Array.from(labels), 'int32') as Tensor1D;
    const seen: Seen = {};
    const plain = walk(architecture.layers, x, contextOf(tensors), { layer, next, seen });
    const { entering, hidden, reading, first, second } = seen;
    if (plain === undefined || !entering || !hidden || !reading || !first || !second || first.type !== second.type) {
      throw new UserError(
        `gradMaxEvidence needs two dense layers or two convolutions, '${next}' after '${layer}'; use the names of '${architecture.name}'`,
      );
    }
    const lossOf = (probe: Tensor): Tensor => {
      const logits = walk(architecture.layers, x, contextOf(tensors), { layer, next, seen: {}, probe });
      return losses[loss]({ logits, labels: truth });
    };
    const d = tf.grad(lossOf)(tf.zerosLike(reading));
    const [left, right] =
      first.type === 'dense' ? [d, entering] : unfold(d as Tensor4D, entering as Tensor4D, hidden, first, second as Convolution);
    return tf.matMul(left as Tensor2D, right as Tensor2D, true, false);
  });
  const values = new Float32Array(product.dataSync());
  product.dispose();
  return { shape: product.shape, values };
}

interface Seen {
  /** Input of `layer`, input of `next`, output of `next`. */
  entering?: Tensor;
  hidden?: Tensor;
  reading?: Tensor;
  first?: Dense | Convolution;
  second?: Dense | Convolution;
}

/** The forward pass, with what enters and leaves the two layers noted, and `probe` added to the output of the second. */
function walk(
  layers: readonly Layer[],
  x: Tensor,
  context: ForwardContext,
  at: { layer: string; next: string; seen: Seen; probe?: Tensor },
): Tensor {
  return layers.reduce((input, layer) => {
    if (layer.type === 'residual') return tf.add(walk(layer.body, input, context, at), walk(layer.shortcut ?? [], input, context, at));
    if (layer.type === 'heads')
      return tf.concat(
        layer.heads.map((head) => walk(head.layers, input, context, at)),
        input.rank - 1,
      );
    const output = kindOf(layer).forward(layer, input, context);
    if (layer.type !== 'dense' && layer.type !== 'convolution') return output;
    if (layer.name === at.layer) {
      at.seen.entering = input;
      at.seen.first = layer;
    }
    if (layer.name !== at.next) return output;
    at.seen.hidden = input;
    at.seen.second = layer;
    at.seen.reading = output;
    return at.probe === undefined ? output : tf.add(output, at.probe);
  }, x);
}

function contextOf(tensors: Readonly<Record<string, Tensor>>): ForwardContext {
  return {
    training: false,
    secondOrder: false,
    statistics: {},
    parameter(name) {
      const found = tensors[name];
      if (found === undefined) throw new UserError(`missing weight '${name}'; pass all weights of the network`);
      return found;
    },
    noise: () => tf.zeros([1]),
  };
}

/** For each place of the hidden image the gradients it sends to [places, side' side' filters'], and the patch it sees. */
function unfold(d: Tensor4D, h: Tensor4D, hidden: Tensor, first: Convolution, second: Convolution): [Tensor, Tensor] {
  const channels = h.shape[3];
  const patch = first.size ** 2 * channels;
  // Convolving with the identity of all kernel entries lists them.
  const take = tf.reshape(tf.eye(patch), [first.size, first.size, channels, patch]) as Tensor4D;
  const patches = tf.conv2d(h, take, first.stride ?? 1, first.padding ?? 'same');
  const spread = second.size ** 2 * second.filters;
  const places = tf.reshape(tf.eye(spread), [second.size, second.size, second.filters, spread]);
  const send = tf.transpose(places, [0, 1, 3, 2]) as Tensor4D;
  const [batch, height, width] = hidden.shape as [number, number, number, number];
  if (patches.shape[1] !== height || patches.shape[2] !== width) {
    throw mismatched(
      `hidden image of '${first.name}'`,
      `[${patches.shape.slice(1, 3)}]`,
      `[${height}, ${width}]`,
      `no pooling may stand before '${second.name}'`,
    );
  }
  const sent = tf.conv2dTranspose(d, send, [batch, height, width, spread], second.stride ?? 1, second.padding ?? 'same');
  const rows = batch * height * width;
  return [tf.reshape(sent, [rows, spread]), tf.reshape(patches, [rows, patch])];
}

/** Small networks with random weights, statistics and masks, and their real forward pass. */
import type { Tensor } from '@tensorflow/tfjs';
import { type Arrays, mapEach, size } from '../../src/array.js';
import type { Network } from '../../src/grow/growthOperator.js';
import { applyMask, type Mask } from '../../src/mask.js';
import type { Architecture, Layer } from '../../src/model/architecture.js';
import { architecture } from '../../src/model/families/families.js';
import { detector } from '../../src/model/families/detector.js';
import { resnet } from '../../src/model/families/resnet.js';
import { forward } from '../../src/model/forward.js';
import { parameters } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { type Random, stream } from '../../src/random.js';

const relu: Layer = { type: 'activation', function: 'relu' };
const conv = (name: string, filters: number): Layer => ({ type: 'convolution', name, filters, size: 3 });
const normed = (i: number, filters: number): Layer[] => [
  { type: 'convolution', name: `conv${i}`, filters, size: 3, bias: false },
  { type: 'batchNorm', name: `norm${i}` },
  relu,
];

/** One small architecture for each family. */
export const architectures = {
  mlp: architecture('mlp-12-9', [4, 4, 1], 3),
  lenet5: architecture('lenet-5', [16, 16, 1], 4),
  // Conv-2 with few filters: pairs of convolutions, pooling, flatten, dense.
  conv2: {
    name: 'conv-2-small',
    input: [6, 6, 2],
    layers: [
      conv('conv1', 5),
      relu,
      conv('conv2', 6),
      relu,
      { type: 'maxPool', size: 2 },
      { type: 'flatten' },
      { type: 'dense', name: 'dense1', units: 10 },
      relu,
      { type: 'dense', name: 'output', units: 3 },
    ],
  },
  // VGG with few filters: BatchNorm, no bias, global pooling.
  vgg: {
    name: 'vgg-small',
    input: [8, 8, 3],
    layers: [
      ...normed(1, 6),
      { type: 'maxPool', size: 2 },
      ...normed(2, 8),
      ...normed(3, 8),
      { type: 'globalAveragePool' },
      { type: 'dense', name: 'output', units: 4 },
    ],
  },
  resnet8: resnet('resnet-8-4', 1, 4, [8, 8, 3], 5),
  resnet14: resnet('resnet-14-3', 2, 3, [8, 8, 3], 4),
  // Nested merges of a feature pyramid, upsampling, several heads.
  detector: detector('detector-2', [16, 16, 1], { width: 2, categories: 3, prototypes: 2, keypoints: 1 }),
} satisfies Record<string, Architecture>;

export type ArchitectureName = keyof typeof architectures;

/** Every parameter at random (so biases, gamma, beta and statistics matter too), each weight kept with probability `density`. */
export function randomNetwork(architecture: Architecture, density: number, random: Random = stream(1, 'network')): Network {
  const weights: Record<string, { shape: readonly number[]; values: Float32Array }> = {};
  const mask: Record<string, { shape: readonly number[]; values: Uint8Array }> = {};
  for (const p of parameters(architecture)) {
    const n = size(p.shape);
    const scale = p.role === 'kernel' ? Math.sqrt(2 / p.fanIn / Math.max(density, 0.05)) : 0.3;
    const draw = (): number => {
      if (p.role === 'variance') return 0.5 + random.uniform();
      return (p.role === 'gamma' ? 1 : 0) + scale * random.normal();
    };
    weights[p.name] = { shape: p.shape, values: Float32Array.from({ length: n }, draw) };
    if (p.prunable) mask[p.name] = { shape: p.shape, values: Uint8Array.from({ length: n }, () => Number(random.uniform() < density)) };
  }
  return { architecture, mask, weights: applyMask(weights, mask) };
}

/** Normal images: `count` times the input shape. */
export function images(architecture: Architecture, count = 6, random: Random = stream(2, 'images')): Float32Array {
  return Float32Array.from({ length: count * size(architecture.input) }, () => random.normal());
}

/** Outputs in evaluation mode, or with batch statistics (by plain operations, no gradient is taken) if asked for: [count, outputs]. */
export async function outputs(network: Network, pixels: Float32Array, training = false): Promise<Float32Array> {
  await openTensorflow();
  const { architecture, weights } = network;
  return tf.tidy(() => {
    const tensors: Record<string, Tensor> = Object.fromEntries(
      Object.entries(weights).map(([name, a]) => [name, tf.tensor(a.values, [...a.shape])]),
    );
    const x = tf.tensor(pixels, [pixels.length / size(architecture.input), ...architecture.input]);
    return forward(architecture, tensors, x, { training, secondOrder: training }).dataSync() as Float32Array;
  });
}

/** Largest difference, relative to the largest value where that is above 1. */
export function difference(a: Float32Array, b: Float32Array): number {
  const scale = a.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - (b[i] as number))), 0) / scale;
}

/** The same arrays in copies, to see later whether somebody wrote to them. */
export function snapshot({ weights, mask }: Network): { weights: Arrays; mask: Mask } {
  return {
    weights: mapEach(weights, ({ shape, values }) => ({ shape: [...shape], values: values.slice() })),
    mask: mapEach(mask, ({ shape, values }) => ({ shape: [...shape], values: values.slice() })),
  };
}

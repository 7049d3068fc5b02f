/** Architectures for 8 x 8 images of four classes that reach what the small ones of each family do not. */
import type { Dataset } from '../../../src/dataset/dataset.js';
import type { Architecture, Layer } from '../../../src/model/architecture.js';
import { tinyDataset } from '../../fixtures/tinyDataset.js';

const input = [8, 8, 1];
const relu: Layer = { type: 'activation', function: 'relu' };
const output: Layer = { type: 'dense', name: 'output', units: 4 };
const conv = (name: string, rest: Partial<Extract<Layer, { type: 'convolution' }>>): Layer => ({
  type: 'convolution',
  name,
  filters: 5,
  size: 3,
  ...rest,
});

/**
 * The same with tanh for ReLU and averages for maxima. At a kink two engines that differ in the last bit take different sides now
 * and then; in these small networks one pixel on the other side changes a gradient by a hundredth, and all that follows.
 */
export function smoothed(architecture: Architecture): Architecture {
  const smooth = (layers: readonly Layer[]): Layer[] =>
    layers.map((layer) => {
      if (layer.type === 'residual')
        return { ...layer, body: smooth(layer.body), ...(layer.shortcut && { shortcut: smooth(layer.shortcut) }) };
      if (layer.type === 'maxPool') return { ...layer, type: 'averagePool' };
      return layer.type === 'activation' && layer.function === 'relu' ? { ...layer, function: 'tanh' } : layer;
    });
  return { ...architecture, layers: smooth(architecture.layers) };
}

export const sparseArchitectures: Readonly<Record<string, Architecture>> = {
  'kernels of other sizes and strides': {
    name: 'sizes',
    input,
    layers: [
      conv('conv1', { size: 5, stride: 1 }),
      relu,
      conv('conv2', { size: 2, stride: 1 }),
      { type: 'activation', function: 'tanh' },
      conv('conv3', { size: 3, stride: 2, padding: 'valid' }),
      relu,
      conv('conv4', { size: 3, stride: 3, filters: 3 }),
      { type: 'flatten' },
      output,
    ],
  },
  'channels enough for several chunks and groups': {
    name: 'channels',
    input,
    layers: [
      conv('conv1', { filters: 26 }),
      relu,
      conv('conv2', { filters: 45, bias: false }),
      { type: 'batchNorm', name: 'norm' },
      relu,
      conv('conv3', { filters: 40, stride: 2 }),
      relu,
      { type: 'flatten' },
      { type: 'dense', name: 'dense1', units: 70 },
      relu,
      output,
    ],
  },
  'strides larger than kernels': {
    name: 'strides',
    input,
    layers: [
      conv('conv1', { size: 3 }),
      relu,
      conv('conv2', { size: 1, stride: 2, filters: 7 }),
      relu,
      conv('conv3', { size: 1, stride: 3 }),
      { type: 'flatten' },
      output,
    ],
  },
  'overlapping and padded pooling': {
    name: 'pooling',
    input,
    layers: [
      conv('conv1', {}),
      relu,
      { type: 'maxPool', size: 3, stride: 2, padding: 'same' },
      conv('conv2', { filters: 6 }),
      { type: 'averagePool', size: 3, stride: 1, padding: 'same' },
      { type: 'maxPool', size: 2, stride: 1 },
      { type: 'globalAveragePool' },
      output,
    ],
  },
  'activations before convolutions': {
    name: 'preactivation',
    input,
    layers: [
      { type: 'averagePool', size: 2 },
      conv('conv', { bias: false }),
      {
        type: 'residual',
        name: 'block1',
        body: [
          { type: 'batchNorm', name: 'norm1' },
          relu,
          conv('conv1', { bias: false }),
          { type: 'batchNorm', name: 'norm2' },
          relu,
          conv('conv2', { bias: false }),
        ],
      },
      { type: 'residual', name: 'block2', body: [relu, conv('conv3', {}), relu], shortcut: [relu, conv('conv4', { size: 1 })] },
      { type: 'residual', name: 'block3', body: [] },
      { type: 'globalAveragePool' },
      output,
    ],
  },
  'dropout between layers, chosen features': {
    name: 'select',
    input,
    layers: [
      conv('conv1', {}),
      { type: 'dropout', rate: 0.3 },
      relu,
      { type: 'flatten' },
      { type: 'dense', name: 'dense1', units: 9 },
      relu,
      { type: 'select', name: 'select', indices: [8, 0, 3, 3, 7] },
      { type: 'dropout', rate: 0.2 },
      { type: 'dense', name: 'dense2', units: 6 },
      { type: 'activation', function: 'sigmoid' },
      output,
    ],
  },
  'BatchNorm on features with few images': {
    name: 'features',
    input,
    layers: [
      { type: 'flatten' },
      { type: 'dense', name: 'dense1', units: 10 },
      { type: 'batchNorm', name: 'norm' },
      relu,
      { type: 'dropout', rate: 0.5 },
      output,
    ],
  },
  'features wider than a panel': {
    name: 'wide',
    input,
    layers: [
      { type: 'flatten' },
      { type: 'dense', name: 'dense1', units: 70 },
      relu,
      {
        type: 'residual',
        name: 'block',
        body: [{ type: 'dense', name: 'dense2', units: 17, bias: false }, relu, { type: 'dense', name: 'dense3', units: 70 }],
      },
      relu,
      output,
    ],
  },
};

const bare = (name: string, rest: Partial<Extract<Layer, { type: 'convolution' }>> = {}): Layer => conv(name, { bias: false, ...rest });
const norm = (name: string, affine = true): Layer => ({ type: 'batchNorm', name, affine });

/** For images of their own size and four classes: convolutions between BatchNorms, which the kernels take block by block in large batches. */
export const normalisedArchitectures: Readonly<Record<string, Architecture>> = {
  'blocks with every kind of shortcut': {
    name: 'shortcuts',
    input: [16, 16, 3],
    layers: [
      bare('conv1'),
      norm('norm1'),
      relu,
      {
        type: 'residual',
        name: 'block1',
        body: [bare('conv2'), norm('norm2'), relu, bare('conv3'), norm('norm3', false)],
      },
      relu,
      {
        type: 'residual',
        name: 'block2',
        body: [bare('conv4', { stride: 2, filters: 7 }), norm('norm4'), relu, bare('conv5', { filters: 7 }), norm('norm5')],
        shortcut: [bare('conv6', { size: 1, stride: 2, filters: 7 }), norm('norm6')],
      },
      relu,
      { type: 'residual', name: 'block3', body: [bare('conv7', { filters: 7 }), norm('norm7')] },
      { type: 'residual', name: 'block4', body: [relu, bare('conv8', { filters: 7 }), norm('norm8')] },
      relu,
      { type: 'globalAveragePool' },
      output,
    ],
  },
  'no ReLU between, kernels and strides of all kinds': {
    name: 'linear',
    input: [16, 16, 3],
    layers: [
      norm('norm0', false),
      conv('conv1', { size: 5, filters: 18 }),
      norm('norm1'),
      conv('conv2', { size: 4, padding: 'valid' }),
      norm('norm2'),
      { type: 'residual', name: 'block', body: [conv('conv3', { size: 1 }), norm('norm3')], shortcut: [norm('norm4')] },
      bare('conv5', { size: 3, stride: 1 }),
      norm('norm5'),
      { type: 'maxPool', size: 2, stride: 1 },
      bare('conv6', { size: 3, padding: 'valid' }),
      norm('norm6'),
      bare('conv7', { size: 2, stride: 3 }),
      norm('norm7'),
      { type: 'flatten' },
      output,
    ],
  },
  'a kernel that reaches into the next strip, without a border': {
    name: 'reach',
    input: [23, 23, 3],
    layers: [
      bare('conv1'),
      norm('norm1'),
      relu,
      bare('conv2', { size: 4, stride: 3 }),
      norm('norm2'),
      relu,
      { type: 'globalAveragePool' },
      output,
    ],
  },
};

/** Images of the size that a network takes. */
export const photos = ({ input }: Architecture): Dataset => tinyDataset({ shape: input as [number, number, number] });

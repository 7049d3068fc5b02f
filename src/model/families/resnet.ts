import { invalid } from '../../check.js';
import type { Architecture, Layer, Residual, Shape } from '../architecture.js';
import type { Family } from './family.js';

const relu: Layer = { type: 'activation', function: 'relu' };

/**
 * A basic block: convolution, BatchNorm, ReLU, convolution, BatchNorm on the body; the identity, or where shape changes a
 * 1 x 1 convolution with BatchNorm, as the shortcut. The ReLU after the sum is the layer that follows the block.
 */
export function basicBlock(name: string, inputs: number, filters: number, stride: number): Residual {
  const body: Layer[] = [
    { type: 'convolution', name: `${name}.conv1`, filters, size: 3, stride, bias: false },
    { type: 'batchNorm', name: `${name}.norm1` },
    relu,
    { type: 'convolution', name: `${name}.conv2`, filters, size: 3, bias: false },
    { type: 'batchNorm', name: `${name}.norm2` },
  ];
  if (stride === 1 && inputs === filters) return { type: 'residual', name, body };
  const shortcut: Layer[] = [
    { type: 'convolution', name: `${name}.shortcut`, filters, size: 1, stride, bias: false },
    { type: 'batchNorm', name: `${name}.shortcutNorm` },
  ];
  return { type: 'residual', name, body, shortcut };
}

/** CIFAR ResNet of three stages: 3 x 3 convolution, `blocks` basic blocks a stage, widths w, 2w, 4w, global pooling, output. */
export function resnet(name: string, blocks: number, width: number, input: Shape, classes: number): Architecture {
  const stages = [0, 1, 2].flatMap((stage) =>
    Array.from({ length: blocks }, (_, i): Layer[] => {
      const filters = width * 2 ** stage;
      const first = i === 0 && stage > 0;
      return [basicBlock(`stage${stage + 1}.block${i + 1}`, first ? filters / 2 : filters, filters, first ? 2 : 1), relu];
    }).flat(),
  );
  return {
    name,
    input,
    layers: [
      { type: 'convolution', name: 'conv', filters: width, size: 3, bias: false },
      { type: 'batchNorm', name: 'norm' },
      relu,
      ...stages,
      { type: 'globalAveragePool' },
      { type: 'dense', name: 'output', units: classes },
    ],
  };
}

export const resnetFamily: Family = {
  form: 'resnet-DEPTH[-WIDTH] with DEPTH = 6n + 2',
  summary: 'CIFAR ResNet of basic blocks in three stages, width 16 by default',
  source: 'He et al. 2016, arXiv:1512.03385',
  pattern: /^resnet-(\d{1,3})(?:-(\d{1,3}))?$/,
  build(match, input, classes) {
    const depth = Number(match[1]);
    const width = Number(match[2] ?? 16);
    if (depth < 8 || (depth - 2) % 6 !== 0) throw invalid(`depth of '${match[0]}'`, '6n + 2: 8, 14, 20, 32, 44, 56, ...', depth);
    if (width < 1) throw invalid(`width of '${match[0]}'`, 'at least 1', width);
    return resnet(match[0], (depth - 2) / 6, width, input, classes);
  },
};

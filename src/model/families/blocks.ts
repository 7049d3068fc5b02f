import { invalid } from '../../check.js';
import type { Architecture, Layer } from '../architecture.js';
import type { Family } from './family.js';
import { basicBlock } from './resnet.js';

const relu: Layer = { type: 'activation', function: 'relu' };

/**
 * The network of the juvenile state hypothesis for CIFAR-10: a 7 x 7 convolution of `WIDTH` filters, `COUNT` basic blocks of as many
 * channels, output. The paper says neither stride nor pooling; as in the stem of He et al. the convolution has stride 2, and the
 * blocks end in global average pooling. `blocks-8x0` has no blocks: growth starts there.
 */
export const blocks: Family = {
  form: 'blocks-WIDTHxCOUNT',
  summary: '7 x 7 convolution with stride 2, basic blocks of one width, global pooling',
  source: 'Zhang 2021, arXiv:2109.03862',
  pattern: /^blocks-(\d{1,4})x(\d{1,3})$/,
  build(match, input, classes): Architecture {
    const width = Number(match[1]);
    if (width < 1) throw invalid(`width of '${match[0]}'`, 'at least 1', width);
    const stage = Array.from({ length: Number(match[2]) }, (_, i): Layer[] => [
      basicBlock(`stage1.block${i + 1}`, width, width, 1),
      relu,
    ]).flat();
    return {
      name: match[0],
      input,
      layers: [
        { type: 'convolution', name: 'conv', filters: width, size: 7, stride: 2 },
        relu,
        ...stage,
        { type: 'globalAveragePool' },
        { type: 'dense', name: 'output', units: classes },
      ],
    };
  },
};

import { invalid } from '../../check.js';
import type { Architecture, Layer } from '../architecture.js';
import type { Family } from './family.js';

/** Convolutions in each of the five stages, by the depth in the name. */
const stages: Readonly<Record<number, readonly number[]>> = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
};

/** VGG for small images: 3 x 3 convolutions with BatchNorm, pooling between stages of 64 to 512 filters, one dense output. */
export const vgg: Family = {
  form: 'vgg-11, vgg-13, vgg-16, vgg-19',
  summary: 'VGG with BatchNorm and one dense layer, for 32 x 32 images',
  source: 'Simonyan & Zisserman 2015, arXiv:1409.1556',
  pattern: /^vgg-(\d{2})$/,
  build(match, input, classes): Architecture {
    const plan = stages[Number(match[1])];
    if (plan === undefined)
      throw invalid(
        `architecture '${match[0]}'`,
        `one of ${Object.keys(stages)
          .map((d) => `vgg-${d}`)
          .join(', ')}`,
        match[0],
      );
    let index = 0;
    const layers = plan.flatMap((count, stage): Layer[] => [
      ...Array.from({ length: count }, () => block(++index, Math.min(512, 64 * 2 ** stage))).flat(),
      ...(stage < 4 ? [{ type: 'maxPool', size: 2 } as const] : []),
    ]);
    return { name: match[0], input, layers: [...layers, { type: 'globalAveragePool' }, { type: 'dense', name: 'output', units: classes }] };
  },
};

function block(index: number, filters: number): Layer[] {
  return [
    { type: 'convolution', name: `conv${index}`, filters, size: 3, bias: false },
    { type: 'batchNorm', name: `norm${index}` },
    { type: 'activation', function: 'relu' },
  ];
}

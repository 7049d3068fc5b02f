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

/**
 * VGG for small images: 3 x 3 convolutions with BatchNorm, pooling between stages of 64 to 512 filters, one dense output; with a number
 * of dense layers in the name, that many, all but the last of 512 units with ReLU (the VGG-13-3 of Chen et al. 2021).
 */
export const vgg: Family = {
  form: 'vgg-DEPTH[-DENSE] with DEPTH 11, 13, 16 or 19',
  summary: 'VGG with BatchNorm and one dense layer or so many, for 32 x 32 images',
  source: 'Simonyan & Zisserman 2015, arXiv:1409.1556',
  pattern: /^vgg-(\d{2})(?:-(\d{1,2}))?$/,
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
    const dense = Number(match[2] ?? 1);
    if (dense < 1) throw invalid(`dense layers of '${match[0]}'`, 'at least 1', dense);
    const head = Array.from({ length: dense - 1 }, (_, i): Layer[] => [
      { type: 'dense', name: `dense${i + 1}`, units: 512 },
      { type: 'activation', function: 'relu' },
    ]).flat();
    let index = 0;
    const layers = plan.flatMap((count, stage): Layer[] => [
      ...Array.from({ length: count }, () => block(++index, Math.min(512, 64 * 2 ** stage))).flat(),
      ...(stage < 4 ? [{ type: 'maxPool', size: 2 } as const] : []),
    ]);
    const output: Layer = { type: 'dense', name: 'output', units: classes };
    return { name: match[0], input, layers: [...layers, { type: 'globalAveragePool' }, ...head, output] };
  },
};

function block(index: number, filters: number): Layer[] {
  return [
    { type: 'convolution', name: `conv${index}`, filters, size: 3, bias: false },
    { type: 'batchNorm', name: `norm${index}` },
    { type: 'activation', function: 'relu' },
  ];
}

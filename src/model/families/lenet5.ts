import { invalid } from '../../check.js';
import type { Architecture, Layer } from '../architecture.js';
import type { Family } from './family.js';

const relu: Layer = { type: 'activation', function: 'relu' };

/** LeNet-5: two 5 x 5 convolutions (6, 16) with 2 x 2 pooling, dense 120 and 84. `lenet-5x0.5` has half as many of each, rounded. */
export const lenet5: Family = {
  form: 'lenet-5, lenet-5xWIDTH',
  summary: 'convolution 6 and 16 (5 x 5), max pooling, dense 120 and 84',
  source: 'LeCun et al. 1998',
  pattern: /^lenet-5(?:x(\d{1,2}(?:\.\d{1,2})?))?$/,
  build(match, input, classes): Architecture {
    const width = Number(match[1] ?? 1);
    const wide = (units: number): number => Math.max(1, Math.round(width * units));
    if (width === 0) throw invalid(`architecture '${match[0]}'`, 'a width above 0', width);
    return {
      name: match[0],
      input,
      layers: [
        { type: 'convolution', name: 'conv1', filters: wide(6), size: 5 },
        relu,
        { type: 'maxPool', size: 2 },
        { type: 'convolution', name: 'conv2', filters: wide(16), size: 5, padding: 'valid' },
        relu,
        { type: 'maxPool', size: 2 },
        { type: 'flatten' },
        { type: 'dense', name: 'dense1', units: wide(120) },
        relu,
        { type: 'dense', name: 'dense2', units: wide(84) },
        relu,
        { type: 'dense', name: 'output', units: classes },
      ],
    };
  },
};

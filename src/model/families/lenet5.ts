import type { Architecture, Layer } from '../architecture.js';
import type { Family } from './family.js';

const relu: Layer = { type: 'activation', function: 'relu' };

/** LeNet-5: two 5 x 5 convolutions (6, 16) with 2 x 2 pooling, dense 120 and 84. */
export const lenet5: Family = {
  form: 'lenet-5',
  summary: 'convolution 6 and 16 (5 x 5), max pooling, dense 120 and 84',
  source: 'LeCun et al. 1998',
  pattern: /^lenet-5$/,
  build: (match, input, classes): Architecture => ({
    name: match[0],
    input,
    layers: [
      { type: 'convolution', name: 'conv1', filters: 6, size: 5 },
      relu,
      { type: 'maxPool', size: 2 },
      { type: 'convolution', name: 'conv2', filters: 16, size: 5, padding: 'valid' },
      relu,
      { type: 'maxPool', size: 2 },
      { type: 'flatten' },
      { type: 'dense', name: 'dense1', units: 120 },
      relu,
      { type: 'dense', name: 'dense2', units: 84 },
      relu,
      { type: 'dense', name: 'output', units: classes },
    ],
  }),
};

import { invalid } from '../../check.js';
import type { Architecture, Layer } from '../architecture.js';
import type { Family } from './family.js';

/** A plain convolutional network, as small as one layer: for each width a 3 x 3 convolution, ReLU and 2 x 2 max pooling; then the output. */
export const convs: Family = {
  form: 'convs-WIDTH[-WIDTH...]',
  summary: '3 x 3 convolutions, each with max pooling, no hidden dense layer',
  source: 'a seed for growth',
  pattern: /^convs-(\d{1,4}(?:-\d{1,4}){0,4})$/,
  build(match, input, classes): Architecture {
    const widths = (match[1] as string).split('-').map(Number);
    if (widths.some((n) => n < 1)) throw invalid(`widths of '${match[0]}'`, 'at least one filter a layer', widths.join('-'));
    const convolutions = widths.flatMap((filters, i): Layer[] => [
      { type: 'convolution', name: `conv${i + 1}`, filters, size: 3 },
      { type: 'activation', function: 'relu' },
      { type: 'maxPool', size: 2 },
    ]);
    return { name: match[0], input, layers: [...convolutions, { type: 'flatten' }, { type: 'dense', name: 'output', units: classes }] };
  },
};

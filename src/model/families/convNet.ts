import { invalid } from '../../check.js';
import type { Architecture, Layer } from '../architecture.js';
import type { Family } from './family.js';

const relu: Layer = { type: 'activation', function: 'relu' };

/**
 * Conv-2, -4, -6, -8: pairs of 3 x 3 convolutions (64, 128, 256, 512 filters) with max pooling, then dense 256, 256. `conv-4x0.5` has
 * half as many filters and units of each, rounded.
 */
export const convNet: Family = {
  form: 'conv-2, conv-4, conv-6, conv-8, conv-DEPTHxWIDTH',
  summary: 'pairs of 3 x 3 convolutions with max pooling, dense 256 and 256',
  source: 'Frankle & Carbin 2019, arXiv:1803.03635; Conv-8: Ramanujan et al. 2020, arXiv:1911.13299',
  pattern: /^conv-(\d{1,2})(?:x(\d{1,2}(?:\.\d{1,2})?))?$/,
  build(match, input, classes): Architecture {
    const count = Number(match[1]);
    if (![2, 4, 6, 8].includes(count)) throw invalid(`architecture '${match[0]}'`, 'conv-2, conv-4, conv-6 or conv-8', count);
    const width = Number(match[2] ?? 1);
    if (width === 0) throw invalid(`architecture '${match[0]}'`, 'a width above 0', width);
    const wide = (units: number): number => Math.max(1, Math.round(width * units));
    const convolutions = Array.from({ length: count }, (_, i): Layer[] => [
      { type: 'convolution', name: `conv${i + 1}`, filters: wide(64 * 2 ** Math.floor(i / 2)), size: 3 },
      relu,
      ...(i % 2 === 1 ? [{ type: 'maxPool', size: 2 } as const] : []),
    ]);
    const dense = [1, 2].flatMap((i): Layer[] => [{ type: 'dense', name: `dense${i}`, units: wide(256) }, relu]);
    const output: Layer = { type: 'dense', name: 'output', units: classes };
    return { name: match[0], input, layers: [...convolutions.flat(), { type: 'flatten' }, ...dense, output] };
  },
};

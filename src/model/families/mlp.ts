import { invalid } from '../../check.js';
import type { Architecture, Layer, Shape } from '../architecture.js';
import type { Family } from './family.js';

/** Fully connected network: flatten, then dense + ReLU for each width, then the output layer. Layers `dense1`, `dense2`, ..., `output`. */
export function mlp(name: string, widths: readonly number[], input: Shape, classes: number): Architecture {
  if (widths.some((n) => n < 1)) throw invalid(`widths of '${name}'`, 'at least one unit a layer', widths.join('-'));
  const hidden = widths.flatMap((units, i): Layer[] => [
    { type: 'dense', name: `dense${i + 1}`, units },
    { type: 'activation', function: 'relu' },
  ]);
  return { name, input, layers: [{ type: 'flatten' }, ...hidden, { type: 'dense', name: 'output', units: classes }] };
}

/** `mlp-300-100` has two hidden layers; `mlp-128x5` has five of 128 units; `mlp-128x0` none. `lenet-300-100` is another name of the first. */
export const mlpFamily: Family = {
  form: 'mlp-WIDTH[xREPEATS][-WIDTH...], lenet-300-100',
  summary: 'fully connected, ReLU',
  source: 'LeNet-300-100: LeCun et al. 1998; Frankle & Carbin 2019, arXiv:1803.03635',
  pattern: /^(?:mlp|lenet(?=-300-100$))-(\d{1,5}(?:x\d{1,3})?(?:-\d{1,5}(?:x\d{1,3})?)*)$/,
  build(match, input, classes) {
    const widths = (match[1] as string).split('-').flatMap((part) => {
      const [width = '0', repeats = '1'] = part.split('x');
      return Array.from({ length: Number(repeats) }, () => Number(width));
    });
    return mlp(match[0], widths, input, classes);
  },
};

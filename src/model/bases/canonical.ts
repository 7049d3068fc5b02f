import { size } from '../../array.js';
import type { Basis } from './basis.js';

/** The weights themselves: ordinary pruning. Frankle & Carbin 2019, arXiv:1803.03635. */
export const canonical: Basis = {
  summary: 'the weights themselves',
  source: 'arXiv:1803.03635',
  axes: [],
  needs: [],
  coordinates: ({ shape }) => ({ view: [size(shape)], matrices: [null] }),
};

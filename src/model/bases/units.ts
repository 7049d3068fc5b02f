import type { Basis } from './basis.js';
import { canonical } from './canonical.js';

/**
 * Structured pruning as sparsity in a basis: the coefficients of a unit or filter go together. The classes stay. What a removed unit
 * leaves behind in the next layer only carries its bias, and `compact` takes it out.
 */
export const units: Basis = {
  ...canonical,
  summary: 'whole units and filters: the weights that lead to one go together',
  source: 'arXiv:2107.06825',
  granularity: 'output',
  prunes: ({ last }) => !last,
};

/** The list of bases: a new one is one file and one line here, and the contract tests run over it. */
import type { Basis } from './basis.js';
import { canonical } from './canonical.js';
import { dct } from './dct.js';
import { haar } from './haar.js';
import { hadamard } from './hadamard.js';
import { lowRank } from './lowRank.js';
import { randomOrthogonal } from './randomOrthogonal.js';
import { subspace } from './subspace.js';
import { svd } from './svd.js';
import { units } from './units.js';

export const bases = {
  canonical,
  dct,
  haar,
  hadamard,
  randomOrthogonal,
  svd,
  units,
  lowRank,
  subspace,
} satisfies Record<string, Basis>;

export type BasisName = keyof typeof bases;

/** The laws that random coefficients of strong tickets are drawn from. A new law is one function and one line in the list. */
import type { Random } from '../../random.js';

export interface CoefficientLaw {
  /** For lists and help texts. */
  readonly summary: string;
  readonly source: string;
  /** One coefficient in [-1, 1]. */
  draw(random: Random): number;
}

const signedUniform = (random: Random): number => 2 * random.uniform() - 1;
const sign = (random: Random): number => (random.bits() & 1 ? 1 : -1);
/** Least magnitude of the hyperbolic law, whose density 1/|a| has no end towards 0. */
const LEAST = 1e-3;

export const coefficientLaws = {
  uniform: { summary: 'uniform in [-1, 1]', source: 'arXiv:2006.07990', draw: signedUniform },
  product: {
    summary: 'product of two uniform in [-1, 1], as of two layers of one path',
    source: 'arXiv:2006.07990',
    draw: (random) => signedUniform(random) * signedUniform(random),
  },
  hyperbolic: {
    summary: 'density in proportion to 1/|a| for |a| in [0.001, 1], the sign by coin',
    source: 'arXiv:2006.12156',
    draw: (random) => sign(random) * LEAST ** random.uniform(),
  },
} satisfies Record<string, CoefficientLaw>;

export type CoefficientLawName = keyof typeof coefficientLaws;

import type { NdArray } from '../../array.js';
import { invalid } from '../../check.js';
import type { Random } from '../../random.js';
import type { BasisContext } from './basis.js';
import type { Coordinates } from './coordinates.js';
import type { Kernel } from './kernelAxes.js';

/** Beyond this a matrix for one axis is too large to multiply with in each step. */
const LONGEST = 4096;

/**
 * Coordinates made axis by axis: the axes of the chosen roles get the given matrices, the others stay.
 * @param matricesOf orthonormal matrices for an axis of n, whose sizes multiply to n: their Kronecker product acts on it
 * @throws UserError for a chosen axis of more than 4096
 */
export function axisBasis(
  kernel: Kernel,
  { axes, random }: Pick<BasisContext, 'axes' | 'random'>,
  matricesOf: (n: number, random: Random) => readonly NdArray[],
): Coordinates {
  const view: number[] = [];
  const matrices: (NdArray | null)[] = [];
  for (const { role, size } of kernel.axes) {
    if (size === 1) continue;
    if (axes.includes(role)) {
      if (size > LONGEST)
        throw invalid(`axis '${role}' of '${kernel.name}' for a basis`, `at most ${LONGEST} long; leave the role out`, size);
      for (const matrix of matricesOf(size, random)) {
        view.push(matrix.shape[0] as number);
        matrices.push(matrix);
      }
    } else if (matrices.at(-1) === null) {
      // Neighbouring axes that stay are one.
      view.push((view.pop() as number) * size);
    } else {
      view.push(size);
      matrices.push(null);
    }
  }
  return view.length === 0 ? { view: [1], matrices: [null] } : { view, matrices };
}

/** What a basis is: a way from a kernel to coordinates in which it can be sparse. Alabdulmohsin et al. 2021, arXiv:2107.06825. */
import type { NdArray } from '../../array.js';
import type { Random } from '../../random.js';
import type { Coordinates } from './coordinates.js';
import type { AxisRole, Kernel } from './kernelAxes.js';

export interface Basis {
  /** One sentence for lists. */
  readonly summary: string;
  /** arXiv id or other source. */
  readonly source: string;
  /** Axes that it acts on if none are named; empty for a basis that has no choice of axes. */
  readonly axes: readonly AxisRole[];
  /** The coordinates of a kernel. @throws UserError if something that it needs was not given */
  coordinates(kernel: Kernel, context: BasisContext): Coordinates;
  /** What it needs to know: weights of a trained network, or those at the start. */
  readonly needs: readonly ('trained' | 'initial')[];
  /**
   * Coefficients that are pruned together: `output`, all that lead to one unit or filter; `component`, all that belong to one singular
   * vector. Absent: each alone.
   */
  readonly granularity?: 'output' | 'component';
  /** Whether a kernel takes part in pruning. Default: all do. */
  prunes?(kernel: Kernel): boolean;
}

export interface BasisContext {
  /** Which axes to act on. */
  readonly axes: readonly AxisRole[];
  /** A stream of its own for each kernel. */
  readonly random: Random;
  /** The kernel of a trained network. */
  readonly trained?: NdArray;
  /** The kernel at initialisation. */
  readonly initial?: NdArray;
}

/** A whole network in a basis: coordinates for each of its kernels, and the way there and back. */
import { type Arrays, get, mapEach } from '../../array.js';
import { lookUp } from '../../check.js';
import { stream } from '../../random.js';
import type { Architecture } from '../architecture.js';
import type { Basis } from './basis.js';
import { type BasisName, bases } from './bases.js';
import { type Coordinates, isCanonical, toCoefficients, toKernel } from './coordinates.js';
import { type AxisRole, kernelAxes } from './kernelAxes.js';

/**
 * The basis of a network: where a network has one, the arrays of its kernels hold coefficients, under the same names and in the same
 * shapes. Masks, scores, certificates and files so need to know nothing of it. Biases and BatchNorm have no basis.
 */
export interface NetworkBasis {
  readonly name: string;
  /** Whether its vectors come from trained weights, so that they must be stored beside the coefficients. */
  readonly adaptive: boolean;
  /** By kernel name; kernels without an entry are as they are. */
  readonly coordinates: Readonly<Record<string, Coordinates>>;
}

export interface OpenBasisOptions {
  /** Axes to act on. Default: the basis's own. */
  readonly axes?: readonly AxisRole[] | null;
  /** Names the random directions of bases that draw. Default 0. */
  readonly seed?: number;
  /** Weights of the trained dense network, for bases that adapt to it. */
  readonly trained?: Arrays;
  /** Weights at initialisation, for bases that count from there. */
  readonly initial?: Arrays;
}

/**
 * The basis of that name for the kernels of an architecture; undefined where it changes no kernel, as `canonical` and `units`.
 * @throws UserError for an unknown name, or if weights that it needs are not given
 */
export function openBasis(name: BasisName, architecture: Architecture, options: OpenBasisOptions = {}): NetworkBasis | undefined {
  const basis: Basis = lookUp('basis', name, bases);
  const { seed = 0, trained, initial } = options;
  const axes = options.axes ?? basis.axes;
  const coordinates = kernelAxes(architecture)
    .map((kernel) => {
      const random = stream(seed, 'basis', kernel.name);
      const given = {
        ...(trained && basis.needs.includes('trained') && { trained: get(trained, kernel.name) }),
        ...(initial && basis.needs.includes('initial') && { initial: get(initial, kernel.name) }),
      };
      return [kernel.name, basis.coordinates(kernel, { axes, random, ...given })] as const;
    })
    .filter(([, own]) => !isCanonical(own));
  if (coordinates.length === 0) return undefined;
  return { name, adaptive: basis.needs.includes('trained'), coordinates: Object.fromEntries(coordinates) };
}

/** A network's weights as it is trained in the basis: coefficients for kernels, the rest as it is. Without a basis the weights themselves. */
export function inBasis(basis: NetworkBasis | undefined, weights: Arrays): Arrays {
  return transform(basis, weights, toCoefficients);
}

/** The weights that coefficients stand for; `inBasis` back. */
export function fromBasis(basis: NetworkBasis | undefined, coefficients: Arrays): Arrays {
  return transform(basis, coefficients, toKernel);
}

function transform(basis: NetworkBasis | undefined, arrays: Arrays, to: typeof toKernel): Arrays {
  if (basis === undefined) return arrays;
  for (const name of Object.keys(basis.coordinates)) get(arrays, name);
  return mapEach(arrays, (array, name) =>
    Object.hasOwn(basis.coordinates, name) ? to(array, basis.coordinates[name] as Coordinates) : array,
  );
}

/** Where weights start. One function for each initialiser; `initialise` fills a whole architecture from one seed. */
import { type Arrays, type NdArray, size } from '../array.js';
import { invalid, lookUp } from '../check.js';
import { type Random, stream } from '../random.js';
import type { Architecture, InitialiserName, Parameter } from './architecture.js';
import { parameters } from './shapes.js';

/** Values for one kernel. */
export type Initialiser = (parameter: Parameter, random: Random) => Float32Array;

const fill = (parameter: Parameter, value: () => number): Float32Array => Float32Array.from({ length: size(parameter.shape) }, value);

/** The initialisers by name. fanIn and fanOut count the inputs of an output and the outputs of an input. */
export const initialisers: Readonly<Record<InitialiserName, Initialiser>> = {
  /** Normal, std sqrt(2 / (fanIn + fanOut)), cut at two standard deviations as in Frankle & Carbin's code. Glorot & Bengio 2010. */
  glorotNormal: (p, random) => {
    // The cut at 2 lowers the deviation to 0.8796: divided out, so that the std is as stated.
    const std = Math.sqrt(2 / (p.fanIn + p.fanOut)) / 0.87962566103423978;
    return fill(p, () => std * truncatedNormal(random));
  },
  /** Uniform in +-sqrt(6 / (fanIn + fanOut)). Glorot & Bengio 2010. */
  glorotUniform: (p, random) => {
    const limit = Math.sqrt(6 / (p.fanIn + p.fanOut));
    return fill(p, () => limit * (2 * random.uniform() - 1));
  },
  /** Normal, std sqrt(2 / fanIn). He et al. 2015, arXiv:1502.01852. */
  heNormal: (p, random) => {
    const std = Math.sqrt(2 / p.fanIn);
    return fill(p, () => std * random.normal());
  },
  /** Uniform in +-sqrt(6 / fanIn). arXiv:1502.01852. */
  heUniform: (p, random) => {
    const limit = Math.sqrt(6 / p.fanIn);
    return fill(p, () => limit * (2 * random.uniform() - 1));
  },
  /** 1 from input i to output i, in the centre of a convolution (Dirac); 0 elsewhere. */
  identity: (p) => identity(p.shape),
  /** +-sqrt(2 / fanIn), the sign by coin. Ramanujan et al. 2020, arXiv:1911.13299. */
  signedConstant: (p, random) => {
    const value = Math.sqrt(2 / p.fanIn);
    return fill(p, () => (random.bits() & 1 ? value : -value));
  },
  /** All 0. */
  zeros: (p) => fill(p, () => 0),
};

function truncatedNormal(random: Random): number {
  for (;;) {
    const x = random.normal();
    if (Math.abs(x) < 2) return x;
  }
}

/**
 * The identity (dense, [n, n]) or Dirac (convolution, [h, w, n, n]) kernel.
 * @example identity([2, 2]) // => new Float32Array([1, 0, 0, 1])
 */
export function identity(shape: readonly number[]): Float32Array {
  const values = new Float32Array(size(shape));
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  const [height, width] = shape.length === 4 ? (shape.slice(0, 2) as [number, number]) : [1, 1];
  const centre = (Math.floor((height - 1) / 2) * width + Math.floor((width - 1) / 2)) * inputs * outputs;
  for (let i = 0; i < Math.min(inputs, outputs); i++) values[centre + i * outputs + i] = 1;
  return values;
}

/**
 * Fresh weights for an architecture: kernels by their layer's initialiser or else by the given one, biases 0, gamma as declared,
 * statistics 0 and 1. Each parameter draws from its own stream `(seed, 'init', name)`, so that a layer that is added or left out
 * changes no other layer's start.
 * @throws UserError for an unknown initialiser
 */
export function initialise(architecture: Architecture, seed: number, initialiser: InitialiserName = 'glorotNormal'): Arrays {
  return Object.fromEntries(parameters(architecture).map((p) => [p.name, initialiseParameter(p, seed, initialiser)]));
}

/** Fresh values for one parameter. See `initialise`. */
export function initialiseParameter(p: Parameter, seed: number, initialiser: InitialiserName): NdArray {
  if (p.role !== 'kernel') return { shape: p.shape, values: fill(p, () => p.start ?? 0) };
  if (p.fanIn < 1) throw invalid(`kernel '${p.name}'`, 'at least one input', p.fanIn);
  const draw: Initialiser = lookUp('initialiser', p.initialiser ?? initialiser, initialisers);
  return { shape: p.shape, values: draw(p, stream(seed, 'init', p.name)) };
}

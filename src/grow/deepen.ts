/** The operator of the juvenile-state hypothesis: one more layer on top of a network that keeps its weights. */
import { checkCount, invalid, lookUp, UserError } from '../check.js';
import type { InitialiserName, Layer, Parameter } from '../model/architecture.js';
import { basicBlock } from '../model/families/resnet.js';
import { identity, initialiseParameter } from '../model/initialise.js';
import type { Random } from '../random.js';
import { carry } from './carry.js';
import { checkNetwork } from './checkNetwork.js';
import type { GrowthOperator, Network } from './growthOperator.js';
import { layerNames, nextName } from './layerNames.js';
import { findPlace, type Place } from './place.js';

/** How the kernels of a new layer start. */
export type DeepenInit = 'identity' | 'dirac' | 'zeroResidual' | 'random';

/** What is inserted: one layer, or a basic block of two convolutions; a ReLU follows. */
export type DeepenUnit = 'dense' | 'convolution' | 'block';

export interface DeepenOptions {
  /**
   * - `identity`: a dense layer or a convolution that passes on what it gets. Exact, since it is refused where values can be negative.
   * - `dirac`: Dirac kernels; in a block, as in the paper, the sum of body and shortcut about doubles the values.
   * - `zeroResidual`: a block whose last BatchNorm has gamma 0, its other kernels by `initialiser`. Exact like `identity`.
   * - `random`: kernels by `initialiser`; the function changes.
   */
  readonly init: DeepenInit;
  /** Name or index of the layer that the new one follows, or a stage's name. Default `last`: after the last activation. */
  readonly after?: string | number;
  /** Default: a block for `dirac` and `zeroResidual`, else what fits the place (for `random` a block after a block). */
  readonly unit?: DeepenUnit;
  /** Default heNormal. */
  readonly initialiser?: InitialiserName;
  /** Side of the kernel of an inserted convolution, odd. Default 3. */
  readonly size?: number;
}

/**
 * Inserts a layer of as many outputs as inputs and a ReLU. Old arrays are carried bit by bit, every new weight is kept, biases start
 * at 0. Names go on counting (`dense2`, `conv3`, `stage1.block4`). Each new parameter draws from a stream of its own.
 */
export const deepen: GrowthOperator<DeepenOptions> = {
  name: 'deepen',
  summary: 'one more layer or residual block, as the identity or at random',
  source: 'arXiv:2109.03862; identity layers: Net2Net, arXiv:1511.05641',
  preserves({ init, unit }) {
    const exact = init === 'identity' || init === 'zeroResidual' || (init === 'dirac' && unit === 'convolution');
    return exact ? ['function', 'weights'] : ['weights'];
  },
  grow(network, options, random) {
    checkNetwork(network);
    const place = findPlace(network.architecture, options.after ?? 'last');
    const unit = options.unit ?? defaultUnit(options.init, place);
    check(unit, options, place);
    if (deepen.preserves({ ...options, unit }).includes('function') && !place.nonNegative) {
      const remedy = "put it after a ReLU (`after`), or use init 'random'";
      throw new UserError(
        `cannot insert an exact copy (init '${options.init}') where values can be negative: its ReLU would cut them off; ${remedy}`,
      );
    }
    const layer = newLayer(unit, network, place, options.size ?? 3);
    const { layers, name } = network.architecture;
    const architecture = {
      ...network.architecture,
      name: `${name}+${layer.name}`,
      layers: [...layers.slice(0, place.index), layer, { type: 'activation', function: 'relu' } as const, ...layers.slice(place.index)],
    };
    const seed = seedOf(random);
    return carry(network, architecture, (p) => start(p, options, layer.name, seed));
  },
};

function defaultUnit(init: DeepenInit, { shape, before }: Place): DeepenUnit {
  if (init === 'dirac' || init === 'zeroResidual') return 'block';
  if (shape.length === 1) return 'dense';
  return init === 'random' && before.find((layer) => layer.type !== 'activation')?.type === 'residual' ? 'block' : 'convolution';
}

const inits: Record<DeepenUnit, readonly DeepenInit[]> = {
  dense: ['identity', 'random'],
  convolution: ['identity', 'dirac', 'random'],
  block: ['dirac', 'zeroResidual', 'random'],
};

function check(unit: DeepenUnit, { init, size = 3 }: DeepenOptions, { shape }: Place): void {
  const known = lookUp('unit of deepen', unit, inits);
  if (!known.includes(init)) throw invalid(`init of a new ${unit} layer`, known.join(', '), init);
  const expected = unit === 'dense' ? 1 : 3;
  if (shape.length !== expected) {
    throw invalid(
      `place for a new ${unit} layer`,
      expected === 1 ? 'one axis, as after flatten' : '[height, width, channels]',
      `[${shape}]`,
    );
  }
  if (checkCount('size of a new convolution', size, 1) % 2 === 0) throw invalid('size of a new convolution', 'an odd number', size);
}

function newLayer(unit: DeepenUnit, { architecture }: Network, { shape, before }: Place, size: number): Layer & { readonly name: string } {
  const names = layerNames(architecture.layers);
  const n = shape[shape.length - 1] as number;
  const next = (type: Layer['type'], otherwise: string): string => {
    const near = before.find((layer) => layer.type === type);
    return nextName(near !== undefined && 'name' in near ? near.name.replace(/\d+$/, '') : otherwise, names);
  };
  if (unit === 'dense') return { type: 'dense', name: next('dense', 'dense'), units: n };
  if (unit === 'convolution') return { type: 'convolution', name: next('convolution', 'conv'), filters: n, size };
  return basicBlock(next('residual', 'stage1.block'), n, n, 1);
}

function start(p: Parameter, { init, initialiser = 'heNormal' }: DeepenOptions, layer: string, seed: number) {
  if (p.role === 'kernel' && (init === 'identity' || init === 'dirac')) return { shape: p.shape, values: identity(p.shape) };
  if (init === 'zeroResidual' && p.name === `${layer}.norm2/gamma`)
    return { shape: p.shape, values: new Float32Array(p.shape[0] as number) };
  return initialiseParameter(p, seed, initialiser);
}

/** A seed of 31 bits, so that each parameter can have a stream of its own. */
function seedOf(random: Random): number {
  return random.bits() >>> 1;
}

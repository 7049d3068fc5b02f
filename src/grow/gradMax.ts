/** GradMax: new units that change nothing now and whose gradient is as large as it can be. */
import { get, type NdArray } from '../array.js';
import { checkCount, invalid, mismatched, unknown, UserError } from '../check.js';
import type { Layer } from '../model/architecture.js';
import { nested } from '../model/nested.js';
import { channelGroups } from './channelGroups.js';
import { checkNetwork } from './checkNetwork.js';
import type { GrowthOperator, Network } from './growthOperator.js';
import { layerNames } from './layerNames.js';
import { regroup } from './regroup.js';
import { singularVectors } from '../model/bases/singularVectors.js';

export interface GradMaxOptions {
  /** The dense or convolution layer that gets the units; exactly one layer must read it, through an activation at most. */
  readonly layer: string;
  /** How many units or filters to add, at most the rank of `crossCovariance`. */
  readonly count: number;
  /**
   * E[d h^T], where d is the gradient of the loss by the reading layer's output and h the input of `layer`: [outputs, inputs]. For
   * convolutions summed over places as both kernels see them: [side' side' filters', side side channels]. See `gradMaxEvidence`.
   */
  readonly crossCovariance: NdArray;
  /**
   * Which side of the new units is 0. `outgoing` (the default) suits ReLU; with `incoming`, as in the paper, a ReLU's derivative at 0
   * is 0 in TensorFlow and nothing would be learnt, so it is refused there.
   */
  readonly zero?: 'incoming' | 'outgoing';
  /** Euclidean norm of the other side of each new unit. Default: the mean of the old units' norms on that side. */
  readonly norm?: number;
}

/**
 * With M = E[d h^T] = sum of s_k u_k v_k^T and an activation of slope 1, the gradient by the side that is 0 has the squared norm
 * |M w|^2 for incoming weights w (|M^T w|^2 for outgoing ones): largest for the top singular vectors v_k (u_k), scaled to `norm`.
 */
export const gradMax: GrowthOperator<GradMaxOptions> = {
  name: 'gradMax',
  summary: 'new units with one side 0, the other such that the gradient is largest',
  source: 'arXiv:2201.05125',
  preserves: () => ['function', 'weights'],
  grow(network, options) {
    checkNetwork(network);
    const { layer, count, zero = 'outgoing' } = options;
    checkCount('number of units to add', count, 1);
    if (zero !== 'incoming' && zero !== 'outgoing') throw unknown('side to be zero', String(zero), ['incoming', 'outgoing']);
    const { index, size, reader } = readBy(network, layer);
    if (zero === 'incoming') checkSlope(network.architecture.layers, layer);

    const incoming = get(network.weights, `${layer}/kernel`);
    const outgoing = get(network.weights, `${reader}/kernel`);
    // [places, units, outputs] of the reading kernel, [places * inputs, units] of the other.
    const outputs = outgoing.shape[outgoing.shape.length - 1] as number;
    const rows = outgoing.values.length / size;
    const columns = incoming.values.length / size;
    const { shape, values } = options.crossCovariance;
    if (shape.length !== 2 || shape[0] !== rows || shape[1] !== columns) {
      throw mismatched(
        `crossCovariance for '${layer}'`,
        `shape [${rows}, ${columns}]`,
        `[${shape}]`,
        'compute it by gradMaxEvidence for this network',
      );
    }
    const { values: singular, left, right } = singularVectors(values, rows, columns);
    const rank = singular.filter((s) => s > 0).length;
    if (count > rank) throw invalid(`number of units to add to '${layer}'`, `at most ${rank}, the rank of crossCovariance`, count);

    const wide = regroup(network, new Map([[index, [...Array(size).keys(), ...Array<number>(count).fill(-1)]]]));
    const side = zero === 'outgoing' ? layer : reader;
    const vectors = zero === 'outgoing' ? right : left;
    const old = zero === 'outgoing' ? columnNorms(incoming.values, size, 1) : columnNorms(outgoing.values, size, outputs);
    const norm = options.norm ?? old.reduce((sum, n) => sum + n, 0) / size;
    if (!(norm > 0 && norm < Number.POSITIVE_INFINITY)) throw invalid(`norm of new units of '${layer}'`, 'a number above 0', norm);
    const units = size + count;
    const inner = side === layer ? 1 : outputs;
    const kernel = get(wide.weights, `${side}/kernel`);
    const filled = kernel.values.map((w, i) => {
      const unit = Math.floor(i / inner) % units;
      if (unit < size) return w;
      return norm * ((vectors[unit - size] as Float64Array)[Math.floor(i / inner / units) * inner + (i % inner)] as number);
    });
    const architecture = { ...wide.architecture, name: `${network.architecture.name}+${layer}:${units}` };
    return { architecture, mask: wide.mask, weights: { ...wide.weights, [`${side}/kernel`]: { shape: kernel.shape, values: filled } } };
  },
};

/** The group of the layer's outputs and the one layer that reads it. */
function readBy({ architecture }: Network, layer: string): { index: number; size: number; reader: string } {
  const { groups, layers } = channelGroups(architecture);
  const index = layers.get(layer)?.output.group;
  const group = index === undefined ? undefined : groups[index];
  if (index === undefined || group === undefined) throw unknown(`layer of '${architecture.name}'`, layer, layerNames(architecture.layers));
  const reader = group.readers[0];
  const repeat = layers.get(reader ?? '')?.input.repeat;
  if (
    group.fixed ||
    !group.producers.includes(layer) ||
    group.producers.length !== 1 ||
    group.readers.length !== 1 ||
    reader === undefined ||
    repeat !== 1
  ) {
    throw invalid('layer for gradMax', 'a hidden layer that one layer of its kind reads (such as the first convolution of a block)', layer);
  }
  return { index, size: group.size, reader };
}

/** With incoming weights 0 the activation must be 0 at 0, with slope. */
function checkSlope(layers: readonly Layer[], name: string): void {
  const list = listOf(layers, name) ?? [];
  const next = list[list.findIndex((layer) => 'name' in layer && layer.name === name) + 1];
  const sound = next?.type === 'dense' || next?.type === 'convolution' || (next?.type === 'activation' && next.function === 'tanh');
  if (!sound) {
    const found = next?.type === 'activation' ? next.function : next?.type;
    throw new UserError(`cannot add units with incoming weights 0 to '${name}' before ${found}: they would stay 0; use zero: 'outgoing'`);
  }
}

/** The innermost list of layers that holds the layer of that name. */
export function listOf(layers: readonly Layer[], name: string): readonly Layer[] | undefined {
  if (layers.some((layer) => 'name' in layer && layer.name === name && layer.type !== 'residual')) return layers;
  for (const layer of layers) {
    for (const inside of nested(layer)) {
      const found = listOf(inside, name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The norm of what belongs to each unit, where the unit's index is `floor(i / inner) % units`. */
function columnNorms(values: Float32Array, units: number, inner: number): Float64Array {
  const squares = new Float64Array(units);
  values.forEach((w, i) => {
    const unit = Math.floor(i / inner) % units;
    squares[unit] = (squares[unit] as number) + w * w;
  });
  return squares.map(Math.sqrt);
}

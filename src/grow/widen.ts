/** Net2WiderNet: a layer grows by copies of its own units. */
import { get, type NdArray } from '../array.js';
import { checkCount, invalid, unknown } from '../check.js';
import { parameters } from '../model/shapes.js';
import { stream } from '../random.js';
import { channelGroups } from './channelGroups.js';
import { checkNetwork } from './checkNetwork.js';
import type { GrowthOperator } from './growthOperator.js';
import { layerNames } from './layerNames.js';
import { groupOf, regroup } from './regroup.js';

export interface WidenOptions {
  /** A hidden dense or convolution layer, a residual block or a stage; of the last two, all tensors of the stream are widened. */
  readonly layer: string;
  /** How many units or channels to add. */
  readonly count: number;
  /** Standard deviation of noise on the kept incoming weights of the copies, so that they learn apart; breaks exactness. Default 0. */
  readonly noise?: number;
}

/**
 * Adds `count` copies of units drawn at random, with their incoming weights, BatchNorm and mask, and divides the outgoing weights of a
 * unit that is now there m times by m: the outputs stay. All layers that add to one residual stream are widened alike.
 */
export const widen: GrowthOperator<WidenOptions> = {
  name: 'widen',
  summary: 'copies of units or channels, their outgoing weights shared out',
  source: 'arXiv:1511.05641',
  preserves: ({ noise = 0 }) => (noise === 0 ? ['function'] : []),
  grow(network, { layer, count, noise = 0 }, random) {
    checkNetwork(network);
    checkCount('number of units to add', count, 1);
    if (!(noise >= 0 && noise < Number.POSITIVE_INFINITY)) throw invalid('noise of widen', 'a standard deviation of at least 0', noise);
    const { groups, layers } = channelGroups(network.architecture);
    const index = groupOf(network.architecture, layer);
    const group = index === undefined ? undefined : groups[index];
    if (index === undefined || group === undefined)
      throw unknown(`layer of '${network.architecture.name}'`, layer, layerNames(network.architecture.layers));
    const selects = group.readers.some((name) => !Object.hasOwn(network.weights, `${name}/kernel`));
    if (group.fixed || selects || !group.producers.every((name) => Object.hasOwn(network.weights, `${name}/kernel`))) {
      throw invalid('layer to widen', "a hidden layer whose outputs no 'select' layer reads", layer);
    }

    const picks = [...Array(group.size).keys(), ...Array.from({ length: count }, () => random.integer(group.size))];
    const times = new Float64Array(group.size);
    for (const i of picks) times[i] = (times[i] as number) + 1;
    const wide = regroup(network, new Map([[index, picks]]));
    const seed = random.bits() >>> 1;
    const edited = parameters(wide.architecture).map((p): [string, NdArray] => {
      const array = get(wide.weights, p.name);
      const io = layers.get(p.layer);
      if (p.role !== 'kernel' || io === undefined) return [p.name, array];
      let { values } = array;
      const [inputs, outputs] = array.shape.slice(-2) as [number, number];
      if (io.input.group === index) {
        values = values.map((w, i) => w / (times[picks[(Math.floor(i / outputs) % inputs) % picks.length] as number] as number));
      }
      if (io.output.group === index && noise > 0) {
        const bits = get(wide.mask, p.name).values;
        const draw = stream(seed, 'noise', p.name);
        values = values.map((w, i) => (i % outputs >= group.size && bits[i] === 1 ? w + noise * draw.normal() : w));
      }
      return [p.name, { shape: array.shape, values }];
    });
    const architecture = { ...wide.architecture, name: `${network.architecture.name}+${layer}:${picks.length}` };
    return { architecture, weights: Object.fromEntries(edited), mask: wide.mask };
  },
};

/** Tickets that really run faster: what no path of kept weights uses is cut out of the architecture. */
import { get, type NdArray, type Values } from '../array.js';
import { type ChannelGroups, channelGroups } from '../grow/channelGroups.js';
import { checkNetwork } from '../grow/checkNetwork.js';
import type { Network } from '../grow/growthOperator.js';
import { findLayer } from '../grow/layerNames.js';
import { gather, regroup, spread } from '../grow/regroup.js';
import { applyMask } from '../mask.js';
import type { Layer } from '../model/architecture.js';
import { foldConstants } from './foldConstants.js';

/**
 * A smaller network with the same outputs in evaluation mode (to 1e-5). Removed are
 * - units and channels that no kept weight reads, together with their incoming weights, and so on towards the input;
 * - units and channels that keep no incoming weight: what they give is a constant, which goes into the bias of the next layer (or the
 *   mean of its BatchNorm). Where a convolution pads with zeros this would be wrong at the borders, so there a channel goes only if
 *   its constant is 0;
 * - features of a flattened image that a dense layer does not read (a `select` layer is put before it).
 *
 * A channel of a residual stream goes only when no block and no layer after the stage reads it. Each layer keeps at least one unit, and
 * the channels of the input image stay. Kept weights that only carried a constant are gone from the mask. The result compacted again is
 * the same. In training the two differ a little: the bias of a removed unit learns no more. Pure: O(parameters) times the few passes
 * that residual streams take.
 * @throws UserError if weights or mask do not fit the architecture
 */
export function compact(network: Network): Network {
  checkNetwork(network);
  const { architecture, mask } = network;
  const folded = foldConstants({ architecture, mask, weights: applyMask(network.weights, mask) });
  const groups = channelGroups(folded.architecture);
  const alive = readChannels(folded, groups);
  const choice = new Map<number, number[]>();
  const silenced = { ...folded, weights: { ...folded.weights }, mask: { ...folded.mask } };
  groups.groups.forEach(({ size, fixed, producers }, group) => {
    if (fixed) return;
    const picks = [...Array(size).keys()].filter((channel) => (alive[group] as Uint8Array)[channel] === 1);
    if (picks.length === size) return;
    // A layer has at least one unit: where none is read, one stays that reads nothing either.
    if (picks.length === 0) for (const name of producers) silence(silenced, name);
    choice.set(group, picks.length === 0 ? [0] : picks);
  });
  const small = selectFeatures(regroup(silenced, choice));
  const name = small.architecture.name.endsWith('~compact') ? small.architecture.name : `${small.architecture.name}~compact`;
  return { architecture: { ...small.architecture, name }, mask: small.mask, weights: small.weights };
}

/** For each group the channels that matter: 1 where a kept weight leads on to one that matters. */
function readChannels(network: Network, { groups, layers }: ChannelGroups): Uint8Array[] {
  const alive = groups.map(({ size, fixed }) => new Uint8Array(size).fill(fixed ? 1 : 0));
  // From the output back; blocks of a stage read each other's stream, so until nothing changes.
  for (let changed = true; changed; ) {
    changed = false;
    for (let group = groups.length - 1; group >= 0; group--) {
      const { size, readers, fixed } = groups[group] as ChannelGroups['groups'][number];
      if (fixed) continue;
      const own = alive[group] as Uint8Array;
      for (const name of readers) {
        const out = alive[layers.get(name)?.output.group as number] as Uint8Array;
        for (const channel of readBy(network, name, size, out)) {
          if (own[channel] === 1) continue;
          own[channel] = 1;
          changed = true;
        }
      }
    }
  }
  return alive;
}

/** The channels that a layer reads for those of its outputs that matter. */
function* readBy({ mask, architecture }: Network, name: string, channels: number, out: Uint8Array): Generator<number> {
  const kernel = `${name}/kernel`;
  if (!Object.hasOwn(mask, kernel)) {
    const layer = findLayer(architecture.layers, name);
    if (layer?.type === 'select') for (const [i, feature] of layer.indices.entries()) if (out[i] === 1) yield feature % channels;
    return;
  }
  const { shape, values } = get(mask, kernel);
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  // Features of a flattened image are numbered channels last, so that they fall on their channel like a kernel's inputs.
  for (let i = 0; i < values.length; i++)
    if (values[i] === 1 && out[i % outputs] === 1) yield (Math.floor(i / outputs) % inputs) % channels;
}

function silence(network: { weights: Record<string, NdArray>; mask: Record<string, NdArray<Uint8Array>> }, layer: string): void {
  const name = `${layer}/kernel`;
  if (!Object.hasOwn(network.mask, name)) return;
  network.weights[name] = zeros(get(network.weights, name), Float32Array);
  network.mask[name] = zeros(get(network.mask, name), Uint8Array);
}

function zeros<V extends Values>({ shape, values }: NdArray<V>, type: new (length: number) => V): NdArray<V> {
  return { shape, values: new type(values.length) };
}

/** Puts a `select` before each dense layer that comes right after a flatten and leaves features unread. */
function selectFeatures(network: Network): Network {
  const { groups, layers } = channelGroups(network.architecture);
  const weights: Record<string, NdArray> = { ...network.weights };
  const mask: Record<string, NdArray<Uint8Array>> = { ...network.mask };
  const edited = network.architecture.layers.flatMap((layer): Layer[] => {
    if (layer.type !== 'dense') return [layer];
    const { group, repeat } = (layers.get(layer.name) as { input: { group: number; repeat: number } }).input;
    const { size, fixed } = groups[group] as ChannelGroups['groups'][number];
    if (repeat === 1 && !(fixed && group === 0)) return [layer];
    const name = `${layer.name}/kernel`;
    const bits = get(mask, name).values;
    const read = [...spread([...Array(size).keys()], repeat, size)].filter((i) =>
      bits.subarray(i * layer.units, (i + 1) * layer.units).includes(1),
    );
    const indices = read.length === 0 ? [0] : read;
    if (indices.length === size * repeat) return [layer];
    weights[name] = gather(get(weights, name), 0, indices, 0);
    mask[name] = gather(get(mask, name), 0, indices, 0);
    return [{ type: 'select', name: `${layer.name}.select`, indices }, layer];
  });
  return { architecture: { ...network.architecture, layers: edited }, weights, mask };
}

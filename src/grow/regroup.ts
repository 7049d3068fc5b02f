/** Channels chosen anew: the one edit behind widening, new units and compaction. */
import { get, type NdArray, type Values } from '../array.js';
import type { Architecture, Layer, Parameter } from '../model/architecture.js';
import { mapNested } from '../model/nested.js';
import { parameters } from '../model/shapes.js';
import { type Channels, type ChannelGroups, channelGroups } from './channelGroups.js';
import type { Network } from './growthOperator.js';

/** For some groups, the old channel that each new one is (a copy of); -1 for one that is new. */
export type Choice = ReadonlyMap<number, ArrayLike<number>>;

/**
 * The network with the channels of each group as chosen. Kernels, biases, BatchNorm, masks and the indices of `select` follow.
 * A new channel (-1) has kernels 0 on both sides, all kept, and otherwise starts as its parameters do. Cost O(parameters).
 */
export function regroup(network: Network, choice: Choice): Network {
  const groups = channelGroups(network.architecture);
  const architecture = { ...network.architecture, layers: network.architecture.layers.map((layer) => resized(layer, groups, choice)) };
  const weights: Record<string, NdArray> = {};
  const mask: Record<string, NdArray<Uint8Array>> = {};
  const sources = parameters(network.architecture);
  parameters(architecture).forEach((p, i) => {
    const source = sources[i] as Parameter;
    weights[p.name] = chosen(get(network.weights, source.name), source, groups, choice, p.start ?? 0);
    if (p.prunable) mask[p.name] = chosen(get(network.mask, source.name), source, groups, choice, 1);
  });
  return { architecture, weights, mask };
}

/** The layer at the chosen size. */
function resized(layer: Layer, { groups, layers }: ChannelGroups, choice: Choice): Layer {
  const io = 'name' in layer ? layers.get(layer.name) : undefined;
  const out = io && choice.get(io.output.group);
  if (layer.type === 'dense') return out === undefined ? layer : { ...layer, units: out.length };
  if (layer.type === 'convolution') return out === undefined ? layer : { ...layer, filters: out.length };
  if (layer.type !== 'select')
    return mapNested(layer, (list) => list.map((inner) => resized(inner, { groups, layers } as ChannelGroups, choice)));
  if (io === undefined) return layer;
  const input = choice.get(io.input.group);
  const features = out === undefined ? layer.indices : Array.from(out, (i) => layer.indices[i] as number);
  if (input === undefined) return { ...layer, indices: features };
  const size = (groups[io.input.group] as { size: number }).size;
  const place = new Map(Array.from(input, (channel, i) => [channel, i]));
  return { ...layer, indices: features.map((i) => Math.floor(i / size) * input.length + (place.get(i % size) ?? 0)) };
}

function chosen<V extends Values>(
  array: NdArray<V>,
  p: Parameter,
  { groups, layers }: ChannelGroups,
  choice: Choice,
  fill: number,
): NdArray<V> {
  const io = layers.get(p.layer) as { input: Channels; output: Channels };
  const rank = array.shape.length;
  const axes: [number, Channels][] =
    p.role === 'kernel'
      ? [
          [rank - 2, io.input],
          [rank - 1, io.output],
        ]
      : [[0, io.output]];
  return axes.reduce((result, [axis, channels]) => {
    const picks = choice.get(channels.group);
    if (picks === undefined) return result;
    return gather(result, axis, spread(picks, channels.repeat, (groups[channels.group] as { size: number }).size), fill);
  }, array);
}

/** The indices of channels, for each place of a flattened image. */
export function spread(picks: ArrayLike<number>, repeat: number, size: number): Int32Array {
  const n = picks.length;
  return Int32Array.from({ length: n * repeat }, (_, i) => {
    const channel = picks[i % n] as number;
    return channel < 0 ? -1 : Math.floor(i / n) * size + channel;
  });
}

/**
 * Slices of an array along one axis, in the order of `indices`; -1 gives a slice of `fill`.
 * @example [...gather({ shape: [2, 2], values: new Float32Array([1, 2, 3, 4]) }, 1, [1, 1, -1], 9).values] // => [2, 2, 9, 4, 4, 9]
 */
export function gather<V extends Values>(
  { shape, values }: NdArray<V>,
  axis: number,
  indices: ArrayLike<number>,
  fill: number,
): NdArray<V> {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  const [before, n, after] = [product(shape.slice(0, axis)), shape[axis] as number, product(shape.slice(axis + 1))];
  const result = new (values.constructor as new (length: number) => V)(before * indices.length * after).fill(fill) as V;
  for (let b = 0; b < before; b++) {
    for (let i = 0; i < indices.length; i++) {
      const from = indices[i] as number;
      if (from < 0) continue;
      const source = (b * n + from) * after;
      result.set(values.subarray(source, source + after), (b * indices.length + i) * after);
    }
  }
  return { shape: [...shape.slice(0, axis), indices.length, ...shape.slice(axis + 1)], values: result };
}

/** The group that a layer's outputs, a block or the last block of a stage belongs to; undefined where there is none. */
export function groupOf(architecture: Architecture, name: string): number | undefined {
  const { layers, blocks } = channelGroups(architecture);
  const stage = [...blocks.keys()].filter((block) => block.startsWith(`${name}.`)).pop();
  return (layers.get(name)?.output ?? blocks.get(name) ?? blocks.get(stage ?? ''))?.group;
}

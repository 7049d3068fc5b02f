/** Which layers share channels: what has to change together when a channel is added, copied or removed. */
import { mismatched } from '../check.js';
import type { Architecture, Layer, Shape } from '../model/architecture.js';
import { kindOf } from '../model/layers/kinds.js';

/** Values of a group as a layer meets them: each channel `repeat` times, channels last (after a flatten of height x width). */
export interface Channels {
  readonly group: number;
  readonly repeat: number;
}

export interface ChannelGroup {
  /** How many channels. */
  readonly size: number;
  /** Whether the network's input or output is in it, so that it cannot change. */
  readonly fixed: boolean;
  /** Layers whose outputs these channels are; more than one on the stream of a residual stage. */
  readonly producers: readonly string[];
  /** Layers whose kernels (or, for `select`, indices) read these channels. */
  readonly readers: readonly string[];
}

export interface ChannelGroups {
  readonly groups: readonly ChannelGroup[];
  /** By name of a dense, convolution, batchNorm or select layer: what enters and what leaves. */
  readonly layers: ReadonlyMap<string, { readonly input: Channels; readonly output: Channels }>;
  /** By name of a residual block: the stream that it adds to. */
  readonly blocks: ReadonlyMap<string, Channels>;
}

/**
 * The groups of channels of an architecture. Group 0 is its input. Each dense, convolution and select layer starts a group;
 * body and shortcut of a residual block end in the same one.
 */
export function channelGroups(architecture: Architecture): ChannelGroups {
  const parent = [0];
  const sizes = [architecture.input[architecture.input.length - 1] as number];
  const layers = new Map<string, { input: Channels; output: Channels; starts: boolean }>();
  const blocks = new Map<string, Channels>();
  const outputs: Channels[] = [];

  const rootOf = (group: number): number => (parent[group] === group ? group : rootOf(parent[group] as number));
  const start = (size: number): Channels => {
    parent.push(parent.length);
    sizes.push(size);
    return { group: parent.length - 1, repeat: 1 };
  };
  const walk = (list: readonly Layer[], entering: Channels, enteringShape: Shape): Channels => {
    let input = entering;
    let shape = enteringShape;
    for (const layer of list) {
      const output = through(layer, input, shape);
      shape = kindOf(layer).outputShape(layer, shape);
      input = output;
    }
    return input;
  };
  const through = (layer: Layer, input: Channels, shape: Shape): Channels => {
    switch (layer.type) {
      case 'dense':
      case 'convolution':
      case 'select': {
        const output = start(layer.type === 'dense' ? layer.units : layer.type === 'select' ? layer.indices.length : layer.filters);
        layers.set(layer.name, { input, output, starts: true });
        return output;
      }
      case 'batchNorm':
        layers.set(layer.name, { input, output: input, starts: false });
        return input;
      case 'flatten':
        return { group: input.group, repeat: input.repeat * shape.slice(0, -1).reduce((a, b) => a * b, 1) };
      case 'residual': {
        const body = walk(layer.body, input, shape);
        const shortcut = walk(layer.shortcut ?? [], input, shape);
        if (body.repeat !== shortcut.repeat || sizes[body.group] !== sizes[shortcut.group]) {
          throw mismatched(
            `channels in residual block '${layer.name}'`,
            'as many in the body',
            'other in the shortcut',
            'flatten after the block',
          );
        }
        // The older group is the root, so that the input's stays 0.
        const [a, b] = [rootOf(body.group), rootOf(shortcut.group)];
        parent[Math.max(a, b)] = Math.min(a, b);
        blocks.set(layer.name, body);
        return body;
      }
      case 'heads': {
        for (const { layers } of layer.heads) outputs.push(walk(layers, input, shape));
        return outputs[0] as Channels;
      }
      default:
        return input;
    }
  };

  outputs.push(walk(architecture.layers, { group: 0, repeat: 1 }, architecture.input));
  const roots = parent.flatMap((_, group) => (rootOf(group) === group ? [group] : []));
  const settle = ({ group, repeat }: Channels): Channels => ({ group: roots.indexOf(rootOf(group)), repeat });
  const settled = new Map(
    [...layers].map(([name, { input, output, starts }]) => [name, { input: settle(input), output: settle(output), starts }]),
  );
  const namesWhere = (test: (io: { input: Channels; output: Channels; starts: boolean }) => boolean): string[] =>
    [...settled].filter(([, io]) => io.starts && test(io)).map(([name]) => name);
  const fixed = new Set([0, ...outputs.map((output) => settle(output).group)]);
  const groups = roots.map((root, group) => ({
    size: sizes[root] as number,
    fixed: fixed.has(group),
    producers: namesWhere(({ output }) => output.group === group),
    readers: namesWhere(({ input }) => input.group === group),
  }));
  return { groups, layers: settled, blocks: new Map([...blocks].map(([name, channels]) => [name, settle(channels)])) };
}

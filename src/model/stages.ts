/** How an architecture repeats itself: stages of blocks, read off its layers. Elastic transfer maps blocks to blocks. */
import { sameShape } from '../array.js';
import type { Architecture, Layer, Shape } from './architecture.js';
import { layerShapes } from './shapes.js';

/** What can be repeated or left out as a whole: a layer with kernels and the BatchNorm, activation and dropout that follow it. */
export interface Block {
  /** Name of its first layer. */
  readonly name: string;
  /** Top-level layers; a residual block is one of them. */
  readonly layers: readonly Layer[];
  readonly input: Shape;
  readonly output: Shape;
  /** Whether its output has another shape than its input: fewer pixels, other channels or features. */
  readonly downSamples: boolean;
  /**
   * Whether it brings in the shape of its stage, and so stands there exactly once: the first block of a stage of residual blocks or
   * convolutions, and a first dense layer that changes the number of features.
   */
  readonly leads: boolean;
}

/** Blocks of one kind, one behind the other, with outputs of one shape. */
export interface Stage {
  readonly blocks: readonly Block[];
}

/** A stretch of an architecture: a stage, or layers that every member of the family has once. */
export type Part = { readonly stage: Stage; readonly frame?: never } | { readonly frame: readonly Layer[]; readonly stage?: never };

type Kind = 'dense' | 'convolution' | 'residual';

/**
 * The stages of an architecture in forward order, without its frame. Blocks of a stage follow each other with nothing between (a
 * pooling or `flatten` ends a stage), are of one kind and have one output shape. The last layer with a kernel is the output and part
 * of the frame; in a network with residual blocks so are all layers outside of them.
 *
 * ResNet-20 has three stages of three blocks; an MLP one stage for each width; VGG five of convolutions and one of dense layers.
 * @example stagesOf({ name: 'mlp', input: [8], layers: [3, 3, 2].map((units, i) => ({ type: 'dense', name: `dense${i}`, units })) })[0].blocks.length // => 2
 */
export function stagesOf(architecture: Architecture): readonly Stage[] {
  return partsOf(architecture).flatMap(({ stage }) => (stage === undefined ? [] : [stage]));
}

/** The whole architecture as stages and the frame between them, in forward order. */
export function partsOf(architecture: Architecture): readonly Part[] {
  const units = unitsOf(architecture);
  const residual = units.some(({ kind }) => kind === 'residual');
  const output = units.reduce((found, { kind }, i) => (kind === undefined ? found : i), -1);
  const parts: Part[] = [];
  let last: (Unit & { kind: Kind }) | undefined;
  units.forEach((unit, i) => {
    const { kind, layers, input, output: shape } = unit;
    if (kind === undefined || i === output || (residual && kind !== 'residual')) {
      parts.push({ frame: layers });
      last = undefined;
      return;
    }
    const goesOn = last !== undefined && last.kind === kind && sameShape(last.output, shape);
    const downSamples = !sameShape(input, shape);
    const first = layers[0] as Layer & { readonly name: string };
    const block: Block = {
      ...{ name: first.name, layers, input, output: shape, downSamples },
      leads: !goesOn && (kind !== 'dense' || downSamples),
    };
    const before = goesOn ? parts.pop()?.stage : undefined;
    parts.push({ stage: { blocks: [...(before?.blocks ?? []), block] } });
    last = { ...unit, kind };
  });
  return parts;
}

interface Unit {
  /** Undefined for layers without kernels that belong to no block. */
  readonly kind: Kind | undefined;
  readonly layers: readonly Layer[];
  readonly input: Shape;
  readonly output: Shape;
}

const followers = new Set<Layer['type']>(['batchNorm', 'activation', 'dropout']);

function unitsOf(architecture: Architecture): Unit[] {
  const units: Unit[] = [];
  for (const { layer, input, output } of layerShapes(architecture)) {
    const last = units.at(-1);
    const kind = layer.type === 'dense' || layer.type === 'convolution' || layer.type === 'residual' ? layer.type : undefined;
    if (kind === undefined && last?.kind !== undefined && followers.has(layer.type)) {
      units[units.length - 1] = { ...last, layers: [...last.layers, layer], output };
    } else units.push({ kind, layers: [layer], input, output });
  }
  return units;
}

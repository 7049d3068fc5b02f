/** What the axes of each kernel stand for, which the kernel's shape alone does not say. */
import type { Architecture, Layer, Shape } from '../architecture.js';
import { kindOf } from '../layers/kinds.js';

/**
 * `pixels`: height and width of the image that a dense layer reads flattened; `kernels`: height and width of a convolution's kernel;
 * `inputs`: channels or units that a layer reads; `outputs`: units or filters. Pixels and kernels have a geometry: neighbours are alike.
 * Inputs and outputs have none, since any order of the hidden units gives the same network.
 */
export type AxisRole = 'pixels' | 'kernels' | 'inputs' | 'outputs';

export interface Axis {
  readonly role: AxisRole;
  readonly size: number;
}

/** A kernel as bases see it. */
export interface Kernel {
  readonly name: string;
  readonly shape: readonly number[];
  /** Their sizes multiply to the number of weights, in row-major order. */
  readonly axes: readonly Axis[];
  /** Whether it is the kernel of the last layer, whose outputs are the classes. */
  readonly last: boolean;
}

/**
 * The prunable kernels of an architecture with the roles of their axes, in forward order.
 * @example kernelAxes({ name: 'a', input: [4, 3, 2], layers: [{ type: 'flatten' }, { type: 'dense', name: 'd', units: 5 }] })[0].axes.map((axis) => axis.size) // => [4, 3, 2, 5]
 */
export function kernelAxes(architecture: Architecture): Kernel[] {
  const found = walk(architecture.layers, architecture.input);
  return found.map((kernel, i) => ({ ...kernel, last: i === found.length - 1 }));
}

function walk(layers: readonly Layer[], input: Shape): Kernel[] {
  const kernels: Kernel[] = [];
  let shape = input;
  // The image that features come from, while their order is still that of its pixels.
  let image: Shape | undefined;
  for (const layer of layers) {
    if (layer.type === 'residual') kernels.push(...walk(layer.body, shape), ...walk(layer.shortcut ?? [], shape));
    else {
      const kernel = kindOf<Layer>(layer)
        .parameters(layer, shape)
        .find((p) => p.prunable);
      if (kernel !== undefined)
        kernels.push({ name: kernel.name, shape: kernel.shape, axes: axesOf(layer, kernel.shape, image), last: false });
    }
    if (layer.type === 'flatten') image = shape.length === 3 ? shape : image;
    else if (!['activation', 'dropout', 'batchNorm'].includes(layer.type)) image = undefined;
    shape = kindOf<Layer>(layer).outputShape(layer, shape);
  }
  return kernels;
}

function axesOf(layer: Layer, shape: readonly number[], image: Shape | undefined): Axis[] {
  const [inputs = 1, outputs = 1] = shape.slice(-2);
  const rest: Axis[] = [
    { role: 'inputs', size: image?.[2] ?? inputs },
    { role: 'outputs', size: outputs },
  ];
  if (layer.type === 'convolution') return [...sides('kernels', shape), ...rest];
  return image === undefined ? rest : [...sides('pixels', image), ...rest];
}

function sides(role: AxisRole, [height = 1, width = 1]: Shape): Axis[] {
  return [
    { role, size: height },
    { role, size: width },
  ];
}

/** Which values inside a network can depend on the input through kept weights. */
import { sameShape, size } from '../array.js';
import { mismatched } from '../check.js';
import type { Mask } from '../mask.js';
import type { Architecture, Convolution, Dense, Layer, Pool, Shape } from '../model/architecture.js';
import { kindOf } from '../model/layers/kinds.js';

/** A layer's output: its shape, and 1 for each value that a path of kept weights reaches from the input. */
export interface Reached {
  readonly layer: Layer;
  readonly shape: Shape;
  readonly live: Uint8Array;
}

/**
 * The reached values after each top-level layer, every input pixel counted as live. Exact in space: a kernel position that only ever
 * meets padding carries nothing. Biases, BatchNorm and activations are taken to pass what they get (a unit that only its bias feeds
 * is not reached; a gamma of 0 or a ReLU that never fires is not seen). A residual block's sum is reached through either side.
 * Cost: at most the multiply-adds of one example's pass through kept weights; much less where layers are dense.
 * @throws UserError if a mask array has another shape than the architecture's kernel
 */
export function reachable(architecture: Architecture, mask: Mask): Reached[] {
  const steps: Reached[] = [];
  let shape = architecture.input;
  let live: Uint8Array = new Uint8Array(size(shape)).fill(1);
  for (const layer of architecture.layers) {
    live = through(layer, live, shape, mask);
    shape = kindOf(layer).outputShape(layer, shape);
    steps.push({ layer, shape, live });
  }
  return steps;
}

function through(layer: Layer, live: Uint8Array, input: Shape, mask: Mask): Uint8Array {
  switch (layer.type) {
    case 'dense':
      return throughDense(live, layer.units, keptIn(layer, input, mask));
    case 'convolution':
      return throughConvolution(layer, live, input, keptIn(layer, input, mask));
    case 'maxPool':
    case 'averagePool':
      return throughPool(layer, live, input);
    case 'globalAveragePool': {
      const channels = input[2] as number;
      return anyOf(channels, live, (i) => i % channels);
    }
    case 'select':
      return Uint8Array.from(layer.indices, (i) => live[i] as number);
    case 'upsample': {
      const [, width, channels] = input as [number, number, number];
      return Uint8Array.from({ length: 4 * live.length }, (_, i) => {
        const [y, x] = [Math.floor(i / channels / (2 * width)), Math.floor(i / channels) % (2 * width)];
        return live[((y >> 1) * width + (x >> 1)) * channels + (i % channels)] as number;
      });
    }
    case 'heads': {
      const parts = layer.heads.map(({ layers }) => throughAll(layers, live, input, mask));
      const [rows = 1, columns = 1] = kindOf<Layer>(layer).outputShape(layer, input).length === 3 ? input : [];
      const pixels = rows * columns;
      return Uint8Array.from(
        Array.from({ length: pixels }, (_, pixel) =>
          parts.flatMap((part) => [...part.subarray((pixel * part.length) / pixels, ((pixel + 1) * part.length) / pixels)]),
        ).flat(),
      );
    }
    case 'residual': {
      const body = throughAll(layer.body, live, input, mask);
      const shortcut = throughAll(layer.shortcut ?? [], live, input, mask);
      return body.map((value, i) => value | (shortcut[i] as number));
    }
    default:
      // Flatten keeps row-major order, and the others act on each value.
      return live;
  }
}

function throughAll(layers: readonly Layer[], live: Uint8Array, input: Shape, mask: Mask): Uint8Array {
  let shape = input;
  return layers.reduce((values, layer) => {
    const next = through(layer, values, shape, mask);
    shape = kindOf(layer).outputShape(layer, shape);
    return next;
  }, live);
}

/** The mask of a layer's kernel, or undefined where the mask does not name it and all is kept. */
function keptIn(layer: Dense | Convolution, input: Shape, mask: Mask): Uint8Array | undefined {
  const name = `${layer.name}/kernel`;
  const found = Object.hasOwn(mask, name) ? mask[name] : undefined;
  const shape = kindOf<Layer>(layer).parameters(layer, input)[0]?.shape ?? [];
  if (found !== undefined && !sameShape(found.shape, shape)) {
    throw mismatched(`mask '${name}'`, `shape [${shape}]`, `[${found.shape}]`, 'use the mask of this architecture');
  }
  return found?.values;
}

function throughDense(live: Uint8Array, units: number, keeps: Uint8Array | undefined): Uint8Array {
  const result = new Uint8Array(units);
  for (let i = 0; i < live.length; i++) {
    if (live[i] === 0) continue;
    if (keeps === undefined) return result.fill(1);
    for (let j = 0; j < units; j++) result[j] = (result[j] as number) | (keeps[i * units + j] as number);
  }
  return result;
}

function throughConvolution(layer: Convolution, live: Uint8Array, input: Shape, keeps: Uint8Array | undefined): Uint8Array {
  const [height, width, inputs] = input as [number, number, number];
  const [rows, columns, filters] = kindOf<Layer>(layer).outputShape(layer, input) as [number, number, number];
  const { size: side, stride = 1, padding = 'same' } = layer;
  const top = paddingBefore(height, rows, side, stride, padding);
  const left = paddingBefore(width, columns, side, stride, padding);
  const taps = tapsByFilter(side * side * inputs, filters, keeps);
  const result = new Uint8Array(rows * columns * filters);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let filter = 0; filter < filters; filter++) {
        const isLive = (taps[filter] as number[]).some((tap) => {
          const position = Math.floor(tap / inputs);
          const row = y * stride - top + Math.floor(position / side);
          const column = x * stride - left + (position % side);
          if (row < 0 || row >= height || column < 0 || column >= width) return false;
          return live[(row * width + column) * inputs + (tap % inputs)] === 1;
        });
        if (isLive) result[(y * columns + x) * filters + filter] = 1;
      }
    }
  }
  return result;
}

/** For each filter the kept positions of its kernel, numbered over [height, width, inputs]. */
function tapsByFilter(positions: number, filters: number, keeps: Uint8Array | undefined): number[][] {
  return Array.from({ length: filters }, (_, filter) => {
    const taps: number[] = [];
    for (let tap = 0; tap < positions; tap++) if (keeps === undefined || keeps[tap * filters + filter] === 1) taps.push(tap);
    return taps;
  });
}

function throughPool(layer: Pool, live: Uint8Array, input: Shape): Uint8Array {
  const [height, width, channels] = input as [number, number, number];
  const [rows, columns] = kindOf<Layer>(layer).outputShape(layer, input) as [number, number, number];
  const { size: side, stride = side, padding = 'valid' } = layer;
  const top = paddingBefore(height, rows, side, stride, padding);
  const left = paddingBefore(width, columns, side, stride, padding);
  const result = new Uint8Array(rows * columns * channels);
  for (let i = 0; i < result.length; i++) {
    const [y, x, channel] = [Math.floor(i / channels / columns), Math.floor(i / channels) % columns, i % channels];
    for (let row = Math.max(0, y * stride - top); row < Math.min(height, y * stride - top + side); row++) {
      for (let column = Math.max(0, x * stride - left); column < Math.min(width, x * stride - left + side); column++) {
        if (live[(row * width + column) * channels + channel] === 1) result[i] = 1;
      }
    }
  }
  return result;
}

function anyOf(length: number, live: Uint8Array, index: (i: number) => number): Uint8Array {
  const result = new Uint8Array(length);
  for (let i = 0; i < live.length; i++) if (live[i] === 1) result[index(i)] = 1;
  return result;
}

/** Zeros before the first pixel; TensorFlow's 'same' puts the odd one after the last. */
function paddingBefore(n: number, windows: number, size: number, stride: number, padding: 'same' | 'valid'): number {
  return padding === 'valid' ? 0 : Math.floor(Math.max(0, (windows - 1) * stride + size - n) / 2);
}

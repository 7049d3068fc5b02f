/** An architecture as the list of numbers from which the sparse kernels (native/sparse/network.h) build a network. */
import { UserError } from '../../check.js';
import type { Dataset } from '../../dataset/dataset.js';
import type { Architecture, BatchNorm, Convolution, Dense, Layer, Parameter, Pool, Shape } from '../../model/architecture.js';
import { kindOf } from '../../model/layers/kinds.js';
import { parameters } from '../../model/shapes.js';
import type { AugmentationName } from '../augment.js';
import type { LossName } from '../losses.js';

export interface PlanOptions {
  readonly architecture: Architecture;
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly loss: LossName;
  readonly augmentation: AugmentationName;
}

/** Numbers of the operations, as in `readOperation` of network.h. */
const types = {
  linear: 0,
  batchNorm: 1,
  relu: 2,
  tanh: 3,
  sigmoid: 4,
  maxPool: 5,
  averagePool: 6,
  globalAveragePool: 7,
  flatten: 8,
  select: 9,
  add: 10,
  dropout: 11,
};

/** Operations that work pixel by pixel: their input's gradient may take the place of their output's. */
const inPlace = new Set<keyof typeof types>(['batchNorm', 'relu', 'tanh', 'sigmoid', 'add', 'dropout']);

interface TensorPlan {
  readonly shape: Shape;
  /** Pixels of zeros around each plane, so that a shifted plane needs no test at its edges. */
  border: number;
  /** Values out of a ReLU whose gradient is masked by whoever writes it. */
  readonly masked: boolean;
  /** Whether anything before it has parameters. */
  readonly wanted: boolean;
  readers: number;
  /** Which piece of memory holds its gradient. */
  slot: number;
}

interface OperationPlan {
  readonly type: keyof typeof types;
  /** Tensors read; for `add`, and for a `batchNorm` that ends a block's body, the body and then the shortcut. */
  readonly inputs: readonly number[];
  readonly out: number;
  /** What follows the tensors' numbers in the plan. */
  readonly rest: readonly number[];
  /** By input: whether an operation further on has written to its gradient before. */
  add: boolean[];
}

const CROP_FLIP_DRAWS = 3;
const unknown: readonly Layer['type'][] = ['upsample', 'heads'];

/** The type of a layer that the kernels do not know, or undefined. */
export function layerWithoutKernel(layers: readonly Layer[]): string | undefined {
  for (const layer of layers) {
    if (unknown.includes(layer.type)) return layer.type;
    const inside = layer.type === 'residual' ? layerWithoutKernel([...layer.body, ...(layer.shortcut ?? [])]) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** The plan of a network and its training. */
export function plan({ architecture, dataset, batchSize, loss, augmentation }: PlanOptions): Int32Array {
  const list = parameters(architecture);
  const { tensors, operations, logits } = graph(architecture, list, augmentation === 'cropFlip' ? CROP_FLIP_DRAWS : 0);
  equalBorders(tensors, operations);
  assignGradients(tensors, operations, logits);
  const [height, width, channels] = dataset.shape;
  const kernels = kernelNumbers(architecture);
  return Int32Array.from([
    ...[batchSize, height, width, channels],
    ...dataset.std.flatMap((std, c) => [bits(1 / (255 * std)), bits(-(dataset.mean[c] as number) / std)]),
    ...[augmentation === 'cropFlip' ? 1 : 0, loss === 'squaredError' ? 1 : 0],
    ...[tensors.length, list.length, operations.length],
    ...tensors.flatMap(({ shape, border, slot, masked }) => [shape.length === 1 ? 1 : 0, ...planes(shape), border, slot, masked ? 1 : 0]),
    logits,
    ...list.flatMap((p) => (p.prunable ? [2, ...(kernels.get(p.name) as number[])] : [p.trainable ? 0 : 1, p.shape[0] as number])),
    ...operations.flatMap(({ type, inputs, out, rest, add }) => {
      const [a = -1, b = -1] = inputs;
      const [addA = 0, addB = 0] = add.map(Number);
      if (type === 'add') return [types.add, a, addA, b, addB, out, ...rest];
      return [types[type], a, out, addA, ...rest, ...(type === 'batchNorm' ? [b, addB] : [])];
    }),
  ]);
}

/** Tensors and operations in forward order. */
function graph(architecture: Architecture, list: readonly Parameter[], firstDraw: number) {
  const tensors: TensorPlan[] = [];
  const operations: OperationPlan[] = [];
  let draws = firstDraw;
  const index = (name: string): number => list.findIndex((p) => p.name === name);
  const tensor = (shape: Shape, masked: boolean, wanted: boolean): number =>
    tensors.push({ shape, border: 0, masked, wanted, readers: 0, slot: -1 }) - 1;
  const at = (i: number): TensorPlan => tensors[i] as TensorPlan;

  const operation = (
    type: keyof typeof types,
    inputs: number[],
    shape: Shape,
    rest: number[],
    { masked = false, owns = false } = {},
  ): number => {
    for (const i of inputs) at(i).readers++;
    const out = tensor(shape, masked, owns || inputs.some((i) => at(i).wanted));
    operations.push({ type, inputs, out, rest, add: inputs.map(() => false) });
    return out;
  };

  const normalise = (layer: BatchNorm, inputs: number[], shape: Shape, relu: number): number => {
    const roles = ['gamma', 'beta', 'mean', 'variance'].map((role) => index(`${layer.name}/${role}`));
    return operation('batchNorm', inputs, shape, [...roles, relu], { owns: layer.affine !== false });
  };
  const layerOut = (layer: Layer, x: number, relu: boolean): number => {
    const shape = kindOf(layer).outputShape(layer, at(x).shape);
    const fused = relu ? 1 : 0;
    switch (layer.type) {
      case 'dense':
      case 'convolution': {
        const out = operation('linear', [x], shape, [index(`${layer.name}/kernel`), index(`${layer.name}/bias`), fused], {
          masked: relu,
          owns: true,
        });
        widenBorders(layer, at(x), at(out));
        return out;
      }
      case 'batchNorm':
        return normalise(layer, [x], shape, fused);
      case 'residual': {
        const last = layer.body.at(-1);
        const body = walk(last?.type === 'batchNorm' ? layer.body.slice(0, -1) : layer.body, x);
        const shortcut = walk(layer.shortcut ?? [], x);
        // A BatchNorm at the end of the body adds the shortcut while its result is in a register.
        if (last?.type === 'batchNorm') return normalise(last, [body, shortcut], shape, fused);
        return operation('add', [body, shortcut], shape, [fused]);
      }
      case 'activation':
        return operation(layer.function, [x], shape, [], { masked: layer.function === 'relu' });
      case 'maxPool':
      case 'averagePool':
        return operation(layer.type, [x], shape, poolNumbers(layer, at(x).shape, shape));
      case 'globalAveragePool':
      case 'flatten':
        return at(x).shape.length === 1 ? x : operation(layer.type, [x], shape, []);
      case 'select':
        return operation('select', [x], shape, [layer.indices.length, ...layer.indices]);
      case 'dropout':
        return layer.rate === 0 ? x : operation('dropout', [x], shape, [bits(layer.rate), draws++]);
      case 'upsample':
      case 'heads':
        throw new UserError(`the sparse kernels know no '${layer.type}' layer: use the compiled engine`);
    }
  };
  const walk = (layers: readonly Layer[], start: number): number => {
    let x = start;
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i] as Layer;
      const next = layers[i + 1];
      // These apply a ReLU that follows them while their result is in a register.
      const relu =
        ['dense', 'convolution', 'batchNorm', 'residual'].includes(layer.type) && next?.type === 'activation' && next.function === 'relu';
      x = layerOut(layer, x, relu);
      if (relu) i++;
    }
    return x;
  };

  // A flatten at the start costs nothing: the images are gathered as features.
  const flat = architecture.layers[0]?.type === 'flatten';
  const input = tensor(flat ? [architecture.input.reduce((a, b) => a * b, 1)] : architecture.input, false, false);
  const logits = walk(architecture.layers.slice(flat ? 1 : 0), input);
  return { tensors, operations, logits };
}

/**
 * Gives each gradient a piece of memory, from the last operation to the first. A piece is free again when the operation before its
 * tensor is done, and serves the next tensor of the same layout: few pieces, which stay in the cache. Where a BatchNorm ends a block's
 * body the shortcut's gradient is the output's, so that nothing is copied; else the body's takes its place.
 */
function assignGradients(tensors: readonly TensorPlan[], operations: readonly OperationPlan[], logits: number): void {
  const free = new Map<string, number[]>();
  const layout = ({ shape, border }: TensorPlan): string => `${shape.length} ${planes(shape)} ${border}`;
  let slots = 0;
  const take = (t: TensorPlan): void => {
    t.slot = free.get(layout(t))?.pop() ?? slots++;
  };
  take(tensors[logits] as TensorPlan);
  for (const { type, inputs, out, add } of [...operations].reverse()) {
    const output = tensors[out] as TensorPlan;
    if (output.slot < 0) continue;
    let reused = false;
    // The shortcut first: the body's gradient may take the output's place, which is read before.
    for (let i = inputs.length - 1; i >= 0; i--) {
      const input = tensors[inputs[i] as number] as TensorPlan;
      if (!input.wanted) continue;
      add[i] = input.slot >= 0;
      if (add[i]) continue;
      const shared = i === 0 ? inPlace.has(type) && input.readers === 1 : type === 'batchNorm' && !input.masked;
      if (shared && !reused && layout(input) === layout(output)) {
        input.slot = output.slot;
        reused = true;
      } else {
        take(input);
      }
    }
    if (!reused) free.set(layout(output), [...(free.get(layout(output)) ?? []), output.slot]);
  }
  // Numbered as they come in forward order, which is how the kernels make them.
  const order = new Map<number, number>();
  for (const t of tensors) {
    if (t.slot < 0) continue;
    if (!order.has(t.slot)) order.set(t.slot, order.size);
    t.slot = order.get(t.slot) as number;
  }
}

/** Borders wide enough for the shifted planes of a convolution, of its input forward and of its output's gradient backward. */
function widenBorders(layer: Dense | Convolution, input: TensorPlan, output: TensorPlan): void {
  if (layer.type === 'dense') return;
  const { size, stride = 1 } = layer;
  for (const axis of [0, 1]) {
    const [n, m] = [input.shape[axis] as number, output.shape[axis] as number];
    const before = padBefore(n, m, size, stride, layer.padding ?? 'same');
    input.border = Math.max(input.border, before, (m - 1) * stride - before + size - n);
    if (!input.wanted) continue;
    output.border = Math.max(output.border, -Math.ceil((before - size + 1) / stride), Math.floor((n - 1 + before) / stride) - m + 1);
  }
}

/** Both sides of a BatchNorm are laid out alike, so that their gradients can share memory. */
function equalBorders(tensors: readonly TensorPlan[], operations: readonly OperationPlan[]): void {
  for (const { type, inputs, out } of operations) {
    if (type !== 'batchNorm') continue;
    const both = [tensors[inputs[0] as number] as TensorPlan, tensors[out] as TensorPlan];
    const border = Math.max(...both.map((t) => t.border));
    for (const t of both) t.border = border;
  }
}

/** Pixels of padding before the first, as TensorFlow has them: 'same' puts the smaller half there. */
function padBefore(inputs: number, outputs: number, size: number, stride: number, padding: 'same' | 'valid'): number {
  return padding === 'valid' ? 0 : Math.floor(Math.max(0, (outputs - 1) * stride + size - inputs) / 2);
}

function poolNumbers({ size, stride = size, padding = 'valid' }: Pool, input: Shape, output: Shape): number[] {
  const pads = [0, 1].map((axis) => padBefore(input[axis] as number, output[axis] as number, size, stride, padding));
  return [size, stride, ...pads];
}

/** By parameter name: size, stride, padding, inputs, outputs of each kernel. */
function kernelNumbers(architecture: Architecture): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const visit = (layers: readonly Layer[], start: Shape): void => {
    let shape = start;
    for (const layer of layers) {
      const output = kindOf(layer).outputShape(layer, shape);
      if (layer.type === 'dense') found.set(`${layer.name}/kernel`, [1, 1, 0, 0, shape[0] as number, layer.units]);
      if (layer.type === 'convolution') {
        const { size, stride = 1, padding = 'same' } = layer;
        const pads = [0, 1].map((axis) => padBefore(shape[axis] as number, output[axis] as number, size, stride, padding));
        found.set(`${layer.name}/kernel`, [size, stride, ...pads, shape[2] as number, layer.filters]);
      }
      if (layer.type === 'residual') {
        visit(layer.body, shape);
        visit(layer.shortcut ?? [], shape);
      }
      shape = output;
    }
  };
  visit(architecture.layers, architecture.input);
  return found;
}

/** [channels, height, width]; features have one row and one column. */
function planes(shape: Shape): number[] {
  const [height, width, channels] = shape as [number, number, number];
  return shape.length === 1 ? [height, 1, 1] : [channels, height, width];
}

/** The bits of a float32, as a whole number. */
function bits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0] as number;
}

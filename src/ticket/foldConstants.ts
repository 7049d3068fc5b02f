/** Units without incoming weights give a constant: it is worked out and moved into the next layer. */
import { get, type NdArray } from '../array.js';
import type { Network } from '../grow/growthOperator.js';
import type { Activation, BatchNorm, Convolution, Dense, Layer, Shape } from '../model/architecture.js';
import { EPSILON } from '../model/layers/batchNorm.js';
import { kindOf } from '../model/layers/kinds.js';
import { parameters } from '../model/shapes.js';

/** For each channel its value where it is the same for every input and place, else NaN. */
type Constants = Float64Array;

interface Work {
  readonly weights: Record<string, NdArray>;
  readonly mask: Record<string, NdArray<Uint8Array>>;
}

/**
 * The same outputs in evaluation mode, with no kept weight that reads a constant if that can be helped: its contribution goes into the
 * bias of the layer, or the mean of the BatchNorm after it, or a new bias where there is neither. It can't be helped where a convolution
 * pads with zeros and the constant isn't 0. Shapes stay, but for new biases. Pruned weights must be 0.
 */
export function foldConstants(network: Network): Network {
  const work: Work = { weights: { ...network.weights }, mask: { ...network.mask } };
  const { input } = network.architecture;
  const channels = new Float64Array(input[input.length - 1] as number).fill(Number.NaN);
  const { layers } = walk(network.architecture.layers, channels, input, work);
  const architecture = { ...network.architecture, layers };
  const ordered = parameters(architecture).map((p): [string, NdArray] => [p.name, get(work.weights, p.name)]);
  return { architecture, weights: Object.fromEntries(ordered), mask: work.mask };
}

function walk(list: readonly Layer[], entering: Constants, enteringShape: Shape, work: Work): { layers: Layer[]; constants: Constants } {
  let constants = entering;
  let shape = enteringShape;
  const layers = list.map((layer, i): Layer => {
    const next = list[i + 1];
    const result = through(layer, next?.type === 'batchNorm' ? next : undefined, constants, shape, work);
    shape = kindOf(layer).outputShape(layer, shape);
    constants = result.constants;
    return result.layer;
  });
  return { layers, constants };
}

function through(
  layer: Layer,
  norm: BatchNorm | undefined,
  x: Constants,
  shape: Shape,
  work: Work,
): { layer: Layer; constants: Constants } {
  switch (layer.type) {
    case 'dense':
      return fold(layer, norm, x, true, work);
    case 'convolution':
      return fold(layer, norm, x, !padsWithZeros(layer, shape), work);
    case 'batchNorm':
      return { layer, constants: normalised(layer, x, work) };
    case 'activation':
      return { layer, constants: x.map((value) => activated(layer.function, value)) };
    case 'select':
      return { layer, constants: Float64Array.from(layer.indices, (i) => x[i % x.length] as number) };
    case 'residual': {
      const body = walk(layer.body, x, shape, work);
      const shortcut = walk(layer.shortcut ?? [], x, shape, work);
      const constants = body.constants.map((value, i) => value + (shortcut.constants[i] as number));
      return { layer: { ...layer, body: body.layers, ...(layer.shortcut && { shortcut: shortcut.layers }) }, constants };
    }
    case 'heads': {
      const heads = layer.heads.map((head) => ({ name: head.name, ...walk(head.layers, x, shape, work) }));
      const constants = Float64Array.from(heads.flatMap((head) => [...head.constants]));
      return { layer: { ...layer, heads: heads.map(({ name, layers }) => ({ name, layers })) }, constants };
    }
    default:
      // Pools and the mean of equal values give that value ('same' padding is not counted), a flatten repeats it, dropout is off.
      return { layer, constants: x };
  }
}

/** Takes the kept weights that read a constant out of a kernel; its outputs are constant where none is left. */
function fold(
  layer: Dense | Convolution,
  norm: BatchNorm | undefined,
  x: Constants,
  exact: boolean,
  work: Work,
): { layer: Layer; constants: Constants } {
  const name = `${layer.name}/kernel`;
  const kernel = get(work.weights, name);
  const weights = kernel.values.slice();
  const bits = get(work.mask, name).values.slice();
  const [inputs, outputs] = kernel.shape.slice(-2) as [number, number];
  const sums = new Float64Array(outputs);
  const varies = new Uint8Array(outputs);
  for (let i = 0; i < bits.length; i++) {
    if (bits[i] === 0) continue;
    // After a flatten there are more inputs than channels, the channel last.
    const value = x[(Math.floor(i / outputs) % inputs) % x.length] as number;
    if (Number.isNaN(value) || !(value === 0 || exact)) {
      varies[i % outputs] = 1;
      continue;
    }
    sums[i % outputs] = (sums[i % outputs] as number) + value * (weights[i] as number);
    weights[i] = 0;
    bits[i] = 0;
  }
  work.weights[name] = { shape: kernel.shape, values: weights };
  work.mask[name] = { shape: kernel.shape, values: bits };
  const edited = addToOutputs(layer, norm, sums, work);
  const bias = edited.bias === false ? undefined : get(work.weights, `${layer.name}/bias`).values;
  return { layer: edited, constants: Float64Array.from(varies, (v, j) => (v === 1 ? Number.NaN : (bias?.[j] ?? 0))) };
}

function addToOutputs<L extends Dense | Convolution>(layer: L, norm: BatchNorm | undefined, sums: Float64Array, work: Work): L {
  if (sums.every((sum) => sum === 0)) return layer;
  if (layer.bias === false && norm !== undefined) {
    const name = `${norm.name}/mean`;
    const { shape, values } = get(work.weights, name);
    work.weights[name] = { shape, values: values.map((mean, j) => mean - (sums[j] as number)) };
    return layer;
  }
  const name = `${layer.name}/bias`;
  const old = layer.bias === false ? undefined : get(work.weights, name).values;
  work.weights[name] = { shape: [sums.length], values: Float32Array.from(sums, (sum, j) => sum + (old?.[j] ?? 0)) };
  if (old !== undefined) return layer;
  const { bias: _, ...rest } = layer;
  return rest as L;
}

function normalised({ name, affine }: BatchNorm, x: Constants, { weights }: Work): Constants {
  const values = (role: string) => get(weights, `${name}/${role}`).values;
  const [mean, variance] = [values('mean'), values('variance')];
  const n = mean.length;
  // After a flatten the statistics differ from place to place: a constant is then no longer one for the whole channel.
  if (n !== x.length) return x.map(() => Number.NaN);
  const [gamma, beta] = affine === false ? [new Float32Array(n).fill(1), new Float32Array(n)] : [values('gamma'), values('beta')];
  const at = (array: Float32Array, i: number) => array[i] as number;
  return x.map((value, i) => ((value - at(mean, i)) / Math.sqrt(at(variance, i) + EPSILON)) * at(gamma, i) + at(beta, i));
}

function activated(name: Activation['function'], value: number): number {
  if (name === 'relu') return Math.max(0, value);
  return name === 'tanh' ? Math.tanh(value) : 1 / (1 + Math.exp(-value));
}

/** Whether some window of the convolution reaches over the border. */
function padsWithZeros(layer: Convolution, [height = 0, width = 0]: Shape): boolean {
  if ((layer.padding ?? 'same') === 'valid') return false;
  const stride = layer.stride ?? 1;
  return [height, width].some((n) => (Math.ceil(n / stride) - 1) * stride + layer.size > n);
}

/** Derivatives of a network by its weights, as criteria ask for them: gradient, Hessian product, synaptic flow. */
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { type Arrays, get, type NdArray, pick, size } from '../array.js';
import { invalid, lookUp, missing, UserError } from '../check.js';
import { type Dataset, normalise } from '../dataset/dataset.js';
import { applyMask, type Mask } from '../mask.js';
import type { Architecture, Parameter } from '../model/architecture.js';
import { forward } from '../model/forward.js';
import { EPSILON } from '../model/layers/batchNorm.js';
import { parameters } from '../model/shapes.js';
import { openTensorflow, tf } from '../model/tensorflow.js';
import { withoutLayers } from '../model/withoutLayers.js';
import { permutation, type Random } from '../random.js';
import { type LossName, losses } from './losses.js';
import { ordinary, type Parameterisation, type ParameterisationContext } from './parameterisation.js';

export interface DerivativesOptions {
  readonly architecture: Architecture;
  /** Every parameter and statistic. */
  readonly weights: Arrays;
  readonly mask: Mask;
  readonly dataset: Dataset;
  /** Images that gradients are taken over, balanced by class where they allow it. */
  readonly examples: number;
  /** Chooses the images. */
  readonly random: Random;
  /** The training loss. Default crossEntropy. */
  readonly loss?: LossName;
  /** Logits are divided by it before the loss, as GraSP's authors do with 200 (arXiv:2002.07376). Above 0; default 1. */
  readonly temperature?: number;
  /** How what is trained becomes the network's weights; derivatives are then by its variables. Default: it is the weights. */
  readonly parameterisation?: Parameterisation;
}

/** What a criterion may ask for; all results are by prunable parameter. */
export interface NetworkDerivatives {
  gradient(weights?: Arrays): Promise<Arrays>;
  /** The Hessian of the loss by the prunable parameters, times the direction; the others (biases, BatchNorm) stay as they are. */
  hessianProduct(direction: Arrays): Promise<Arrays>;
  /**
   * SynFlow of the linearised network: activations passed through (as ReLU passes what is never negative), dropout and biases left
   * out, BatchNorm neutral, so that R is the sum over all paths of the product of their weights (with max pooling, over those
   * that win). In another basis the network's kernels are those of the absolute coefficients. @throws UserError if the flow of a very deep network leaves the range of float32
   */
  synapticFlow(absoluteWeights: Arrays): Promise<Arrays>;
}

const BATCH = 128;

const evaluating: ParameterisationContext = {
  training: false,
  noise: () => {
    throw missing('noise for derivatives', 'a parameterisation may draw it in training only');
  },
};

/**
 * Derivatives at `weights * mask` in training mode but for dropout, which is off, over a fixed sample of the training part.
 * Gradients are means over the sample; batch statistics are those of batches of 128.
 * @throws UserError for a sample larger than the training part, or a temperature that is not above 0
 */
export async function derivatives(options: DerivativesOptions): Promise<NetworkDerivatives> {
  await openTensorflow();
  const { dataset, examples, temperature = 1 } = options;
  if (!(examples >= 1 && examples <= dataset.train.count)) throw invalid('examples for gradients', `1 to ${dataset.train.count}`, examples);
  if (!(temperature > 0 && Number.isFinite(temperature))) throw invalid('temperature of the logits', 'a number above 0', temperature);
  const loss = lookUp('loss', options.loss ?? 'crossEntropy', losses);
  const architecture = withoutLayers(options.architecture, 'dropout');
  const sample = balancedSample(dataset, examples, options.random);
  const { parameterisation = ordinary } = options;
  const all = parameterisation.variables(parameters(architecture));
  const names = all.filter((p) => p.prunable).map((p) => p.name);
  const base = applyMask(options.weights, options.mask);
  const fixed = (): Record<string, Tensor> =>
    Object.fromEntries(all.filter((p) => !p.prunable).map((p) => [p.name, toTensor(base, p.name)]));
  const shapes = names.map((name) => get(base, name).shape);
  const kernels = (arrays: Arrays): Tensor[] => names.map((name) => toTensor(arrays, name));

  const lossOf = (batch: Int32Array, secondOrder: boolean) => {
    const { x, labels } = imagesOf(dataset, batch);
    const rest = fixed();
    return (...values: Tensor[]): Scalar => {
      const held = { ...rest, ...Object.fromEntries(names.map((name, i) => [name, values[i] as Tensor])) };
      const weights = parameterisation.weights(held, evaluating);
      const logits = forward(architecture, weights, x, { training: true, secondOrder });
      return tf.reshape(loss({ logits: temperature === 1 ? logits : tf.div(logits, temperature), labels }), []);
    };
  };
  /** Sum over batches of f's result, weighted by the share of images. */
  const overBatches = (f: (batch: Int32Array) => Tensor[]): Arrays => {
    const sums = shapes.map((shape) => new Float64Array(size(shape)));
    for (let from = 0; from < sample.length; from += BATCH) {
      const batch = sample.subarray(from, from + BATCH);
      tf.tidy(() =>
        f(batch).forEach((tensor, i) => {
          const values = tensor.dataSync();
          const sum = sums[i] as Float64Array;
          for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + ((values[k] as number) * batch.length) / sample.length;
        }),
      );
    }
    return Object.fromEntries(
      names.map((name, i) => [name, { shape: shapes[i] as readonly number[], values: Float32Array.from(sums[i] as Float64Array) }]),
    );
  };

  return {
    async gradient(weights = pick(base, names)) {
      return overBatches((batch) => tf.grads(lossOf(batch, false) as never)(kernels(weights)));
    },
    async hessianProduct(direction) {
      return overBatches((batch) => {
        const along = kernels(direction);
        const gradients = tf.grads(lossOf(batch, true) as never);
        // H d is the gradient of the inner product g(w) . d.
        const product = (...values: Tensor[]): Scalar =>
          tf.addN(gradients(values).map((g, i) => tf.sum(tf.mul(g, along[i] as Tensor)))) as Scalar;
        return tf.grads(product as never)(kernels(base));
      });
    },
    async synapticFlow(absoluteWeights) {
      // Filled inside, since tidy looks for tensors in every element of what it returns.
      const found: Record<string, NdArray> = {};
      tf.tidy(() => {
        const x = tf.ones([1, ...architecture.input] as [number, number, number, number]);
        // In evaluation mode these make BatchNorm the identity, and leave biases out: all flow comes from kernels.
        const neutral: Partial<Record<Parameter['role'], number>> = { gamma: 1, variance: 1 - EPSILON };
        const rest = Object.fromEntries(all.filter((p) => !p.prunable).map((p) => [p.name, tf.fill([...p.shape], neutral[p.role] ?? 0)]));
        const linearised = withoutLayers(architecture, 'activation');
        const flow = (...values: Tensor[]): Scalar => {
          const held = { ...rest, ...Object.fromEntries(names.map((name, i) => [name, values[i] as Tensor])) };
          return tf.sum(forward(linearised, parameterisation.weights(held, evaluating), x)) as Scalar;
        };
        tf.grads(flow as never)(kernels(absoluteWeights)).forEach((g, i) => {
          found[names[i] as string] = { shape: g.shape, values: new Float32Array(g.dataSync()) };
        });
      });
      if (!Object.values(found).every(({ values }) => values.every(Number.isFinite))) {
        throw new UserError(
          `the synaptic flow of '${architecture.name}' overflows float32; use another criterion for a network so deep or wide`,
        );
      }
      return found;
    },
  };
}

function toTensor(arrays: Arrays, name: string): Tensor {
  const { shape, values } = get(arrays, name);
  return tf.tensor(values, [...shape]);
}

function imagesOf(dataset: Dataset, batch: Int32Array): { x: Tensor4D; labels: Tensor1D } {
  const each = dataset.shape.reduce((a, b) => a * b, 1);
  const x = new Float32Array(batch.length * each);
  batch.forEach((image, i) => x.set(normalise(dataset, dataset.train, image, image + 1), i * each));
  const labels = tf.tensor1d(
    Array.from(batch, (image) => dataset.train.labels[image] as number),
    'int32',
  );
  const [height, width, channels] = dataset.shape;
  return { x: tf.tensor4d(x, [batch.length, height, width, channels]), labels };
}

/** Images taken class by class in turn from a random order, so that classes differ by at most one where there are enough. */
function balancedSample(dataset: Dataset, count: number, random: Random): Int32Array {
  const byClass = new Map<number, number[]>();
  for (const image of permutation(dataset.train.count, random)) {
    const label = dataset.train.labels[image] as number;
    const queue = byClass.get(label) ?? [];
    if (queue.length < count) queue.push(image);
    byClass.set(label, queue);
  }
  const queues = [...byClass.keys()].sort((a, b) => a - b).map((label) => byClass.get(label) as number[]);
  const sample: number[] = [];
  for (let turn = 0; sample.length < count; turn++) {
    for (const queue of queues) {
      const image = queue[turn];
      if (image !== undefined && sample.length < count) sample.push(image);
    }
  }
  return Int32Array.from(sample);
}

import { availableParallelism } from 'node:os';
import { type Arrays, checkSameShapes, get, type NdArray, pick } from '../../array.js';
import { lookUp, missing, UserError } from '../../check.js';
import type { Split } from '../../dataset/dataset.js';
import { parameters } from '../../model/shapes.js';
import { augmentations } from '../augment.js';
import { checkUpdate } from '../checkUpdate.js';
import { evaluationBatch, withoutPause } from '../evaluationBatch.js';
import { losses } from '../losses.js';
import { type OptimizerOptions, optimizer } from '../optimizers.js';
import type { Measured, Trainer, TrainerOptions, TrainState } from '../trainer.js';
import { sparseKernels } from './kernels.js';
import { plan } from './plan.js';

/**
 * A trainer on native kernels that touch only kept weights: time and memory of a step go with the density. Pruned weights do not
 * exist between `load` and `state`, which returns exact zeros for them. Results are the same bits for any number of threads
 * (TF_NUM_INTRAOP_THREADS, default: all cores), and equal those of the compiled engine up to rounding, noise included.
 *
 * Activations are kept as [feature][image], convolutions as sums of shifted planes (Park et al. 2017, arXiv:1608.01409); dense layers
 * that keep two thirds of their weights are blocked matrix products with the update inside. See native/sparse.
 * @throws UserError where the kernels were not compiled
 */
export async function openSparseTrainer(options: TrainerOptions): Promise<Trainer> {
  const { architecture, dataset, batchSize, loss = 'crossEntropy', augmentation = 'none' } = options;
  lookUp('loss', loss, losses);
  lookUp('augmentation', augmentation, augmentations);
  const kernels = sparseKernels();
  const rule = optimizer(options.optimizer);
  const all = parameters(architecture);
  const prunable = all.filter((p) => p.prunable);
  const slotNames = all.filter((p) => p.trainable).flatMap((p) => rule.slots.map((slot) => `${slot}/${p.name}`));
  const shapes: Arrays = Object.fromEntries(all.map((p) => [p.name, { shape: p.shape, values: new Float32Array(0) }]));
  const slotShapes: Arrays = Object.fromEntries(slotNames.map((name) => [name, get(shapes, name.slice(name.indexOf('/') + 1))]));
  const maskShapes = pick(
    shapes,
    prunable.map((p) => p.name),
  );
  const parts = { train: dataset.train, validation: dataset.validation, test: dataset.test };
  const offsets = { train: 0, validation: parts.train.count, test: parts.train.count + parts.validation.count };

  const numbers = plan({ architecture, dataset, batchSize, loss, augmentation });
  const network = kernels.create(numbers, optimizerNumbers(options.optimizer, options.weightDecay ?? 0), threads());
  const each = dataset.shape.reduce((a, b) => a * b, 1);
  const examples = Object.values(parts);
  kernels.setData(
    network,
    examples.map(({ pixels, count }) => pixels.subarray(0, count * each)),
    examples.map(({ labels, count }) => labels.subarray(0, count)),
  );

  let loaded = false;
  /** Without weights the kernels have no memory to work on. */
  const checkLoaded = (): void => {
    if (!loaded) throw missing(`weights of '${architecture.name}'`, 'call load(mask, weights) before anything else');
  };
  const read = (index: number, slot: number, shape: readonly number[]): NdArray => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    kernels.getParameter(network, index, slot, values);
    return { shape, values };
  };

  return {
    architecture,
    dataset,
    batchSize,
    engine: 'sparse',
    stepsPerCall: options.stepsPerCall ?? 1,
    load(mask, weights, slots) {
      checkSameShapes(
        `weights of '${architecture.name}'`,
        shapes,
        weights,
        'open a trainer for the architecture that the weights belong to',
      );
      checkSameShapes(`mask of '${architecture.name}'`, maskShapes, mask, 'extend the mask to the architecture');
      if (slots !== undefined)
        checkSameShapes(`slots of '${architecture.name}'`, slotShapes, slots, 'pass the slots of a state with this optimizer');
      all.forEach((p, i) => {
        const kept = p.prunable ? get(mask, p.name).values : null;
        const ownSlots = slots === undefined || !p.trainable ? null : rule.slots.map((slot) => get(slots, `${slot}/${p.name}`).values);
        kernels.setParameter(network, i, kept, get(weights, p.name).values, ownSlots);
      });
      loaded = true;
    },
    update(updates) {
      checkLoaded();
      const count = updates.length;
      const indices = new Int32Array(count * batchSize);
      const rates = new Float32Array(count * 3);
      const seeds = new Int32Array(count * 2);
      updates.forEach((update, k) => {
        checkUpdate(update, batchSize, dataset.train.count);
        indices.set(update.indices, k * batchSize);
        const { learningRate = 0, beta1Power = 0, beta2Power = 0 } = rule.rates(update.learningRate, update.step);
        rates.set([learningRate, beta1Power, beta2Power], k * 3);
        seeds.set([update.seed, update.step], k * 2);
      });
      const found = new Float32Array(count);
      kernels.update(network, indices, rates, seeds, found);
      return found;
    },
    state(): TrainState {
      checkLoaded();
      return {
        weights: Object.fromEntries(all.map((p, i) => [p.name, read(i, -1, p.shape)])),
        slots: Object.fromEntries(
          all.flatMap((p, i) => (p.trainable ? rule.slots.map((slot, s) => [`${slot}/${p.name}`, read(i, s, p.shape)] as const) : [])),
        ),
      };
    },
    evaluate: (split, limit) => withoutPause(evaluation(split, limit)),
    evaluation,
    close: () => kernels.close(network),
  };

  function* evaluation(split: Split, limit = parts[split].count): Generator<void, Measured, void> {
    checkLoaded();
    const count = Math.min(limit, parts[split].count);
    if (count < 1) throw new UserError(`the ${split} part of '${dataset.name}' is empty`);
    const atOnce = Math.ceil(evaluationBatch(architecture) / kernels.lanes) * kernels.lanes;
    let [loss, right] = [0, 0];
    for (let from = 0; from < count; from += atOnce) {
      if (from > 0) yield;
      const sums = new Float64Array(2);
      kernels.evaluate(network, offsets[split] + from, Math.min(atOnce, count - from), sums);
      loss += sums[0] as number;
      right += sums[1] as number;
    }
    return { loss: loss / count, accuracy: right / count };
  }
}

/** Threads of TensorFlow, so that both engines are compared on the same cores. */
function threads(): number {
  const asked = Number(process.env['TF_NUM_INTRAOP_THREADS']);
  return Number.isInteger(asked) && asked > 0 ? asked : availableParallelism();
}

/** [adam, nesterov, momentum, beta1, beta2, epsilon, weightDecay], with the defaults of `sgd` and `adam`. */
function optimizerNumbers(options: OptimizerOptions, weightDecay: number): Float32Array {
  if (options.name === 'adam') {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
    return Float32Array.of(1, 0, 0, beta1, beta2, epsilon, weightDecay);
  }
  const { momentum = 0, nesterov = false } = options;
  return Float32Array.of(0, nesterov ? 1 : 0, momentum, 0, 0, 0, weightDecay);
}

/**
 * A trainer holds a network, its mask, the optimizer's slots and a data set in one session, and changes them step by step.
 * It is opened once for an architecture and serves all levels: masks are variables, so a new level needs no new trace.
 */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { type Arrays, checkSameShapes, pick, size } from '../array.js';
import { lookUp, mismatched, missing, UserError } from '../check.js';
import type { Dataset, Split } from '../dataset/dataset.js';
import { applyMask, type Mask } from '../mask.js';
import type { Architecture, Parameter } from '../model/architecture.js';
import { forward } from '../model/forward.js';
import { outputShape, parameters } from '../model/shapes.js';
import { tf } from '../model/tensorflow.js';
import { type Adversary, attackedImages, klDivergence } from './attack/adversary.js';
import { checkAttack } from './attack/attack.js';
import { type AugmentationName, augmentations } from './augment.js';
import { type LossName, logLikelihood, losses } from './losses.js';
import { type OptimizerOptions, optimizer } from './optimizers.js';
import { ordinary, type Parameterisation } from './parameterisation.js';
import type { Program, Scope, VariableSpec } from './program.js';
import { type EngineChoice, openSession } from './session.js';
import { whyNoSparseKernels } from './sparse/kernels.js';
import { openSparseTrainer } from './sparse/openSparseTrainer.js';

export interface TrainerOptions {
  readonly architecture: Architecture;
  readonly dataset: Dataset;
  readonly optimizer: OptimizerOptions;
  readonly batchSize: number;
  /** L2: adds weightDecay * w to each gradient, of all trainable parameters. Default 0. */
  readonly weightDecay?: number;
  /** Default crossEntropy. */
  readonly loss?: LossName;
  /** Default none. */
  readonly augmentation?: AugmentationName;
  /** How what is trained becomes the network's weights. Default: it is the weights. */
  readonly parameterisation?: Parameterisation;
  /** Changes the images of each update against the network. Default: nobody does. */
  readonly adversary?: Adversary;
  /** Updates in one call. Default 1: a call costs little beside an update, and tracing several takes as many times as long. */
  readonly stepsPerCall?: number;
  /** Default auto. `sparse`: native kernels on kept weights only; where they were not compiled, auto serves and says so. */
  readonly engine?: EngineChoice | 'sparse';
}

/** The network between two updates. */
export interface TrainState {
  /** Every parameter and statistic; with a parameterisation, every variable of it. */
  readonly weights: Arrays;
  /** The optimizer's arrays, named `slot/parameter`. */
  readonly slots: Arrays;
}

export interface Trainer {
  readonly architecture: Architecture;
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly engine: 'compiled' | 'eager' | 'sparse';
  /** Why another engine serves than was wished. */
  readonly fallback?: string;
  /** Largest number of updates that `update` takes in one call. */
  readonly stepsPerCall: number;
  /** Sets the network; slots default to zero. Pruned weights are set to 0. @throws UserError for arrays of another architecture or optimizer */
  load(mask: Mask, weights: Arrays, slots?: Arrays): void;
  /** One update for each entry; returns their losses (before the update). */
  update(updates: readonly Update[]): Float32Array;
  state(): TrainState;
  /** Mean loss and accuracy of the present weights over a split, or over its first `limit` images. */
  evaluate(split: Split, limit?: number): Measured;
  close(): void;
}

/** What one update is given. */
export interface Update {
  /** Image numbers in the training part: [batchSize]. */
  readonly indices: Int32Array;
  readonly learningRate: number;
  /** Updates since the optimizer's slots were zero. */
  readonly step: number;
  /** Names the random numbers of augmentation and dropout, with `step`. */
  readonly seed: number;
}

export interface Measured {
  readonly loss: number;
  /** In [0, 1]. */
  readonly accuracy: number;
}

const EVALUATION_BATCH = 1000;

/** Opens a trainer. @throws UserError where architecture and data set do not fit each other */
export async function openTrainer(options: TrainerOptions): Promise<Trainer> {
  const { architecture, dataset, batchSize } = options;
  checkFit(architecture, dataset);
  if (options.adversary) checkAttack(options.adversary.attack);
  const { parameterisation = ordinary, adversary } = options;
  if (options.engine === 'sparse') {
    const fallback = whyNotSparse(options);
    return fallback === undefined ? openSparseTrainer(options) : { ...(await openTrainer({ ...options, engine: 'auto' })), fallback };
  }
  const all = parameterisation.variables(parameters(architecture));
  const trainable = all.filter((p) => p.trainable);
  const prunable = all.filter((p) => p.prunable);
  const rule = optimizer(options.optimizer);
  const trades = adversary?.trades ?? 0;
  const lossFunction = lookUp('loss', options.loss ?? 'crossEntropy', losses);
  const augment = lookUp('augmentation', options.augmentation ?? 'none', augmentations);
  const rateNames = Object.keys(rule.rates(1, 0));
  const stepsPerCall = options.stepsPerCall ?? 1;
  const counts = { train: dataset.train.count, validation: dataset.validation.count, test: dataset.test.count };
  const offsets = { train: 0, validation: counts.train, test: counts.train + counts.validation };
  const images = counts.train + counts.validation + counts.test;

  const variables: Record<string, VariableSpec> = {
    'data/pixels': { shape: [images, ...dataset.shape], dtype: 'uint8' },
    'data/labels': { shape: [images], dtype: 'uint8' },
  };
  for (const p of all) variables[weight(p.name)] = { shape: p.shape };
  for (const p of prunable) variables[maskOf(p.name)] = { shape: p.shape };
  for (const p of trainable) for (const slot of rule.slots) variables[slotOf(slot, p.name)] = { shape: p.shape };

  const batchOf = (scope: Scope, indices: Tensor): { x: Tensor4D; labels: Tensor1D } => {
    const pixels = scope.rows('data/pixels', indices);
    const scale = dataset.std.map((s) => 1 / (255 * s));
    const shift = dataset.mean.map((m, c) => -m / (dataset.std[c] as number));
    const x = tf.add(tf.mul(pixels, tf.tensor1d(scale)), tf.tensor1d(shift)) as Tensor4D;
    return { x, labels: tf.cast(scope.rows('data/labels', indices), 'int32') as Tensor1D };
  };
  const weightsIn = (scope: Scope, list: readonly Parameter[]) =>
    Object.fromEntries(list.map((p) => [p.name, scope.variable(weight(p.name))]));

  const updateOnce = (scope: Scope, indices: Tensor, rates: Record<string, Tensor>, seed: Tensor): Tensor => {
    const noise = counter((shape, draw) => scope.noise(shape, tf.add(seed, tf.tensor1d([draw * 7919, 0], 'int32'))));
    const batch = batchOf(scope, indices);
    const x = augment(batch.x, noise);
    const fixed = weightsIn(
      scope,
      all.filter((p) => !p.trainable),
    );
    const statistics: Record<string, Tensor> = {};
    const weightsOf = (values: readonly Tensor[]) =>
      parameterisation.weights(
        { ...fixed, ...Object.fromEntries(trainable.map((p, i) => [p.name, values[i] as Tensor])) },
        { training: true, noise },
      );
    const values = trainable.map((p) => scope.variable(weight(p.name)));
    const attacked = adversary && attack(adversary, weightsOf(values), x, batch.labels, noise);
    const lossOf = (...values: Tensor[]): Tensor => {
      const weights = weightsOf(values);
      const logits = forward(architecture, weights, attacked && !trades ? attacked : x, { training: true, statistics, noise });
      const loss = tf.reshape(lossFunction({ logits, labels: batch.labels }), []);
      if (!attacked || !trades) return loss;
      const others = forward(architecture, weights, attacked, { training: true, noise });
      return tf.add(loss, tf.mul(tf.mean(klDivergence(logits, others)), trades));
    };
    const { value, grads } = tf.valueAndGrads(lossOf as never)(values);
    trainable.forEach((p, i) => applyUpdate(scope, p, values[i] as Tensor, grads[i] as Tensor, rates));
    for (const [name, statistic] of Object.entries(statistics)) {
      scope.assign(weight(name), statistic.clone());
      statistic.dispose();
    }
    return value;
  };

  /** The network's inputs, changed by the adversary: attacks see pixels in [0, 1], the network normalised ones. */
  const attack = (
    by: Adversary,
    weights: Readonly<Record<string, Tensor>>,
    x: Tensor4D,
    labels: Tensor1D,
    noise: (shape: readonly number[]) => Tensor,
  ): Tensor4D => {
    const [mean, std] = [tf.tensor1d([...dataset.mean]), tf.tensor1d([...dataset.std])];
    const inputsOf = (images: Tensor4D): Tensor4D => tf.div(tf.sub(images, mean), std);
    const logits = (images: Tensor4D): Tensor => forward(architecture, weights, inputsOf(images));
    return inputsOf(attackedImages(by, logits, tf.add(tf.mul(x, std), mean), labels, noise));
  };

  const applyUpdate = (scope: Scope, p: Parameter, value: Tensor, raw: Tensor, rates: Record<string, Tensor>): void => {
    const mask = p.prunable ? scope.variable(maskOf(p.name)) : undefined;
    const decayed = options.weightDecay ? tf.add(raw, tf.mul(value, options.weightDecay)) : raw;
    // A masked gradient keeps the slots of pruned weights at 0, the masked weight is the guarantee that they stay pruned.
    const gradient = mask ? tf.mul(decayed, mask) : decayed;
    const name = weight(p.name);
    const slotNames = rule.slots.map((slot) => slotOf(slot, p.name));
    const constrained = (value: Tensor): Tensor => parameterisation.constrain?.(p, value) ?? value;
    if (scope.fused) {
      scope.apply(rule.fused({ gradient, rates }, [name, ...slotNames]));
      const after = mask || parameterisation.constrain ? constrained(scope.variable(name)) : undefined;
      if (after) scope.assign(name, mask ? tf.mul(after, mask) : after);
      return;
    }
    const slots = Object.fromEntries(rule.slots.map((slot, i) => [slot, scope.variable(slotNames[i] as string)]));
    const next = rule.update({ weight: value, gradient, slots, rates });
    const after = constrained(next.weight);
    scope.assign(name, mask ? tf.mul(after, mask) : after);
    rule.slots.forEach((slot, i) => scope.assign(slotNames[i] as string, next.slots[slot] as Tensor));
  };

  const updateProgram = (steps: number): Program => ({
    inputs: {
      indices: { shape: [steps, batchSize], dtype: 'int32' },
      rates: { shape: [steps, rateNames.length], dtype: 'float32' },
      ...(needsNoise(options) && { seeds: { shape: [steps, 2], dtype: 'int32' as const } }),
    },
    body(scope) {
      const indices = scope.input('indices');
      const rates = scope.input('rates');
      const seeds = needsNoise(options) ? scope.input('seeds') : tf.zeros([steps, 2], 'int32');
      const lossList = Array.from({ length: steps }, (_, k) => {
        const row = (t: Tensor, width: number) => tf.reshape(tf.slice(t, [k, 0], [1, width]), [width]);
        const named = Object.fromEntries(rateNames.map((name, r) => [name, tf.reshape(tf.slice(rates, [k, r], [1, 1]), [])]));
        return updateOnce(scope, row(indices, batchSize), named, row(seeds, 2));
      });
      return { loss: tf.stack(lossList) };
    },
  });
  const evaluateProgram: Program = {
    inputs: { indices: { shape: [EVALUATION_BATCH], dtype: 'int32' }, counted: { shape: [EVALUATION_BATCH], dtype: 'float32' } },
    body(scope) {
      const { x, labels } = batchOf(scope, scope.input('indices'));
      const counted = scope.input('counted');
      const weights = parameterisation.weights(weightsIn(scope, all), { training: false, noise: noNoise });
      const logits = forward(architecture, weights, x);
      const right = tf.cast(tf.equal(tf.cast(tf.argMax(logits, 1), 'int32'), labels), 'float32');
      return { loss: tf.neg(tf.sum(tf.mul(logLikelihood(logits, labels), counted))), right: tf.sum(tf.mul(right, counted)) };
    },
  };

  const programs: Record<string, Program> = { evaluate: evaluateProgram, update1: updateProgram(1) };
  if (stepsPerCall > 1) programs[`update${stepsPerCall}`] = updateProgram(stepsPerCall);
  const session = await openSession({ variables, programs }, options.engine ?? 'auto');
  session.write(dataArrays(dataset, images));

  const zeroSlots = Object.fromEntries(
    trainable.flatMap((p) => rule.slots.map((slot) => [slotOf(slot, p.name), { shape: p.shape, values: new Float32Array(size(p.shape)) }])),
  );
  const names = all.map((p) => p.name);
  const slotNames = Object.keys(zeroSlots);

  return {
    architecture,
    dataset,
    batchSize,
    engine: session.engine,
    ...(session.fallback !== undefined && { fallback: session.fallback }),
    stepsPerCall,
    load(mask, weights, slots) {
      const shapes = Object.fromEntries(all.map((p) => [p.name, { shape: p.shape, values: new Float32Array(0) }]));
      checkSameShapes(
        `weights of '${architecture.name}'`,
        shapes,
        weights,
        'open a trainer for the architecture that the weights belong to',
      );
      const maskShapes = pick(
        shapes,
        prunable.map((p) => p.name),
      );
      checkSameShapes(`mask of '${architecture.name}'`, maskShapes, mask, 'extend the mask to the architecture');
      if (slots !== undefined)
        checkSameShapes(`the optimizer's arrays`, renameBack(zeroSlots, 'slot/'), slots, 'load those of the same optimizer');
      session.write(rename(applyMask(weights, mask), weight));
      session.write(rename(mask as unknown as Arrays, maskOf));
      session.write(
        slots === undefined ? zeroSlots : Object.fromEntries(Object.entries(slots).map(([name, array]) => [`slot/${name}`, array])),
      );
    },
    update(updates) {
      const losses = new Float32Array(updates.length);
      for (let from = 0; from < updates.length; ) {
        const count = updates.length - from >= stepsPerCall ? stepsPerCall : 1;
        const chunk = updates.slice(from, from + count);
        losses.set(run(count, chunk), from);
        from += count;
      }
      return losses;
    },
    state: () => ({
      weights: renameBack(session.read(names.map(weight)), 'weight/'),
      slots: renameBack(session.read(slotNames), 'slot/'),
    }),
    evaluate(split, limit = counts[split]) {
      const count = Math.min(limit, counts[split]);
      if (count < 1) throw new UserError(`the ${split} part of '${dataset.name}' is empty`);
      let loss = 0;
      let right = 0;
      for (let from = 0; from < count; from += EVALUATION_BATCH) {
        const inside = Math.min(EVALUATION_BATCH, count - from);
        const indices = Int32Array.from({ length: EVALUATION_BATCH }, (_, i) => offsets[split] + from + (i < inside ? i : 0));
        const counted = Float32Array.from({ length: EVALUATION_BATCH }, (_, i) => (i < inside ? 1 : 0));
        const result = session.run('evaluate', { indices, counted });
        loss += (result['loss'] as Float32Array)[0] as number;
        right += (result['right'] as Float32Array)[0] as number;
      }
      return { loss: loss / count, accuracy: right / count };
    },
    close: () => session.close(),
  };

  function run(count: number, chunk: readonly Update[]): Float32Array {
    const indices = new Int32Array(count * batchSize);
    const rates = new Float32Array(count * rateNames.length);
    const seeds = new Int32Array(count * 2);
    chunk.forEach((update, k) => {
      if (update.indices.length !== batchSize)
        throw mismatched('batch', `${batchSize} images`, String(update.indices.length), 'pass full batches');
      indices.set(update.indices, k * batchSize);
      rates.set(Object.values(rule.rates(update.learningRate, update.step)), k * rateNames.length);
      seeds.set([update.seed, update.step], k * 2);
    });
    return session.run(`update${count}`, { indices, rates, ...(needsNoise(options) && { seeds }) })['loss'] as Float32Array;
  }
}

const weight = (name: string): string => `weight/${name}`;
const maskOf = (name: string): string => `mask/${name}`;
const slotOf = (slot: string, name: string): string => `slot/${slot}/${name}`;

function rename(arrays: Arrays, to: (name: string) => string): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [to(name), array]));
}

function renameBack(arrays: Arrays, prefix: string): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name.slice(prefix.length), array]));
}

function counter(draw: (shape: readonly number[], index: number) => Tensor): (shape: readonly number[]) => Tensor {
  let index = 0;
  return (shape) => draw(shape, index++);
}

function noNoise(): never {
  throw missing('noise in an evaluation', 'a parameterisation may draw it in training only');
}

/** Why the sparse engine cannot serve, or undefined. */
function whyNotSparse({ parameterisation, adversary }: TrainerOptions): string | undefined {
  if (parameterisation !== undefined) return 'the sparse kernels train the weights themselves, no other variables';
  return adversary === undefined ? whyNoSparseKernels() : 'the sparse kernels know no attacks';
}

function needsNoise({ architecture, augmentation = 'none', parameterisation, adversary }: TrainerOptions): boolean {
  if (parameterisation?.noisy || adversary?.attack.randomStart || adversary?.trades) return true;
  const drops = (layers: Architecture['layers']): boolean =>
    layers.some((layer) => layer.type === 'dropout' || (layer.type === 'residual' && drops([...layer.body, ...(layer.shortcut ?? [])])));
  return augmentation !== 'none' || drops(architecture.layers);
}

function checkFit(architecture: Architecture, dataset: Dataset): void {
  if (architecture.input.join() !== dataset.shape.join()) {
    const remedy = 'build the architecture for the shape of the data set';
    throw mismatched(`input of '${architecture.name}'`, `[${dataset.shape}] of '${dataset.name}'`, `[${architecture.input}]`, remedy);
  }
  const outputs = outputShape(architecture);
  if (outputs.length !== 1 || outputs[0] !== dataset.classes.length) {
    throw mismatched(
      `output of '${architecture.name}'`,
      `[${dataset.classes.length}] classes of '${dataset.name}'`,
      `[${outputs}]`,
      'change its last layer',
    );
  }
}

function dataArrays(dataset: Dataset, images: number) {
  const each = size(dataset.shape);
  const pixels = new Uint8Array(images * each);
  const labels = new Uint8Array(images);
  let from = 0;
  for (const part of [dataset.train, dataset.validation, dataset.test]) {
    pixels.set(part.pixels.subarray(0, part.count * each), from * each);
    labels.set(part.labels.subarray(0, part.count), from);
    from += part.count;
  }
  return {
    'data/pixels': { shape: [images, ...dataset.shape], values: pixels },
    'data/labels': { shape: [images], values: labels },
  };
}

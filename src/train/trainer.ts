/**
 * A trainer holds a network, its mask, the optimizer's slots and a data set in one session, and changes them step by step.
 * It is opened once for an architecture and serves all levels: masks are variables, so a new level needs no new trace.
 */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { type Arrays, checkSameShapes, get, pick, size } from '../array.js';
import { checkCount, lookUp, mismatched, missing, UserError } from '../check.js';
import type { Dataset, ImageSet, Split } from '../dataset/dataset.js';
import { applyMask, type Mask } from '../mask.js';
import type { Architecture, Parameter } from '../model/architecture.js';
import { forward } from '../model/forward.js';
import { outputShape, parameters } from '../model/shapes.js';
import { nested } from '../model/nested.js';
import { tf } from '../model/tensorflow.js';
import { type Adversary, attackedImages, klDivergence } from './attack/adversary.js';
import { checkAttack } from './attack/attack.js';
import { type AugmentationName, augmentations } from './augment.js';
import { autoTrainer, type KeepDecision } from './autoTrainer.js';
import { checkUpdate } from './checkUpdate.js';
import { evaluationBatch, withoutPause } from './evaluationBatch.js';
import { type LossName, losses } from './losses.js';
import { type OptimizerOptions, optimizer } from './optimizers.js';
import { ordinary, type Parameterisation } from './parameterisation.js';
import type { Program, Scope, VariableSpec } from './program.js';
import { openSession } from './session.js';
import type { EngineDecision } from './sparse/chooseEngine.js';
import { whyNoSparseKernels } from './sparse/kernels.js';
import { openSparseTrainer } from './sparse/openSparseTrainer.js';
import { layerWithoutKernel } from './sparse/plan.js';
import { classification, perImage, type Targets, type Task } from './task.js';

export interface TrainerOptions extends TrainingOptions {
  readonly dataset: Dataset;
  /** Default crossEntropy. */
  readonly loss?: LossName;
  /** Changes the images of each update against the network. Default: nobody does. */
  readonly adversary?: Adversary;
}

export interface TaskTrainerOptions extends TrainingOptions {
  readonly images: ImageSet;
  readonly task: Task;
}

/** What training needs to know, whatever is learned. */
export interface TrainingOptions {
  readonly architecture: Architecture;
  readonly optimizer: OptimizerOptions;
  readonly batchSize: number;
  /** L2: adds weightDecay * w to each gradient, of all trainable parameters. Default 0. */
  readonly weightDecay?: number;
  /** Default none. */
  readonly augmentation?: AugmentationName;
  /** How what is trained becomes the network's weights. Default: it is the weights. */
  readonly parameterisation?: Parameterisation;
  /** Updates in one call. Default 1: a call costs little beside an update, and tracing several takes as many times as long. */
  readonly stepsPerCall?: number;
  /**
   * Default tensorflow: one compiled graph where the native library is there, else operation by operation; `compiled` and `eager` allow
   * one of the two only. `sparse`: native kernels on kept weights only, or what tensorflow gives where they cannot serve (`fallback` says
   * why). `auto`: at each `load` the faster of both, by a short timing at the mask. It is not the default, since then a moment's load on
   * the machine would decide over last bits.
   */
  readonly engine?: EngineName;
  /** Keeps the choices of `auto`, so that they can be repeated. Default: as long as the trainer is open. */
  readonly keepDecision?: KeepDecision;
}

const engineNames = { auto: 0, tensorflow: 0, compiled: 0, eager: 0, sparse: 0 } as const;
export type EngineName = keyof typeof engineNames;

/** The network between two updates. */
export interface TrainState {
  /** Every parameter and statistic; with a parameterisation, every variable of it. */
  readonly weights: Arrays;
  /** The optimizer's arrays, named `slot/parameter`. */
  readonly slots: Arrays;
}

export interface Trainer {
  readonly architecture: Architecture;
  readonly dataset: ImageSet;
  readonly batchSize: number;
  readonly engine: 'compiled' | 'eager' | 'sparse';
  /** With the engine `auto`: how the last `load` came to its engine. */
  readonly decision?: EngineDecision | undefined;
  /** Why another engine serves than was wished. */
  readonly fallback?: string;
  /** Largest number of updates that `update` takes in one call. */
  readonly stepsPerCall: number;
  /** Sets the network; slots default to zero. Pruned weights are set to 0. @throws UserError for arrays of another architecture or optimizer */
  load(mask: Mask, weights: Arrays, slots?: Arrays): void;
  /** One update for each entry; returns their losses (before the update). @throws UserError for images outside the training part */
  update(updates: readonly Update[]): Float32Array;
  state(): TrainState;
  /** Mean loss and accuracy (or the task's score) of the present weights over a split, or over its first `limit` images. */
  evaluate(split: Split, limit?: number): Measured;
  /** The same, pausing between parts of a tenth of a second or so, where the caller may let others have their turn. */
  evaluation(split: Split, limit?: number): Generator<void, Measured, void>;
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

/** Opens a trainer of a classifier. @throws UserError where architecture and data set do not fit each other */
export async function openTrainer(options: TrainerOptions): Promise<Trainer> {
  const { dataset, loss = 'crossEntropy', adversary } = options;
  checkOptions(options);
  const task = classification(dataset, lookUp('loss', loss, losses));
  checkInput(options.architecture, dataset);
  task.check(options.architecture);
  if (adversary) checkAttack(adversary.attack);
  const session = (): Promise<Trainer> => openSessionTrainer({ ...options, images: dataset, task }, adversary);
  if (options.engine !== 'sparse' && options.engine !== 'auto') return session();
  const limit = limitOfSparse(options);
  const fallback = limit ?? whyNoSparseKernels();
  if (options.engine === 'sparse' && fallback === undefined) return openSparseTrainer(options);
  if (options.engine === 'sparse' || limit !== undefined) return withFallback(await session(), fallback);
  const keep = options.keepDecision;
  const dense = await session();
  try {
    return fallback === undefined
      ? autoTrainer([dense, await openSparseTrainer(options)], { keep })
      : autoTrainer([dense], { keep, fallback });
  } catch (error) {
    dense.close();
    throw error;
  }
}

/** Opens a trainer for another task than classes. @throws UserError where architecture, images and task do not fit each other */
export async function openTaskTrainer(options: TaskTrainerOptions): Promise<Trainer> {
  checkOptions(options);
  checkInput(options.architecture, options.images);
  options.task.check(options.architecture);
  const trainer = await openSessionTrainer(options);
  return options.engine === 'sparse' || options.engine === 'auto' ? withFallback(trainer, 'the sparse kernels classify only') : trainer;
}

function checkOptions({ engine = 'tensorflow', batchSize }: TrainingOptions): void {
  lookUp('engine', engine, engineNames);
  checkCount('batch size', batchSize, 1);
}

function withFallback(trainer: Trainer, fallback: string | undefined): Trainer {
  return { ...trainer, ...(fallback !== undefined && { fallback }) };
}

async function openSessionTrainer(options: TaskTrainerOptions, adversary?: Adversary): Promise<Trainer> {
  const { architecture, images: dataset, task, batchSize, parameterisation = ordinary } = options;
  const all = parameterisation.variables(parameters(architecture));
  const trainable = all.filter((p) => p.trainable);
  const prunable = all.filter((p) => p.prunable);
  const rule = optimizer(options.optimizer);
  const trades = adversary?.trades ?? 0;
  const augment = lookUp('augmentation', options.augmentation ?? 'none', augmentations);
  const rateNames = Object.keys(rule.rates(1, 0));
  const stepsPerCall = options.stepsPerCall ?? 1;
  const noisy = needsNoise(options, adversary);
  const counts = { train: dataset.train.count, validation: dataset.validation.count, test: dataset.test.count };
  const offsets = { train: 0, validation: counts.train, test: counts.train + counts.validation };
  const images = counts.train + counts.validation + counts.test;

  const variables: Record<string, VariableSpec> = {
    'data/pixels': { shape: [images, ...dataset.shape], dtype: 'uint8' },
  };
  for (const [name, { shape, values }] of Object.entries(task.targets))
    variables[dataOf(name)] = { shape, dtype: values instanceof Uint8Array ? 'uint8' : 'float32' };
  for (const p of all) variables[weight(p.name)] = { shape: p.shape };
  for (const p of prunable) variables[maskOf(p.name)] = { shape: p.shape };
  for (const p of trainable) for (const slot of rule.slots) variables[slotOf(slot, p.name)] = { shape: p.shape };

  const batchOf = (scope: Scope, indices: Tensor): { x: Tensor4D; targets: Targets } => {
    const pixels = scope.rows('data/pixels', indices);
    const scale = dataset.std.map((s) => 1 / (255 * s));
    const shift = dataset.mean.map((m, c) => -m / (dataset.std[c] as number));
    const x = tf.add(tf.mul(pixels, tf.tensor1d(scale)), tf.tensor1d(shift)) as Tensor4D;
    return { x, targets: Object.fromEntries(Object.keys(task.targets).map((name) => [name, scope.rows(dataOf(name), indices)])) };
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
    const attacked =
      adversary && attack(adversary, weightsOf(values), x, tf.cast(batch.targets['labels'] as Tensor, 'int32') as Tensor1D, noise);
    const lossOf = (...values: Tensor[]): Tensor => {
      const weights = weightsOf(values);
      const logits = forward(architecture, weights, attacked && !trades ? attacked : x, { training: true, statistics, noise });
      const loss = tf.reshape(task.loss(logits, batch.targets), []);
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
    // Pruned weights and their slots are loaded as 0, and a gradient of 0 leaves them there: masking the weights again would be a pass
    // over all of them that changes nothing. `train` checks at every measurement that they are 0.
    const gradient = mask ? tf.mul(decayed, mask) : decayed;
    const name = weight(p.name);
    const slotNames = rule.slots.map((slot) => slotOf(slot, p.name));
    const constrained = (value: Tensor): Tensor => parameterisation.constrain?.(p, value) ?? value;
    if (scope.fused) {
      scope.apply(rule.fused({ gradient, rates }, [name, ...slotNames]));
      if (parameterisation.constrain === undefined) return;
      const after = constrained(scope.variable(name));
      scope.assign(name, mask ? tf.mul(after, mask) : after);
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
      ...(noisy && { seeds: { shape: [steps, 2], dtype: 'int32' as const } }),
    },
    body(scope) {
      const indices = scope.input('indices');
      const rates = scope.input('rates');
      const seeds = noisy ? scope.input('seeds') : tf.zeros([steps, 2], 'int32');
      const lossList = Array.from({ length: steps }, (_, k) => {
        const row = (t: Tensor, width: number) => tf.reshape(tf.slice(t, [k, 0], [1, width]), [width]);
        const named = Object.fromEntries(rateNames.map((name, r) => [name, tf.reshape(tf.slice(rates, [k, r], [1, 1]), [])]));
        return updateOnce(scope, row(indices, batchSize), named, row(seeds, 2));
      });
      return { loss: tf.stack(lossList) };
    },
  });
  const atOnce = task.evaluationBatch ?? evaluationBatch(architecture);
  const evaluateProgram: Program = {
    inputs: { indices: { shape: [atOnce], dtype: 'int32' }, counted: { shape: [atOnce], dtype: 'float32' } },
    body(scope) {
      const { x, targets } = batchOf(scope, scope.input('indices'));
      const counted = scope.input('counted');
      const weights = parameterisation.weights(weightsIn(scope, all), { training: false, noise: noNoise });
      const outputs = forward(architecture, weights, x);
      const { loss, score } = task.measure(outputs, targets);
      return { loss: tf.sum(tf.mul(loss, counted)), score: tf.sum(tf.mul(score, counted)), ...(task.grade && { outputs }) };
    },
  };

  const programs: Record<string, Program> = { evaluate: evaluateProgram, update1: updateProgram(1) };
  if (stepsPerCall > 1) programs[`update${stepsPerCall}`] = updateProgram(stepsPerCall);
  const only = options.engine === 'compiled' || options.engine === 'eager' ? options.engine : 'auto';
  const session = await openSession({ variables, programs }, only);
  session.write({
    'data/pixels': perImage(dataset, dataset.shape, Uint8Array, (split) => dataset[split].pixels),
    ...rename(task.targets as Arrays, dataOf),
  });

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
      session.write(slots === undefined ? zeroSlots : rename(maskedSlots(slots, mask), (name) => `slot/${name}`));
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
    evaluate: (split, limit) => withoutPause(evaluation(split, limit)),
    evaluation,
    close: () => session.close(),
  };

  function* evaluation(split: Split, limit = counts[split]): Generator<void, Measured, void> {
    const count = Math.min(limit, counts[split]);
    if (count < 1) throw new UserError(`the ${split} part of '${dataset.name}' is empty`);
    let loss = 0;
    let score = 0;
    const outputs = task.grade && new Float32Array(count * size(outputShape(architecture)));
    for (let from = 0; from < count; from += atOnce) {
      if (from > 0) yield;
      const inside = Math.min(atOnce, count - from);
      const indices = Int32Array.from({ length: atOnce }, (_, i) => offsets[split] + from + (i < inside ? i : 0));
      const counted = Float32Array.from({ length: atOnce }, (_, i) => (i < inside ? 1 : 0));
      const result = session.run('evaluate', { indices, counted });
      loss += (result['loss'] as Float32Array)[0] as number;
      score += (result['score'] as Float32Array)[0] as number;
      outputs?.set((result['outputs'] as Float32Array).subarray(0, (inside * outputs.length) / count), (from * outputs.length) / count);
    }
    return { loss: loss / count, accuracy: outputs && task.grade ? task.grade(outputs, split, count) : score / count };
  }

  function run(count: number, chunk: readonly Update[]): Float32Array {
    const indices = new Int32Array(count * batchSize);
    const rates = new Float32Array(count * rateNames.length);
    const seeds = new Int32Array(count * 2);
    chunk.forEach((update, k) => {
      checkUpdate(update, batchSize, dataset.train.count);
      indices.set(update.indices, k * batchSize);
      rates.set(Object.values(rule.rates(update.learningRate, update.step)), k * rateNames.length);
      seeds.set([update.seed, update.step], k * 2);
    });
    return session.run(`update${count}`, { indices, rates, ...(noisy && { seeds }) })['loss'] as Float32Array;
  }
}

const dataOf = (name: string): string => `data/${name}`;
const weight = (name: string): string => `weight/${name}`;
const maskOf = (name: string): string => `mask/${name}`;
const slotOf = (slot: string, name: string): string => `slot/${slot}/${name}`;

function rename(arrays: Arrays, to: (name: string) => string): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [to(name), array]));
}

function renameBack(arrays: Arrays, prefix: string): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name.slice(prefix.length), array]));
}

/** Slots, named `slot/parameter`, with those of pruned weights set to 0. */
function maskedSlots(slots: Arrays, mask: Mask): Arrays {
  const masks = Object.keys(slots).flatMap((slot) => {
    const name = slot.slice(slot.indexOf('/') + 1);
    return Object.hasOwn(mask, name) ? [[slot, get(mask, name)] as const] : [];
  });
  return applyMask(slots, Object.fromEntries(masks));
}

function counter(draw: (shape: readonly number[], index: number) => Tensor): (shape: readonly number[]) => Tensor {
  let index = 0;
  return (shape) => draw(shape, index++);
}

function noNoise(): never {
  throw missing('noise in an evaluation', 'a parameterisation may draw it in training only');
}

/** Why the sparse kernels cannot train this, whatever the machine, or undefined. */
function limitOfSparse({ architecture, parameterisation, adversary }: TrainerOptions): string | undefined {
  if (parameterisation !== undefined) return 'the sparse kernels train the weights themselves, no other variables';
  if (adversary !== undefined) return 'the sparse kernels know no attacks';
  const layer = layerWithoutKernel(architecture.layers);
  return layer === undefined ? undefined : `the sparse kernels know no '${layer}' layer`;
}

function needsNoise({ architecture, augmentation = 'none', parameterisation }: TrainingOptions, adversary?: Adversary): boolean {
  if (parameterisation?.noisy || adversary?.attack.randomStart || adversary?.trades) return true;
  const drops = (layers: Architecture['layers']): boolean => layers.some((layer) => layer.type === 'dropout' || nested(layer).some(drops));
  return augmentation !== 'none' || drops(architecture.layers);
}

function checkInput(architecture: Architecture, dataset: ImageSet): void {
  if (architecture.input.join() === dataset.shape.join()) return;
  const remedy = 'build the architecture for the shape of the data set';
  throw mismatched(`input of '${architecture.name}'`, `[${dataset.shape}] of '${dataset.name}'`, `[${architecture.input}]`, remedy);
}

/** The training loop: updates, evaluations, early stopping determined afterwards, checkpoints to resume from. */
import { setImmediate } from 'node:timers/promises';
import { type Arrays, copyArrays, type Values } from '../array.js';
import { invalid, UserError } from '../check.js';
import { batches } from '../dataset/batches.js';
import type { Split } from '../dataset/dataset.js';
import type { Mask } from '../mask.js';
import { iterations, type Step } from '../step.js';
import { type LearningRate, schedule } from './schedule.js';
import type { Measured, Trainer, TrainState, Update } from './trainer.js';

export interface TrainRequest {
  readonly mask: Mask;
  /** Where training starts; pruned weights count as 0. */
  readonly weights: Arrays;
  /** Total length, counted from initialisation: with `from` at 500it, training to 2000it makes 1500 updates. */
  readonly length: Step;
  /** The rewinding step that the weights belong to: learning rate and data go on from there. Default 0. */
  readonly from?: Step;
  /** Where this training stops, if before `length`, over which the learning rate is still planned. */
  readonly until?: Step;
  readonly learningRate: LearningRate;
  /** Names the data order, and with it the noise of augmentation and dropout. */
  readonly seed: number;
  readonly evaluations: Evaluations;
  /** Iterations at which the weights are kept as they are, beside the last ones. */
  readonly snapshots?: readonly Step[];
  /** Iterations, after the first and before the last, at which `trainInParts` pauses. */
  readonly pauses?: readonly Step[];
}

/** A network whose training stands still, and what it may be exchanged for. */
export interface PausedTraining extends TrainState {
  readonly mask: Mask;
}

export interface Pause extends PausedTraining {
  /** Updates so far. */
  readonly step: number;
  /** The update that comes next. */
  readonly next: Update;
}

/** A training that pauses; see `trainInParts`. */
export type PausingTraining<Result = Trained> = AsyncGenerator<Pause, Result, PausedTraining | undefined>;

/** How often each part is measured; all are measured at the first and the last iteration too. */
export interface Evaluations {
  readonly validation: Step;
  /** `minimum`: whenever the validation loss is the lowest so far, which is what early stopping needs. Default minimum. */
  readonly test?: Step | 'minimum';
  /** Default: at the ends only. */
  readonly train?: Step;
  /** Images of the training part that are measured. Default 10,000. */
  readonly trainLimit?: number;
}

export interface Measurement extends Measured {
  readonly step: number;
  readonly split: Split;
}

export interface Trained {
  readonly weights: Arrays;
  /** The mask at the end: that of the request, unless it was exchanged on the way. */
  readonly mask: Mask;
  /** Weights at the asked iterations, by iteration number. */
  readonly snapshots: Readonly<Record<number, Arrays>>;
  readonly summary: TrainingSummary;
}

export interface TrainingSummary {
  /** Number of the last iteration, counted from initialisation. */
  readonly steps: number;
  /** The iteration of the lowest validation loss: the first of them, determined afterwards. */
  readonly earlyStop: number;
  readonly testAtEarlyStop: number;
  readonly validationAtEarlyStop: number;
  readonly testAtEnd: number;
  readonly validationAtEnd: number;
  readonly trainAtEnd: number;
  /** Moments at which every pruned weight was found to be exactly 0. */
  readonly maskChecks: number;
}

/** What the loop needs of the world: where to write what it measures, and where to keep its state. */
export interface Journal {
  /** The state at the last checkpoint, or null. */
  readonly resume: Arrays<Values> | null;
  readonly info: { readonly [name: string]: unknown };
  save(arrays: Arrays<Values>, info: { readonly progress: Progress }): void;
  saveDue(): boolean;
  measured(measurement: Measurement): void;
  /** Called a few times a second. */
  progress?(event: TrainingProgress): void;
}

export interface TrainingProgress {
  readonly step: number;
  readonly total: number;
  readonly loss: number;
  readonly accuracy: number | null;
  readonly stepsPerSecond: number;
}

interface Progress {
  step: number;
  best: { step: number; loss: number; validation: number; test: number };
  maskChecks: number;
}

/** A journal that keeps nothing, for tries in a notebook. */
export const noJournal: Journal = { resume: null, info: {}, save: () => {}, saveDue: () => false, measured: () => {} };

const YIELD_EVERY = 50;
const REPORT_EVERY = 250;

/**
 * Trains the network in `trainer` and returns the last weights. The result is a function of the request alone: where the loop
 * pauses, what it reports and how often it was killed and resumed change no bit.
 * @throws UserError if the loss is no longer a number, or a length or snapshot makes no sense
 */
export async function train(trainer: Trainer, request: TrainRequest, journal: Journal = noJournal): Promise<Trained> {
  const parts = trainInParts(trainer, request, journal);
  let next = await parts.next();
  while (!next.done) next = await parts.next();
  return next.value;
}

/**
 * As `train`, but yields the network at each of the request's pauses, and goes on with the one that it is given back (the same, if none
 * is). A mask may change that way, and the optimizer's slots with it. Checkpoints hold the mask of the moment, and are made after the
 * exchange, so what makes the exchange must be a function of the iteration and the network alone.
 * @throws UserError as `train`, or for a pause outside of the training
 * @example
 * ```ts
 * const parts = trainInParts(trainer, { ...request, pauses: ['100it'] });
 * let next = await parts.next();
 * while (!next.done) next = await parts.next({ ...next.value, mask: other(next.value.mask) });
 * ```
 */
export async function* trainInParts(trainer: Trainer, request: TrainRequest, journal: Journal = noJournal): PausingTraining {
  const { dataset, batchSize } = trainer;
  const order = batches({ count: dataset.train.count, batchSize, seed: request.seed });
  const count = (step: Step): number => iterations(step, order.stepsPerEpoch);
  const total = Math.min(count(request.length), count(request.until ?? request.length));
  const from = count(request.from ?? '0it');
  if (from > total) throw new UserError(`training length ${request.length} ends before its start at ${request.from}`);
  const rateAt = schedule(request.learningRate, count(request.length), order.stepsPerEpoch);
  const updateAt = (step: number): Update => ({
    indices: order.indices(step).slice(),
    learningRate: rateAt(step),
    step: step - from,
    seed: request.seed % 2147483647,
  });
  const every = {
    validation: interval(request.evaluations.validation, count),
    test:
      request.evaluations.test === undefined || request.evaluations.test === 'minimum'
        ? Infinity
        : interval(request.evaluations.test, count),
    train: request.evaluations.train === undefined ? Infinity : interval(request.evaluations.train, count),
  };
  const wanted = new Set((request.snapshots ?? []).map(count));
  for (const step of request.snapshots ?? []) {
    if (count(step) < from || count(step) > total)
      throw invalid(`snapshot at '${step}'`, `from iteration ${from} to ${total}`, count(step));
  }
  const pauses = new Set((request.pauses ?? []).map(count));
  for (const pause of pauses)
    if (pause <= from || pause >= total) throw invalid('pause', `after iteration ${from} and before ${total}`, pause);
  const snapshots: Record<number, Arrays> = {};

  let { mask } = request;
  let progress: Progress = { step: from, best: { step: from, loss: Infinity, validation: 0, test: 0 }, maskChecks: 0 };
  if (journal.resume === null) trainer.load(mask, request.weights);
  else {
    const saved = splitByPrefix(journal.resume as Arrays);
    if (pauses.size > 0) mask = (saved.get('mask') ?? {}) as unknown as Mask;
    trainer.load(mask, saved.get('weights') ?? {}, saved.get('slots') ?? {});
    for (const [prefix, arrays] of saved) if (prefix.startsWith('snapshot.')) snapshots[Number(prefix.slice(9))] = arrays;
    const stored = structuredClone(journal.info['progress']) as Progress;
    progress = { ...stored, best: { ...stored.best, loss: stored.best.loss ?? Infinity } };
  }

  let lastAccuracy: number | null = null;
  let lastYield = performance.now();
  /** Lets others have their turn, if this has gone on for long. What a pause changes is the time, and nothing else. */
  const pause = async (): Promise<void> => {
    if (performance.now() - lastYield <= YIELD_EVERY) return;
    await setImmediate();
    lastYield = performance.now();
  };
  const measure = async (split: Split, limit?: number): Promise<Measured> => {
    const parts = trainer.evaluation(split, limit);
    let part = parts.next();
    for (; !part.done; part = parts.next()) await pause();
    await pause();
    const measured = part.value;
    if (!Number.isFinite(measured.loss)) throw diverged(progress.step, measured.loss);
    journal.measured({ ...measured, step: progress.step, split });
    return measured;
  };
  const measureTrain = (): Promise<Measured> => measure('train', request.evaluations.trainLimit ?? 10_000);
  let atEnd = { train: 0, validation: 0, test: 0 };
  const evaluate = async (): Promise<void> => {
    const { step, best } = progress;
    const last = step === total;
    const ends = last || step === from;
    const due = (interval: number): boolean => ends || step % interval === 0;
    if (due(every.train)) atEnd = { ...atEnd, train: (await measureTrain()).accuracy };
    let minimum = false;
    if (due(every.validation)) {
      checkMask(trainer, mask, step);
      progress.maskChecks++;
      const { loss, accuracy } = await measure('validation');
      lastAccuracy = accuracy;
      atEnd = { ...atEnd, validation: accuracy };
      minimum = loss < best.loss;
      if (minimum) progress.best = { step, loss, validation: accuracy, test: 0 };
    }
    if (minimum || due(every.test)) {
      const { accuracy } = await measure('test');
      atEnd = { ...atEnd, test: accuracy };
      if (minimum) progress.best.test = accuracy;
    }
    if (wanted.has(step)) snapshots[step] = copyArrays(trainer.state().weights);
  };

  if (journal.resume === null) await evaluate();
  const started = { at: performance.now(), step: progress.step };
  let lastReport = started.at;
  while (progress.step < total) {
    const { step } = progress;
    const until = nextStop(step, total, [every.validation, every.test, every.train], [wanted, pauses]);
    const size = Math.min(trainer.stepsPerCall, until - step);
    const updates = Array.from({ length: size }, (_, k) => updateAt(step + k));
    const losses = trainer.update(updates);
    const bad = losses.findIndex((loss) => !Number.isFinite(loss));
    if (bad >= 0) throw diverged(step + bad, losses[bad] as number);
    progress.step += size;
    if (progress.step === until) await evaluate();
    if (pauses.has(progress.step)) {
      const changed = yield { ...trainer.state(), mask, step: progress.step, next: updateAt(progress.step) };
      if (changed !== undefined) {
        trainer.load(changed.mask, changed.weights, changed.slots);
        mask = changed.mask;
      }
    }
    if (journal.saveDue() && progress.step < total) {
      // JSON has no Infinity: an absent loss means that nothing was measured yet.
      journal.save(checkpointArrays(trainer, snapshots, pauses.size > 0 ? mask : {}), {
        progress: JSON.parse(JSON.stringify(progress)) as Progress,
      });
    }
    const now = performance.now();
    if (now - lastReport > REPORT_EVERY) {
      const stepsPerSecond = (1000 * (progress.step - started.step)) / (now - started.at);
      journal.progress?.({ step: progress.step, total, loss: losses[size - 1] as number, accuracy: lastAccuracy, stepsPerSecond });
      lastReport = now;
    }
    await pause();
  }
  const { best, maskChecks } = progress;
  return {
    weights: trainer.state().weights,
    mask,
    snapshots,
    summary: {
      steps: total,
      earlyStop: best.step,
      testAtEarlyStop: best.test,
      validationAtEarlyStop: best.validation,
      testAtEnd: atEnd.test,
      validationAtEnd: atEnd.validation,
      trainAtEnd: atEnd.train,
      maskChecks,
    },
  };
}

/** The next iteration at which something is measured, kept or exchanged. */
function nextStop(step: number, total: number, intervals: readonly number[], wanted: readonly ReadonlySet<number>[]): number {
  let next = total;
  for (const every of intervals) if (Number.isFinite(every)) next = Math.min(next, (Math.floor(step / every) + 1) * every);
  for (const steps of wanted) for (const stop of steps) if (stop > step) next = Math.min(next, stop);
  return next;
}

function interval(step: Step, count: (step: Step) => number): number {
  const every = count(step);
  if (every < 1) throw new UserError(`invalid evaluation interval '${step}': at least one iteration`);
  return every;
}

/** Throws unless every pruned weight is exactly 0. */
function checkMask(trainer: Trainer, mask: Mask, step: number): void {
  const { weights } = trainer.state();
  for (const [name, { values }] of Object.entries(mask)) {
    const w = (weights[name] as { values: Float32Array }).values;
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0 && w[i] !== 0)
        throw new UserError(`broken mask: '${name}' at ${i} is pruned but holds ${w[i]} after iteration ${step}`);
    }
  }
}

function diverged(step: number, loss: number): UserError {
  return new UserError(`training diverged: the loss is ${loss} at iteration ${step}; lower the learning rate or add warm-up`);
}

function checkpointArrays(trainer: Trainer, snapshots: Readonly<Record<number, Arrays>>, mask: Mask): Arrays<Values> {
  const { weights, slots } = trainer.state();
  const parts: [string, Arrays<Values>][] = [
    ['weights', weights],
    ['slots', slots],
    ['mask', mask],
  ];
  for (const [step, arrays] of Object.entries(snapshots)) parts.push([`snapshot.${step}`, arrays]);
  return Object.fromEntries(
    parts.flatMap(([prefix, arrays]) => Object.entries(arrays).map(([name, array]) => [`${prefix}:${name}`, array])),
  );
}

function splitByPrefix(arrays: Arrays): Map<string, Record<string, Arrays[string]>> {
  const groups = new Map<string, Record<string, Arrays[string]>>();
  for (const [name, array] of Object.entries(arrays)) {
    const at = name.indexOf(':');
    const group = groups.get(name.slice(0, at)) ?? {};
    group[name.slice(at + 1)] = array;
    groups.set(name.slice(0, at), group);
  }
  return groups;
}

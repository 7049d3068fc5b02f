import type { Arrays } from '../../array.js';
import { UserError } from '../../check.js';
import { density, type Mask } from '../../mask.js';
import type { Trainer, Update } from '../trainer.js';

/** Which engine trains a level, and why; plain data for the run's record. */
export interface EngineDecision {
  readonly engine: Trainer['engine'];
  /** Kept share of the level's mask, in [0, 1]. */
  readonly density: number;
  /** Shortest time of one update, by engine, in milliseconds. */
  readonly milliseconds: Readonly<Record<string, number>>;
  /** The decision as a sentence. */
  readonly reason: string;
}

export interface ChooseOptions {
  /** Rounds of each trainer, in turn. Default 3. */
  readonly rounds?: number;
  /** Length of a round in milliseconds. Default 20. */
  readonly roundLength?: number;
  /** Updates in a round at least: one alone may be lucky. Default 4. */
  readonly least?: number;
  /** How much faster a trainer must be than the first to be taken, as a share of its time. Default 0.05. */
  readonly margin?: number;
  /** The clock, in milliseconds. Default performance.now. */
  readonly now?: () => number;
}

/**
 * Picks the faster of several open trainers for a level by a short timing at the level's mask: the first, unless another is faster by
 * the margin. Trainers are measured in turn, so that a busy moment of the machine meets all of them, and the shortest round counts.
 *
 * Engines differ in the last bits. A run that is resumed or repeated must take the engine of its record, not choose again.
 * All trainers are left with changed weights: `load` before training.
 * @param trainers of one architecture, data set and batch size, the preferred one first
 */
export function chooseEngine(trainers: readonly Trainer[], mask: Mask, weights: Arrays, options: ChooseOptions = {}): EngineDecision {
  const { rounds = 3, roundLength = 20, least = 4, margin = 0.05, now = () => performance.now() } = options;
  const [first] = trainers;
  if (first === undefined) throw new UserError('missing trainers to choose from; open at least one');
  const best = trainers.map(() => Infinity);
  for (const trainer of trainers) {
    trainer.load(mask, weights);
    // The first update finds cold caches and memory that was never touched.
    trainer.update([update(trainer, 0)]);
  }
  for (let round = 0; round < rounds; round++) {
    trainers.forEach((trainer, i) => {
      const from = now();
      let steps = 0;
      do trainer.update([update(trainer, steps++)]);
      while (steps < least || now() - from < roundLength);
      best[i] = Math.min(best[i] as number, (now() - from) / steps);
    });
  }
  const fastest = best.indexOf(Math.min(...best));
  const chosen = (best[fastest] as number) < (best[0] as number) * (1 - margin) ? fastest : 0;
  const { engine } = trainers[chosen] as Trainer;
  const kept = density(mask);
  const times = trainers.map((trainer, i) => `${trainer.engine} ${(best[i] as number).toPrecision(3)} ms`).join(', ');
  return {
    engine,
    density: kept,
    milliseconds: Object.fromEntries(trainers.map((trainer, i) => [trainer.engine, best[i] as number])),
    reason: `${engine} at density ${kept.toPrecision(3)}: ${times} an update${first.fallback === undefined ? '' : ` (${first.fallback})`}`,
  };
}

/** An update that changes nothing much: what counts is its time. */
function update({ batchSize, dataset }: Trainer, step: number): Update {
  const indices = Int32Array.from({ length: batchSize }, (_, i) => (step * batchSize + i) % dataset.train.count);
  return { indices, learningRate: 1e-6, step, seed: 1 };
}

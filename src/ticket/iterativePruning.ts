/** Train, prune, rewind, repeat: how winning tickets are found. Frankle & Carbin 2019, arXiv:1803.03635. */
import type { Arrays } from '../array.js';
import type { PruneOptions } from '../prune/prune.js';
import { prune } from '../prune/prune.js';
import { childTicket } from './childTicket.js';
import type { Ticket } from './ticket.js';

/** What a level starts from after pruning: weights of the rewinding step; or the trained weights, with the whole schedule again (learning-rate rewinding) or only its end (fine-tuning). Renda et al. 2020, arXiv:2003.02389. */
export type Retrain = 'rewind' | 'learningRate' | 'fineTune';

export interface TrainedLevel {
  readonly weights: Arrays;
  /** Weights at the rewinding step, where this training passed it. */
  readonly rewindingPoint: Arrays;
}

export interface Level {
  /** Number of prunings so far. */
  readonly level: number;
  readonly ticket: Ticket;
  readonly trained: TrainedLevel;
}

export interface IterativePruningOptions {
  readonly levels: number;
  /** How each pruning goes; a function of the level that it leads to, where they differ. */
  readonly prune: PruneOptions | ((level: number) => PruneOptions);
  readonly retrain: Retrain;
}

/** The parts that the procedure is made of; what they cost and where they write is not its business. */
export interface LotteryParts {
  train(level: number, ticket: Ticket): Promise<TrainedLevel>;
  /** Scores by prunable parameter, from the trained weights and those at the rewinding point. */
  score(level: number, ticket: Ticket, trained: Arrays, rewindingPoint: Arrays): Promise<Arrays>;
}

/** Yields each level once it is trained, level 0 (dense) first. */
export async function* iterativePruning(dense: Ticket, options: IterativePruningOptions, parts: LotteryParts): AsyncGenerator<Level> {
  let ticket = dense;
  let rewindingPoint: Arrays | undefined;
  for (let level = 0; ; level++) {
    const trained = await parts.train(level, ticket);
    rewindingPoint ??= trained.rewindingPoint;
    yield { level, ticket, trained };
    if (level === options.levels) return;
    const scores = await parts.score(level, ticket, trained.weights, rewindingPoint);
    const mask = prune(ticket.mask, scores, typeof options.prune === 'function' ? options.prune(level + 1) : options.prune);
    const weights = options.retrain === 'rewind' ? rewindingPoint : trained.weights;
    ticket = childTicket(ticket, { mask, weights }, options.retrain === 'rewind' ? 'prune and rewind' : 'prune', { level: level + 1 });
  }
}

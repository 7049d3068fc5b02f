/** What a run leaves behind: its spec, its key, and rows that tables and figures are made of. */
import type { Split } from '../dataset/dataset.js';
import type { RunDecisions } from './engineDecisions.js';

/** A measurement at one step of one level. */
export interface Evaluation {
  readonly kind: 'evaluation';
  /** Number of prunings (or growth iterations) so far; 0 = the first training. */
  readonly level: number;
  /** Iterations of training within this level. */
  readonly step: number;
  readonly split: Split;
  /** Mean loss over the split. */
  readonly loss: number;
  /** Share of right answers, in [0, 1]. */
  readonly accuracy: number;
  /** `training`, or `pruned`: right after pruning, before any retraining. */
  readonly phase: 'training' | 'pruned';
  /** Kept prunable weights, where they are not those of the level's training: after a pruning. */
  readonly kept?: number;
}

/** What is known of a level once it is done. */
export interface LevelSummary {
  readonly kind: 'level';
  readonly level: number;
  /** Kept share of the prunable weights at the end of this level's training, in [0, 1]: the same throughout, unless training prunes. */
  readonly density: number;
  /** Kept prunable weights, and all of them. */
  readonly kept: number;
  readonly prunable: number;
  /**
   * Numbers that must be stored for the kernels, where these are not the kept weights: of networks in another basis the coefficients and
   * what adaptive basis vectors they use, of whole units what is left when the dead are cut out.
   */
  readonly stored?: number;
  /** All parameters of the architecture, biases and BatchNorm included. */
  readonly parameters: number;
  /** Layers with kernels on the longest path from input to output. */
  readonly depth: number;
  /** Kept share by parameter name. */
  readonly layers: Readonly<Record<string, number>>;
  /** Iterations trained. */
  readonly steps: number;
  /** The iteration of the least validation loss, determined afterwards. */
  readonly earlyStop: number;
  /** Test accuracy at the early-stop iteration and at the end, in [0, 1]. */
  readonly testAtEarlyStop: number;
  readonly testAtEnd: number;
  readonly validationAtEarlyStop: number;
  readonly validationAtEnd: number;
  readonly trainAtEnd: number;
  /** Hashes of the ticket that was trained and of its parent; null parent: it was initialised. */
  readonly ticket: string;
  readonly parent: string | null;
  /** What made the ticket of its parent. */
  readonly operator: string;
  /** With the engine `auto`: the one that trained this level. */
  readonly engine?: string;
}

/** A measurement of an experiment's own kind: what was varied and what was found, by name. See `toPoints`. */
export interface Point {
  readonly kind: 'point';
  /** What it is about, such as `subset sum`: points of one name have the same columns. */
  readonly name: string;
  readonly level: number;
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

export type Row = Evaluation | LevelSummary | Point;

/** A run as analysis reads it. */
export interface RunRecord {
  readonly key: string;
  /** What was asked for, defaults filled in: plain JSON. Has `experiment`, `replicate` and more by experiment. */
  readonly spec: Spec;
  readonly rows: readonly Row[];
  readonly status: 'done' | 'partial' | 'failed';
  /** With the engine `auto`: what was chosen, by stage. */
  readonly engines?: RunDecisions;
}

/** A spec is plain JSON; every experiment defines its own fields beside these (see `experiments`). */
export interface Spec {
  /** Which experiment: `imp`, `juvenile`, ... */
  readonly experiment: string;
  /** 1, 2, 3 ...: same spec, other randomness. All seeds derive from it and `seed`. */
  readonly replicate: number;
  readonly [option: string]: Json;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

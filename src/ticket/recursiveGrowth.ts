/**
 * Train, prune, extend, repeat, never resetting weights: the juvenile state hypothesis. Zhang 2021, arXiv:2109.03862.
 * The same loop gives the paper's baseline (reset) and the controls that it lacks (keep, at full depth or shallow).
 */
import type { Arrays } from '../array.js';
import type { Network } from '../grow/growthOperator.js';
import type { PruneOptions } from '../prune/prune.js';
import { prune } from '../prune/prune.js';
import { childTicket } from './childTicket.js';
import type { Ticket } from './ticket.js';

/** What happens to a pruned network before it trains again. */
export type Continuation =
  /** Every weight back to its start: the paper's "weight reset policy". */
  | { readonly name: 'reset' }
  /** Trained weights go on, nothing is added. */
  | { readonly name: 'keep' }
  /** Trained weights go on in a larger network. */
  | { readonly name: 'grow'; readonly grow: (network: Network, iteration: number) => Network; readonly operator: string };

export interface GrowthOptions {
  readonly iterations: number;
  readonly prune: PruneOptions;
  readonly continuation: Continuation;
}

export interface GrowthLevel {
  /** Growth iterations so far; 0 = the first training, dense. */
  readonly level: number;
  readonly ticket: Ticket;
  readonly trained: Arrays;
  /** The ticket after this level's pruning, with its trained weights. */
  readonly pruned: Ticket;
}

export interface GrowthParts {
  train(level: number, ticket: Ticket): Promise<Arrays>;
  score(level: number, ticket: Ticket, trained: Arrays): Promise<Arrays>;
}

/** Yields each iteration once it is trained and pruned. */
export async function* recursiveGrowth(start: Ticket, options: GrowthOptions, parts: GrowthParts): AsyncGenerator<GrowthLevel> {
  const { continuation } = options;
  let ticket = start;
  for (let level = 0; ; level++) {
    const trained = await parts.train(level, ticket);
    const { exclude = [] } = options.prune;
    // A network without hidden layers has nothing to prune where only hidden ones are pruned.
    const isOpen = Object.keys(ticket.mask).some((name) => !exclude.includes(name));
    const mask = isOpen ? prune(ticket.mask, await parts.score(level, ticket, trained), options.prune) : ticket.mask;
    const pruned = childTicket(ticket, { mask, weights: trained }, 'prune', { level });
    yield { level, ticket, trained, pruned };
    if (level === options.iterations) return;
    if (continuation.name === 'reset') ticket = childTicket(pruned, { mask, weights: start.weights }, 'reset', { level: level + 1 });
    else if (continuation.name === 'keep') ticket = pruned;
    else ticket = childTicket(pruned, continuation.grow(pruned, level + 1), continuation.operator, { level: level + 1 });
  }
}

/** Boosting tickets: one pruning, by magnitude relative to the layer, of a network trained at a small rate. Li et al. 2020, arXiv:2003.05733. */
import { type Arrays, pick } from '../array.js';
import { prune } from '../prune/prune.js';
import { stream } from '../random.js';
import { layerNormalisedMagnitude } from '../score/layerNormalisedMagnitude.js';
import { childTicket } from './childTicket.js';
import type { Ticket } from './ticket.js';

/**
 * The ticket of a trained network, back at its start: all layers are ranked together by |w| / mean |w| of the layer, as in the
 * authors' code, which calls it important. With the dense network trained at a small learning rate this is a boosting ticket; at
 * the usual one a winning ticket.
 * @param start the dense network before training
 * @param trained its weights afterwards
 * @param sparsity pruned share of all prunable weights
 */
export function oneShot(start: Ticket, trained: Arrays, sparsity: number): Ticket {
  const weights = pick(trained, Object.keys(start.mask));
  const scores = layerNormalisedMagnitude.score({
    weights,
    initial: pick(start.weights, Object.keys(start.mask)),
    mask: start.mask,
    random: stream(0, 'none'),
  });
  const mask = prune(start.mask, scores as Arrays, { amount: { sparsity }, scope: 'global' });
  return childTicket(start, { mask, weights: start.weights }, 'prune and rewind', { sparsity });
}

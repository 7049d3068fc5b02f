/** One ticket stretched or squeezed into a network of another depth. Chen et al. 2021, The elastic lottery ticket hypothesis (NeurIPS). */
import { type Arrays, mapEach } from '../../array.js';
import type { Mask } from '../../mask.js';
import type { Architecture } from '../../model/architecture.js';
import { permutation, type Random } from '../../random.js';
import { childTicket } from '../childTicket.js';
import type { Ticket } from '../ticket.js';
import { carryArrays } from './carryArrays.js';
import { type ElasticMapping, printMapping } from './mapping.js';
import { type ParameterSource, parameterSources } from './parameterSources.js';
import { resolveMapping } from './resolveMapping.js';

export interface TransferOptions {
  /** Every parameter and statistic of the source at the rewinding point, unmasked. Default: the ticket's weights. */
  readonly weights?: Arrays;
  /**
   * Control: the masks of replicas (of all blocks copied more than once, the second copy on) are put in random order, each parameter by
   * itself; the weights stay. It needs unmasked `weights`, or the places that the permuted masks keep hold zeros.
   */
  readonly permuteCopies?: Random;
}

/**
 * The ticket of the target: masks, weights, BatchNorm and its running statistics of each block are those of the block that the mapping
 * names; input and output layers are taken over. Nothing is pruned again or scaled, so the sparsity drifts a little with the sparsities
 * of the blocks that are copied or dropped. Copies share no memory: they are trained apart.
 * @param target of the same family as the ticket's architecture
 * @throws UserError if any block or parameter of the target is left without a source, or has another shape than it
 */
export function elasticTransfer(ticket: Ticket, target: Architecture, mapping: ElasticMapping, options: TransferOptions = {}): Ticket {
  const sources = parameterSources(ticket.architecture, target, mapping);
  const weights = carryArrays(options.weights ?? ticket.weights, sources);
  const carried = carryArrays(ticket.mask, pickPrunable(sources, ticket.mask));
  const random = options.permuteCopies;
  const mask: Mask =
    random === undefined ? carried : mapEach(carried, (array, name) => (sources[name]?.copy === 0 ? array : permuted(array, random)));
  return childTicket(
    ticket,
    { architecture: target, mask, weights },
    random === undefined ? 'elastic transfer' : 'elastic transfer, copies permuted',
    {
      from: ticket.architecture.name,
      mapping: printMapping(resolveMapping(ticket.architecture, target, mapping)),
    },
  );
}

function pickPrunable(sources: Readonly<Record<string, ParameterSource>>, mask: Mask): Record<string, ParameterSource> {
  return Object.fromEntries(Object.entries(sources).filter(([, { name }]) => Object.hasOwn(mask, name)));
}

function permuted({ shape, values }: Mask[string], random: Random): Mask[string] {
  const order = permutation(values.length, random);
  return { shape, values: values.map((_, i) => values[order[i] as number] as number) };
}

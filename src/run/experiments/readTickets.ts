/** The tickets of a finished run of iterative pruning, as another run starts from them. */
import { type Arrays, pick } from '../../array.js';
import { mismatched } from '../../check.js';
import type { Dataset } from '../../dataset/dataset.js';
import type { Architecture } from '../../model/architecture.js';
import { deriveSeed } from '../../random.js';
import { iterations } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { denseTicket } from '../../ticket/denseTicket.js';
import type { Ticket } from '../../ticket/ticket.js';
import { ticketHash } from '../../ticket/ticketHash.js';
import { NotNow } from '../exitCode.js';
import { readRecord, readStage } from '../readRecord.js';
import { runKey } from '../runKey.js';
import { findRun, type Store } from '../store.js';
import { type ImpSpec, impDefaults } from './imp.js';
import { unpack } from './trainStage.js';
import { stageName } from './stageName.js';

export interface FoundTickets {
  /** Every parameter and statistic of the dense network at the rewinding step. */
  readonly rewindingPoint: Arrays;
  /** The ticket of a level, with its whole lineage: it has the hash that the run recorded. */
  ticket(level: number): Ticket;
  /** The weights at the end of a level's training. */
  trained(level: number): Arrays;
}

/**
 * Opens the tickets of a run with rewinding.
 * @param wanting the arm that needs them, for the message
 * @throws NotNow if the run is not there; UserError if a ticket is not the one that the run recorded
 */
export function readTickets(store: Store, spec: ImpSpec, network: Architecture, dataset: Dataset, wanting: string): FoundTickets {
  const key = runKey(spec, impDefaults);
  const folder = findRun(store, key);
  if (folder === undefined) throw new NotNow(`missing parent run '${key}': the arm '${wanting}' starts from its tickets; run it first`);
  const seed = deriveSeed(spec.seed, 'replicate', spec.replicate);
  const dense = denseTicket(network, deriveSeed(seed, 'init'), spec.initialiser);
  const level = (number: number) => unpack(readStage(folder, stageName('level', number)).arrays);
  const rewindStep = iterations(spec.rewind, Math.floor(dataset.train.count / spec.batchSize));
  const rewindingPoint = rewindStep === 0 ? dense.weights : (level(0).snapshots[rewindStep] as Arrays);
  const chain: Ticket[] = [dense];
  const recorded = new Map(readRecord(folder).rows.flatMap((row) => (row.kind === 'level' ? [[row.level, row.ticket]] : [])));
  return {
    rewindingPoint,
    trained: (number) => level(number).weights,
    ticket(number) {
      for (let next = chain.length; next <= number; next++) {
        const parent = chain[next - 1] as Ticket;
        const mask = pick(level(next).mask, Object.keys(dense.mask));
        chain.push(childTicket(parent, { mask, weights: rewindingPoint }, 'prune and rewind', { level: next }));
      }
      const ticket = chain[number] as Ticket;
      const hash = ticketHash(ticket);
      if (hash !== recorded.get(number))
        throw mismatched(
          `ticket of level ${number} of '${key}'`,
          String(recorded.get(number)),
          hash,
          'its masks or weights are not what was recorded; make the run again',
        );
      return ticket;
    },
  };
}

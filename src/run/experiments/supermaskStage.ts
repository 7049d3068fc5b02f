/** The search for one supermask as stages of a run: scores are trained, weights are certified not to have changed a bit. */
import { type Arrays, firstDifference, get, pick } from '../../array.js';
import { UserError } from '../../check.js';
import { density, densityByName, kept, type Mask, maskable } from '../../mask.js';
import { depth, parameterCount, parameters, prunable } from '../../model/shapes.js';
import { keepTop } from '../../prune/keepTop.js';
import type { Step } from '../../step.js';
import { childTicket } from '../../ticket/childTicket.js';
import { maskOfScores } from '../../ticket/strong/maskOfScores.js';
import type { Ticket } from '../../ticket/ticket.js';
import { ticketHash } from '../../ticket/ticketHash.js';
import { scoreOf, type Supermask } from '../../train/supermask/supermask.js';
import { type Trained, train, type TrainRequest } from '../../train/train.js';
import type { Trainer } from '../../train/trainer.js';
import type { ProgressEvent, RunContext } from '../openRun.js';
import type { StageContext } from '../stage.js';
import { pack, unpack } from './trainStage.js';
import { stageJournal } from './stageJournal.js';

export interface SupermaskStage {
  /** Stages are `NAME` or, of a search that freezes scores between, `NAME-part-1`, ... */
  readonly name: string;
  readonly level: number;
  readonly supermask: Supermask;
  /** The random network. */
  readonly start: Ticket;
  /** By kernel name. */
  readonly scores: Arrays;
  /** Kept share asked for. */
  readonly density: number;
  readonly request: Omit<TrainRequest, 'mask' | 'weights' | 'from' | 'until' | 'seed'>;
  /** Where the search pauses to freeze the lowest scores for good, and what share of the scores is alive after each pause. */
  readonly pauses: readonly { readonly at: Step; readonly alive: number }[];
  /** A seed for each part. */
  readonly seed: (part: number) => number;
  readonly progress?: ProgressEvent;
}

/** Runs the search, or reads its result: the ticket of the chosen weights, as they count in the forward pass. */
export async function supermaskStage(context: RunContext, open: () => Promise<Trainer>, stage: SupermaskStage): Promise<Ticket> {
  const { start, supermask, pauses } = stage;
  const names = prunable(start.architecture).map((p) => p.name);
  let held: Arrays = { ...start.weights, ...Object.fromEntries(names.map((name) => [scoreOf(name), get(stage.scores, name)])) };
  const scoreNames = names.map(scoreOf);
  let alive: Mask = supermask.freezes ? everything(pick(held, scoreNames)) : {};
  let ticket = start;
  for (let part = 0; part <= pauses.length; part++) {
    const last = part === pauses.length;
    if (part > 0) alive = frozenBelow(alive, held, pauses[part - 1]?.alive as number);
    const { arrays } = await context.stage(pauses.length === 0 ? stage.name : `${stage.name}-part-${part + 1}`, async (inside) => {
      const from = part === 0 ? '0it' : (pauses[part - 1]?.at as Step);
      const request = {
        ...stage.request,
        from,
        seed: stage.seed(part),
        mask: alive,
        weights: held,
        ...(!last && { until: pauses[part]?.at as Step }),
      };
      const trained = await trainInside(context, inside, await open(), stage, request);
      const mask = maskOfScores(supermask, trained.weights, names, stage.density);
      const found = effectiveTicket(stage, mask, trained.weights);
      if (last) finish(inside, stage, trained, found);
      return { arrays: pack(found.weights, { 0: trained.weights }, mask), info: {} };
    });
    const result = unpack(arrays);
    held = result.snapshots[0] as Arrays;
    ticket = effectiveTicket(stage, result.mask, held);
  }
  return ticket;
}

async function trainInside(
  context: RunContext,
  inside: StageContext,
  trainer: Trainer,
  stage: SupermaskStage,
  request: TrainRequest,
): Promise<Trained> {
  const { start } = stage;
  if (trainer.fallback !== undefined) context.notice(`training runs on the engine '${trainer.engine}': ${trainer.fallback}`);
  const trained = await train(trainer, request, stageJournal(context, inside, stage));
  // Running statistics follow the batches; everything else is as it was drawn.
  const frozen = parameters(start.architecture)
    .filter((p) => p.trainable)
    .map((p) => p.name);
  const changed = firstDifference(pick(start.weights, frozen), pick(trained.weights, frozen));
  if (changed !== undefined) throw new UserError(`frozen weights of '${changed}' have changed; this is a bug, please report it`);
  return trained;
}

/** The chosen weights, as they count, with the running statistics of the search. */
function effectiveTicket({ start, supermask, density: asked }: SupermaskStage, mask: Mask, held: Arrays): Ticket {
  const weights = Object.fromEntries(
    Object.entries(start.weights).map(([name, array]) => {
      const chosen = Object.hasOwn(mask, name) ? supermask.effective(array.values, get(mask, name).values) : get(held, name).values;
      return [name, { shape: array.shape, values: chosen }];
    }),
  );
  return childTicket(start, { mask, weights }, 'supermask', { density: asked });
}

function finish(inside: StageContext, { level, start }: SupermaskStage, { summary }: Trained, { mask, weights }: Ticket): void {
  const { maskChecks: _, ...measured } = summary;
  const child = { ...start, mask, weights, origin: { parent: ticketHash(start), operator: 'supermask', options: {} } };
  inside.certificate({
    ...{ level, kept: kept(mask), prunable: maskable(mask) },
    checks: { 'frozen weights': `${parameters(start.architecture).filter((p) => p.trainable).length} parameters unchanged, bit by bit` },
  });
  inside.row({
    ...{ kind: 'level', level, density: density(mask), kept: kept(mask), prunable: maskable(mask) },
    ...{ parameters: parameterCount(start.architecture), depth: depth(start.architecture), layers: densityByName(mask) },
    ...measured,
    ...{ ticket: ticketHash(child), parent: child.origin.parent, operator: child.origin.operator },
  });
}

const everything = (scores: Arrays): Mask =>
  Object.fromEntries(
    Object.entries(scores).map(([name, { shape, values }]) => [name, { shape, values: new Uint8Array(values.length).fill(1) }]),
  );

/** Of the scores that are alive in all layers together, the lowest are frozen, so that `share` of all scores stay alive. */
function frozenBelow(alive: Mask, held: Arrays, share: number): Mask {
  const names = Object.keys(alive);
  const total = maskable(alive);
  const ranked = new Float32Array(total);
  let at = 0;
  for (const name of names) {
    const [scores, on] = [get(held, name).values, get(alive, name).values];
    for (let i = 0; i < scores.length; i++) ranked[at++] = on[i] === 1 ? (scores[i] as number) : -1;
  }
  const keeps = keepTop(ranked, Math.min(kept(alive), Math.round(share * total)));
  at = 0;
  return Object.fromEntries(
    names.map((name) => {
      const { shape, values } = get(alive, name);
      at += values.length;
      return [name, { shape, values: keeps.slice(at - values.length, at) }];
    }),
  );
}
